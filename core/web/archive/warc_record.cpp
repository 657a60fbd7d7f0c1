// Writing is strict (WARC 1.1, CRLF, known order); reading takes what other producers write:
// version 1.0, folded lines, <URI> in angle brackets, reduced or fractional dates.
#include "core/web/archive/warc_record.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t other_fields_bytes = 512;  // seldom more, without the URL

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Looks at each byte, because that is done for many at once.
bool has_control(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= is_control(c);
  return found;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The separators before the parts of "2026-01-31T23:59:59"; WARC 1.1 allows a date to end after any
// part (W3C note on dates), and fractions of a second.
std::optional<Wall> parse_date(std::string_view text) {
  constexpr std::string_view separators = "-T::";
  std::array<unsigned, 6> parts{0, 1, 1, 0, 0, 0};
  if (text.ends_with('Z')) text.remove_suffix(1);
  unsigned millis = 0;
  if (const auto dot = text.find('.'); dot != std::string_view::npos) {
    std::string digits(text.substr(dot + 1, 3));
    digits.resize(3, '0');
    const auto value = parse_number<unsigned>(digits);
    if (!value) return std::nullopt;
    millis = *value;
    text = text.substr(0, dot);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t width = i == 0 ? 4 : 2;
    const auto value = parse_number<unsigned>(text.substr(0, width));
    if (text.size() < width || !value) return std::nullopt;
    parts[i] = *value;
    text.remove_prefix(width);
    if (text.empty()) break;
    const char separator = i < 2 ? '-' : i < 5 ? separators[i - 1] : '\0';
    if (text.front() != separator) return std::nullopt;
    text.remove_prefix(1);
  }
  const std::chrono::year_month_day date{std::chrono::year(int(parts[0])),
                                         std::chrono::month(parts[1]), std::chrono::day(parts[2])};
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return std::nullopt;
  return Wall(std::chrono::sys_days(date)) + std::chrono::hours(parts[3]) +
         std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]) + Millis(millis);
}

Result<> set_field(WarcHeader& header, std::string_view name, std::string value, bool& has_length,
                   bool& has_date) {
  if (ascii::equals(name, "WARC-Type")) {
    header.type = std::move(value);
  } else if (ascii::equals(name, "WARC-Record-ID")) {
    header.record_id = std::move(value);
  } else if (ascii::equals(name, "WARC-Date")) {
    const auto date = parse_date(value);
    if (!date) return fail(Errc::damaged, "WARC-Date is no date");
    header.date = *date;
    has_date = true;
  } else if (ascii::equals(name, "WARC-Target-URI")) {
    // WARC 1.0's grammar had angle brackets, and some producers wrote them.
    if (value.size() > 2 && value.starts_with('<') && value.ends_with('>'))
      value = value.substr(1, value.size() - 2);
    header.target_uri = std::move(value);
  } else if (ascii::equals(name, "Content-Type")) {
    header.content_type = std::move(value);
  } else if (ascii::equals(name, "Content-Length")) {
    const auto length = parse_number<std::uint64_t>(value);
    if (!length || has_length) return fail(Errc::damaged, "Content-Length is no number");
    header.content_length = *length;
    has_length = true;
  } else {
    header.fields.emplace_back(name, std::move(value));
  }
  return {};
}

// Takes one line off text; false when there is no line end.
bool take_line(std::string_view text, std::size_t& position, std::string_view& line) {
  const auto end = text.find('\n', position);
  if (end == std::string_view::npos) return false;
  line = text.substr(position, end - position);
  if (line.ends_with('\r')) line.remove_suffix(1);
  position = end + 1;
  return true;
}

}  // namespace

std::string WarcHeader::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (ascii::equals(key, name)) return value;
  return {};
}

