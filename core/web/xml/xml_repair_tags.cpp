// Start and end tags of XmlRepair. A parser in recovery mode ends a start tag at the first thing
// that is no attribute and takes the rest for text, or gives up, and which of both depends on where
// its input was cut. So it gets tags that are well-formed, but for attributes that come twice.
#include "core/web/byte_scan.hpp"
#include "core/web/xml/xml_characters.hpp"
#include "core/web/xml/xml_repair.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::web {
namespace {

using xml::begins_name;
using xml::is_control;
using xml::is_in_name;
using xml::is_space;

constexpr std::size_t name_bytes_max = 4096;
constexpr std::size_t attributes_max = 256;
constexpr std::size_t name_spaces_max = 256;  // that hold at one place
constexpr std::size_t name_space_bytes_max = 4096;
constexpr std::size_t value_bytes_max = 64 * 1024;  // nor is a longer text of a feed an address

bool declares_name_space(std::string_view attribute) {
  return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

void append_line_feeds_of(std::string_view text, std::string& out) {
  out.append(static_cast<std::size_t>(std::ranges::count(text, '\n')), '\n');
}

// The first colon parts prefix and name.
bool is_colon_within(std::string_view name, std::size_t at) {
  return name[at] == ':' && name.find(':') == at && at > 0 && at + 1 < name.size() &&
         begins_name(name[at + 1]);
}

bool is_sound(std::string_view name) {
  if (name.empty() || !begins_name(name.front())) return false;
  for (std::size_t i = 1; i < name.size(); ++i)
    if (!is_in_name(name[i]) && !is_colon_within(name, i)) return false;
  return true;
}

// '_' for what no name may have; it begins as one does.
std::string sound_name(std::string_view name) {
  std::string sound{name};
  if (is_sound(name)) return sound;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!is_in_name(name[i]) && !is_colon_within(name, i)) sound[i] = '_';
  return sound;
}

bool ends_name(char c) {
  return is_space(c) || is_control(c) || c == '/' || c == '>' || c == '<' || c == '=' || c == '"' ||
         c == '\'';
}

// To the byte, so that it is the same name whatever the blocks are.
void append_within(std::string& name, const char* at, const char* end) {
  const std::string_view more{at, static_cast<std::size_t>(end - at)};
  name.append(more.substr(0, name_bytes_max - name.size()));
}

}  // namespace

const char* XmlRepair::read_tag(const char* at, const char* end, std::string& out) {
  if (is_control(*at)) {
    note("a control character", out);
    return at + 1;
  }
  switch (tag_) {
    case Tag::name:
      return read_element_name(at, end, out);
    case Tag::attribute:
      return read_attribute_name(at, end);
    case Tag::bare: {
      const char* const stop =
          std::find_if(at, end, [](char c) { return is_space(c) || c == '>' || c == '<'; });
      if (stop != end) tag_ = Tag::between;
      return stop;
    }
    case Tag::between:
    case Tag::equals:
    case Tag::value:
      return read_between_attributes(at, out);
  }
  return end;
}

const char* XmlRepair::read_element_name(const char* at, const char* end, std::string& out) {
  const char* const stop = std::find_if(at, end, ends_name);
  append_within(name_, at, stop);
  if (stop == end || (is_control(*stop) && !is_space(*stop))) return stop;
  out.append("<").append(sound_name(name_));
  attributes_ = declared_ = 0;
  tag_ = Tag::between;
  spaced_ = false;
  return stop;
}

const char* XmlRepair::read_attribute_name(const char* at, const char* end) {
  const char* const stop = std::find_if(at, end, ends_name);
  append_within(attribute_, at, stop);
  if (stop != end && !(is_control(*stop) && !is_space(*stop))) tag_ = Tag::equals;
  return stop;
}

const char* XmlRepair::read_between_attributes(const char* at, std::string& out) {
  const char c = *at;
  if (is_space(c)) {
    if (std::exchange(slash_, false)) note("'/' within a tag", out);
    out += c;
    spaced_ = true;
    return at + 1;
  }
  if (c == '<') {
    note("a tag that is not closed", out);
    slash_ = false;
    close_start_tag(out);
    return at;
  }
  if (tag_ == Tag::equals && c == '=') {
    tag_ = Tag::value;
    return at + 1;
  }
  if (tag_ == Tag::value && (c == '"' || c == '\'')) {
    open_value(c, out);
    return at + 1;
  }
  if (tag_ == Tag::value && c != '>') {
    note("an attribute value without quotation marks", out);
    tag_ = Tag::bare;
    return at;
  }
  if (tag_ != Tag::between) note("an attribute without a value", out);
  tag_ = Tag::between;
  if (c == '>') {
    close_start_tag(out);
    return at + 1;
  }
  if (std::exchange(slash_, c == '/')) note("'/' within a tag", out);
  if (c == '/') return at + 1;
  attribute_.clear();
  if (c == '"' || c == '\'') {
    open_value(c, out);
    return at + 1;
  }
  tag_ = Tag::attribute;
  if (c != '=') return at;
  attribute_ = c;  // the name of none
  return at + 1;
}

