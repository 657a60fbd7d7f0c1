#pragma once
// Reads the conformance data beside the tests.

#include <boost/json.hpp>

#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace trawl::web {

inline std::string conformance_text(const std::string& path) {
  const std::string full = std::string(TRAWL_SOURCE_DIR "/tests/conformance/") + path;
  std::ifstream file(full);
  if (!file) throw std::runtime_error("no conformance data at " + full);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Boost.JSON refuses escapes of lone surrogates; the URL API reads them as U+FFFD.
inline std::string without_lone_surrogates(std::string text) {
  const auto surrogate = [&text](std::size_t at, std::string_view second_digits) {
    return at + 5 < text.size() && text[at] == '\\' && text[at + 1] == 'u' && text[at + 2] == 'd' &&
           second_digits.contains(text[at + 3]);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') continue;
    const bool high = surrogate(at, "89ab");
    if (high && surrogate(at + 6, "cdef")) {
      at += 11;
    } else {
      if (high || surrogate(at, "cdef")) text.replace(at, 6, "\\ufffd");
      ++at;
    }
  }
  return text;
}

inline boost::json::array conformance_array(const std::string& path) {
  return boost::json::parse(without_lone_surrogates(conformance_text(path))).as_array();
}

inline std::string text_of(const boost::json::object& test, const char* key) {
  const boost::json::value* value = test.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace trawl::web