std::string new_record_id() {
  // One system call fills the ids of 256 records.
  thread_local std::array<unsigned char, 4096> pool;
  thread_local std::size_t used = pool.size();
  if (used == pool.size()) {
    for (std::size_t filled = 0; filled < pool.size();) {
      const ssize_t count = getrandom(pool.data() + filled, pool.size() - filled, 0);
      if (count > 0)
        filled += std::size_t(count);
      else if (errno != EINTR)
        throw Failure(Errc::internal, "the system's random source fails");
    }
    used = 0;
  }
  unsigned char* id = pool.data() + used;
  used += 16;
  id[6] = (id[6] & 0x0F) | 0x40;  // RFC 9562: version 4
  id[8] = (id[8] & 0x3F) | 0x80;  // and variant
  constexpr char digits[] = "0123456789abcdef";
  constexpr std::string_view scheme = "<urn:uuid:";
  std::string text = "<urn:uuid:00000000-0000-0000-0000-000000000000>";
  char* digit = text.data() + scheme.size();
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++digit;
    *digit++ = digits[id[i] >> 4];
    *digit++ = digits[id[i] & 15];
  }
  return text;
}

WarcHeaderText::WarcHeaderText(std::string_view type, std::string_view record_id, Wall date,
                               std::string_view target_uri) {
  text_.reserve(other_fields_bytes + target_uri.size());
  text_.append("WARC/1.1\r\n");
  add("WARC-Type", type);
  add("WARC-Record-ID", record_id);
  add("WARC-Date", format_seconds(date));
  if (!target_uri.empty()) add("WARC-Target-URI", target_uri);
}

void WarcHeaderText::add(std::string_view name, std::string_view value) {
  text_.append(name).append(": ");
  // A line end in a value would start a field of its own.
  if (!has_control(value)) {
    text_.append(value);
  } else {
    for (const char c : value)
      if (!is_control(c) || c == '\t') text_ += c;
  }
  text_.append("\r\n");
}

std::string WarcHeaderText::finish(std::string_view content_type, std::uint64_t content_length) {
  if (!content_type.empty()) add("Content-Type", content_type);
  add("Content-Length", fmt::format_int(content_length).c_str());
  text_.append("\r\n");
  return std::move(text_);
}

std::string format_warc_header(const WarcHeader& header) {
  WarcHeaderText text(header.type, header.record_id, header.date, header.target_uri);
  for (const auto& [name, value] : header.fields) text.add(name, value);
  return text.finish(header.content_type, header.content_length);
}

Result<ParsedWarcHeader> parse_warc_header(std::string_view text) {
  ParsedWarcHeader parsed;
  std::size_t position = 0;
  std::string_view line;
  if (!take_line(text, position, line) || (line != "WARC/1.1" && line != "WARC/1.0"))
    return fail(Errc::damaged, "no WARC/1.0 or WARC/1.1 record begins here");
  parsed.version = line.substr(5);

  bool has_length = false, has_date = false;
  std::string name, value;
  const auto flush = [&]() -> Result<> {
    if (name.empty()) return {};
    auto result = set_field(parsed.header, name, std::move(value), has_length, has_date);
    name.clear();
    value.clear();
    return result;
  };
  for (;;) {
    if (!take_line(text, position, line))
      return fail(Errc::damaged, "the record header is cut off");
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (folded && !name.empty()) {
      value.append(" ").append(ascii::trim(line));
      continue;
    }
    if (auto flushed = flush(); !flushed) return std::unexpected(std::move(flushed.error()));
    if (line.empty()) break;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
      return fail(Errc::damaged, "a line of the record header has no field name");
    name = ascii::trim(line.substr(0, colon));
    value = ascii::trim(line.substr(colon + 1));
    if (name.empty()) return fail(Errc::damaged, "a line of the record header has no field name");
  }
  if (parsed.header.type.empty()) return fail(Errc::damaged, "WARC-Type is missing");
  if (parsed.header.record_id.empty()) return fail(Errc::damaged, "WARC-Record-ID is missing");
  if (!has_date) return fail(Errc::damaged, "WARC-Date is missing");
  if (!has_length) return fail(Errc::damaged, "Content-Length is missing");
  parsed.block_offset = position;
  return parsed;
}

}  // namespace trawl::web
