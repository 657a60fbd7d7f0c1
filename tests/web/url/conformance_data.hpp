#pragma once
// Reads the conformance data beside the tests.

#include <boost/json.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace trawl::web {

inline std::string conformance_text(const std::string& path) {
  const std::string full = std::string(TRAWL_SOURCE_DIR "/tests/conformance/") + path;
  std::ifstream file(full);
  if (!file) throw std::runtime_error("no conformance data at " + full);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline boost::json::array conformance_array(const std::string& path) {
  return boost::json::parse(conformance_text(path)).as_array();
}

inline std::string text_of(const boost::json::object& test, const char* key) {
  const boost::json::value* value = test.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace trawl::web
