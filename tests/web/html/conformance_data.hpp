#pragma once
// Reads files of tests/conformance.

#include <boost/json.hpp>
#include <zlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace trawl::tests {

inline std::string conformance_path(const std::string& name) {
  return std::string(TRAWL_SOURCE_DIR "/tests/conformance/") + name;
}

inline std::string read_conformance(const std::string& name) {
  std::ifstream file(conformance_path(name), std::ios::binary);
  if (!file) throw std::runtime_error("no such file: " + conformance_path(name));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::string read_conformance_gz(const std::string& name) {
  gzFile file = gzopen(conformance_path(name).c_str(), "rb");
  if (file == nullptr) throw std::runtime_error("no such file: " + conformance_path(name));
  std::string text;
  char chunk[16384];
  for (int got = 0; (got = gzread(file, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

inline boost::json::value parse_json(const std::string& text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  return boost::json::parse(text, {}, options);
}

inline std::string text_of(const boost::json::value& value) {
  return std::string(value.as_string());
}

}  // namespace trawl::tests
