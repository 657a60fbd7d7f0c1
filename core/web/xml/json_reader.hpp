#pragma once
// JsonReader: JSON (RFC 8259) that arrives in blocks, as events. Depth and the length of what is
// kept are bounded, so memory is flat for any input. Over Boost.JSON's push parser.

#include <cstddef>
#include <memory>
#include <string_view>

namespace trawl::web {

class JsonHandler {
 public:
  virtual ~JsonHandler() = default;
  virtual void on_open(bool array) = 0;
  virtual void on_close() = 0;
  // A member's name; its value comes next. Empty when it is too long to be one that matters.
  virtual void on_key(std::string_view name) = 0;
  virtual void on_string(std::string_view text) = 0;
  // A number, true, false, null, or a string longer than JsonReader::string_bytes_max.
  virtual void on_other() = 0;
};

class JsonReader {
 public:
  static constexpr std::size_t string_bytes_max = 64 * 1024;
  static constexpr std::size_t depth_max = 64;

  explicit JsonReader(JsonHandler& handler);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // UTF-8, with or without byte order mark. False once it is no JSON, or nested too deeply; what
  // comes after that is ignored. Linear.
  bool feed(std::string_view block);
  // True when all of it was one JSON text.
  bool finish();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace trawl::web