void XmlRepair::open_value(char quote, std::string& out) {
  quote_ = quote;
  tag_ = Tag::between;
  left_out_ = !is_sound(attribute_);
  if (left_out_) return note("what is no attribute", out);
  left_out_ = is_one_too_many();
  if (left_out_) return note("more attributes than are read", out);
  if (!std::exchange(spaced_, false)) {
    note("no white space before an attribute", out);
    out += ' ';
  }
}

bool XmlRepair::is_one_too_many() {
  if (attributes_ == attributes_max) return true;
  if (declares_name_space(attribute_)) {
    if (declared_open_ + declared_ == name_spaces_max) return true;
    ++declared_;
  }
  ++attributes_;
  return false;
}

// No '>' stays: libxml2 takes each for the end of the tag, and begins the tag anew.
const char* XmlRepair::read_quoted(const char* at, const char* end, std::string& out) {
  const char* stop = at;
  while (stop != end && *stop != quote_ && *stop != '<' && *stop != '>' && *stop != '&' &&
         !is_control(*stop))
    ++stop;
  append_to_value({at, stop}, out);
  if (stop == end || (stop != at && *stop == '&')) return stop;
  if (*stop == '&') return left_out_ ? stop + 1 : read_reference(stop, end, value_, out);
  if (*stop == '>') {
    append_to_value("&gt;", out);
    return stop + 1;
  }
  if (*stop == quote_) {
    close_value(out);
    return stop + 1;
  }
  if (*stop == '<') {  // a quotation mark was forgotten: the value would swallow all that follows
    note("an attribute value that is not closed", out);
    close_value(out);
    close_start_tag(out);
    return stop;
  }
  note("a control character", out);
  return stop + 1;
}

// Nothing is written before the value is known to be short enough: half of a URL is another URL.
void XmlRepair::append_to_value(std::string_view text, std::string& out) {
  const std::size_t max = declares_name_space(attribute_) ? name_space_bytes_max : value_bytes_max;
  if (!left_out_ && value_.size() + text.size() <= max) {
    value_.append(text);
    return;
  }
  if (!left_out_) {
    const std::string begin = std::exchange(value_, {});
    left_out_ = true;
    note("an attribute value that is too long", out);
    append_line_feeds_of(begin, out);
  }
  append_line_feeds_of(text, out);
}

void XmlRepair::close_value(std::string& out) {
  if (!std::exchange(left_out_, false)) {
    out.append(attribute_).append("=");
    out += quote_;
    out.append(value_);
    out += quote_;
  }
  value_.clear();
  quote_ = 0;
}

void XmlRepair::close_start_tag(std::string& out) {
  state_ = State::text;
  out += slash_ ? "/>" : ">";
  if (std::exchange(slash_, false)) return;
  open_.push_back({name_, declared_});
  declared_open_ += declared_;
}

const char* XmlRepair::read_end_tag(const char* at, const char* end, std::string& out) {
  const char* stop = scan::find_either(at, end, '>', '<');
  take_name({at, stop});
  append_line_feeds_of({at, stop}, out);
  if (stop == end) return end;
  if (*stop == '<') note("a tag that is not closed", out);
  close_element(out);
  return *stop == '<' ? stop : stop + 1;
}

// Of an end tag, as read_element_name() takes that of a start tag.
void XmlRepair::take_name(std::string_view text) {
  for (const char c : text) {
    if (is_control(c)) continue;
    name_ended_ = name_ended_ || ends_name(c);
    if (name_ended_) return;
    if (name_.size() < name_bytes_max) name_ += c;
  }
}

void XmlRepair::close_element(std::string& out) {
  state_ = State::text;
  const auto found = std::find(open_.rbegin(), open_.rend(), name_);
  if (found != open_.rbegin()) note("an end tag without its start tag before it", out);
  if (found == open_.rend()) return;
  for (bool closed = false; !closed; open_.pop_back()) {
    closed = open_.back() == name_;
    declared_open_ -= open_.back().declared;
    out.append("</").append(sound_name(open_.back().name)).append(">");
  }
}

}  // namespace trawl::web
