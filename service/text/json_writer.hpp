#pragma once
// Writes JSON as text, in the order in which it is called, without building a tree. Whatever bytes
// come in, what goes out is valid JSON in valid UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

// Appends a JSON string with its quotes; malformed UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Callers keep to JSON's grammar: in an object a key before each value.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  JsonWriter& text_or_null(std::string_view value);  // null when empty
  JsonWriter& integer(std::int64_t value);
  JsonWriter& count(std::uint64_t value);
  JsonWriter& number(double value);  // the shortest form that reads back; null when not finite
  JsonWriter& boolean(bool value);
  JsonWriter& null();

 private:
  void separate();

  std::string& out_;
  std::size_t start_;
};

}  // namespace trawl::service
