// Boost.JSON's parser without its tree: strings come in parts, of which as much is kept as can
// matter. It recurses by the depth of the text, hence the bound.
#include "core/web/xml/json_reader.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstdint>
#include <string>

namespace trawl::web {
namespace {

namespace json = boost::json;

// What basic_parser calls; its names and signatures are the library's.
class Events {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  explicit Events(JsonHandler& handler) : handler_(handler) {}

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return open(false); }
  bool on_object_end(std::size_t, json::error_code&) { return close(); }
  bool on_array_begin(json::error_code&) { return open(true); }
  bool on_array_end(std::size_t, json::error_code&) { return close(); }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    handler_.on_key(cut_ ? std::string_view{} : text_);
    return clear();
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return append(part);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    cut_ ? handler_.on_other() : handler_.on_string(text_);
    return clear();
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return other(); }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return other(); }
  bool on_double(double, json::string_view, json::error_code&) { return other(); }
  bool on_bool(bool, json::error_code&) { return other(); }
  bool on_null(json::error_code&) { return other(); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool open(bool array) {
    handler_.on_open(array);
    return true;
  }
  bool close() {
    handler_.on_close();
    return true;
  }
  bool other() {
    handler_.on_other();
    return true;
  }
  bool append(json::string_view part) {
    cut_ = cut_ || text_.size() + part.size() > JsonReader::string_bytes_max;
    if (!cut_) text_.append(part.data(), part.size());
    return true;
  }
  bool clear() {
    text_.clear();
    cut_ = false;
    return true;
  }

  JsonHandler& handler_;
  std::string text_;  // of the string or name that is being read
  bool cut_ = false;
};

json::parse_options options() {
  json::parse_options options;
  options.max_depth = JsonReader::depth_max;
  options.allow_invalid_utf8 = true;  // the URL parser replaces it
  return options;
}

}  // namespace

class JsonReader::Parser {
 public:
  explicit Parser(JsonHandler& handler) : parser_(options(), handler) {}

  bool write(std::string_view block, bool more) {
    if (failed_) return false;
    if (!begun_) {
      if (!head_.empty() || block.size() < mark.size()) {
        head_.append(block);
        if (head_.size() < mark.size() && more) return true;
        block = head_;
      }
      begun_ = true;
      if (block.starts_with(mark)) block.remove_prefix(mark.size());
    }
    json::error_code error;
    const std::size_t used = parser_.write_some(more, block.data(), block.size(), error);
    failed_ = error || used < block.size();
    return !failed_;
  }

 private:
  static constexpr std::string_view mark = "\xEF\xBB\xBF";

  json::basic_parser<Events> parser_;
  std::string head_;  // until it is known whether there is a byte order mark
  bool begun_ = false;
  bool failed_ = false;
};

JsonReader::JsonReader(JsonHandler& handler) : parser_(std::make_unique<Parser>(handler)) {}
JsonReader::~JsonReader() = default;

bool JsonReader::feed(std::string_view block) {
  return parser_->write(block, true);
}

bool JsonReader::finish() {
  return parser_->write({}, false);
}

}  // namespace trawl::web
