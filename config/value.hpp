#pragma once
// How values are written in TOML: one codec a kind. A codec reads strictly, prints what it reads
// back to the same value, and says what it expects, so that every message has one form:
// "expected X, found Y".

#include "config/check.hpp"
#include "core/base/units.hpp"
#include "core/crawl/job/job.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::config {

struct Problem {
  std::string entry;  // "[2]" of a list, ".Accept" of a table; empty: the value itself
  toml::source_position where;
  std::string message;
};
using Problems = std::vector<Problem>;

// "5 (integer)", "\"a\" (string)": cut to one short line, passwords in URLs hidden.
std::string describe(const toml::node& node);
void mismatch(Problems& problems, const toml::node& node, std::string_view expected,
              std::string entry = {});

std::optional<std::string_view> text_of(const toml::node& node);

// Scalars: bool read(node, out), std::string expected(), std::string print(value).
struct Flag {
  bool read(const toml::node& node, bool& out) const;
  std::string expected() const { return "true or false"; }
  std::string print(bool value) const { return value ? "true" : "false"; }
};

struct Count {
  std::int64_t min = 0;
  std::int64_t max = INT64_C(1) << 53;  // as far as JSON readers follow

  template <std::integral T>
  bool read(const toml::node& node, T& out) const {
    const auto* value = node.as_integer();
    if (value == nullptr || value->get() < min || value->get() > max) return false;
    out = static_cast<T>(value->get());
    return true;
  }
  std::string expected() const;
  template <std::integral T>
  std::string print(T value) const {
    return fmt::format("{}", value);
  }
};

struct Number {
  double min = 0;
  double max = 1000;

  bool read(const toml::node& node, double& out) const;
  std::string expected() const { return fmt::format("a number from {} to {}", min, max); }
  std::string print(double value) const;
};

// The integer 0 is a duration and a size too, since it means the same in every unit.
struct Duration {
  Millis min{0};
  Millis max{Millis{std::chrono::days{365}}};

  bool read(const toml::node& node, Millis& out) const;
  std::string expected() const;
  std::string print(Millis value) const { return fmt::format("\"{}\"", format_duration(value)); }
};

struct Bytes {
  std::uint64_t min = 1;

  bool read(const toml::node& node, std::uint64_t& out) const;
  std::string expected() const;
  std::string print(std::uint64_t value) const {
    return fmt::format("\"{}\"", format_bytes(value));
  }
};

// "2MiB/s"; also without the "/s".
struct Speed {
  std::uint64_t min = 1;

  bool read(const toml::node& node, std::uint64_t& out) const;
  std::string expected() const;
  std::string print(std::uint64_t value) const {
    return fmt::format("\"{}/s\"", format_bytes(value));
  }
};

// "1KiB/s for 30s" or "off".
struct MinSpeed {
  bool read(const toml::node& node, http::Timeouts& out) const;
  std::string expected() const { return "a speed and a time like \"1KiB/s for 30s\", or \"off\""; }
  std::string print(const http::Timeouts& value) const;
};

// "1s..10m".
struct Backoff {
  bool read(const toml::node& node, crawl::FetchSpec& out) const;
  std::string expected() const;
  std::string print(const crawl::FetchSpec& value) const;
};

// A value or a word that stands for its absence: "off", "auto".
template <class Codec>
struct Or {
  std::string_view word;
  Codec codec;

  template <class T>
  bool read(const toml::node& node, std::optional<T>& out) const {
    if (text_of(node) == word) {
      out.reset();
      return true;
    }
    T value{};
    if (!codec.read(node, value)) return false;
    out = value;
    return true;
  }
  std::string expected() const { return fmt::format("{} or \"{}\"", codec.expected(), word); }
  template <class T>
  std::string print(const std::optional<T>& value) const {
    return value ? codec.print(*value) : fmt::format("\"{}\"", word);
  }
};
template <class Codec>
Or<Codec> or_off(Codec codec) {
  return {"off", codec};
}

// What is wrong with a text as "a network like …", or empty; may bring the text into normal form.
using Check = std::string (*)(std::string& text);

struct Text {
  Check check;

  void read(const toml::node& node, std::string& out, Problems& problems) const;
  std::string print(const std::string& value) const;
};

struct TextList {
  Check check;
  std::string (*shown)(std::string_view) = &hide_password;  // as others may see a text
  std::size_t entries_max = SIZE_MAX;

  void read(const toml::node& node, std::vector<std::string>& out, Problems& problems) const;
  std::string print(const std::vector<std::string>& values) const;
};

// "off", "auto", a URL or a list of URLs.
struct Sitemaps {
  Check check;  // of a URL

  void read(const toml::node& node, crawl::SitemapSpec& out, Problems& problems) const;
  std::string print(const crawl::SitemapSpec& value) const;
};

template <class E>
struct Choice {
  std::vector<std::pair<std::string_view, E>> words;
  std::vector<std::string_view> later;  // words of the format that this version can't do

  void read(const toml::node& node, E& out, Problems& problems) const {
    const auto text = text_of(node);
    for (const auto& [word, value] : words)
      if (text == word) {
        out = value;
        return;
      }
    for (const std::string_view word : later)
      if (text == word) {
        problems.push_back({{},
                            node.source().begin,
                            fmt::format("\"{}\" is known to the job file format, but not supported "
                                        "by this version; use {}",
                                        word, expected())});
        return;
      }
    mismatch(problems, node, expected());
  }
  std::string expected() const {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
      fmt::format_to(std::back_inserter(text), "{}\"{}\"",
                     i == 0                  ? ""
                     : i + 1 == words.size() ? " or "
                                             : ", ",
                     words[i].first);
    return text;
  }
  std::string print(E value) const {
    for (const auto& [word, known] : words)
      if (known == value) return fmt::format("\"{}\"", word);
    return "\"\"";
  }
};

template <class Codec, class T>
void read_value(const Codec& codec, const toml::node& node, T& out, Problems& problems) {
  if constexpr (requires { codec.read(node, out, problems); })
    codec.read(node, out, problems);
  else if (!codec.read(node, out))
    mismatch(problems, node, codec.expected());
}

}  // namespace trawl::config
