// The guard in front of toml++ has to see the keys that toml++ sees.
#include "config/document.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>

namespace trawl::config {
namespace {

using testing::HasSubstr;

const std::string long_key = "b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b";

std::string refusal_of(std::string_view text) {
  const auto document = parse_document(text, "docs.toml");
  return document ? "" : document.error().message;
}

int depth_of(const toml::node& node) {
  int deepest = 0;
  if (const toml::table* table = node.as_table())
    for (const auto& [key, value] : *table) deepest = std::max(deepest, depth_of(value));
  if (const toml::array* array = node.as_array())
    for (const toml::node& value : *array) deepest = std::max(deepest, depth_of(value));
  return deepest + 1;
}

// Texts in which a long key is a key, or else is in a string or a comment.
class Documents {
 public:
  std::string next() {
    std::string text;
    for (int number = 0, count = pick(1, 4); number < count; ++number) text += line(number);
    return text;
  }

 private:
  int pick(int from, int to) { return std::uniform_int_distribution{from, to}(random_); }
  template <std::size_t size>
  std::string_view one_of(const std::array<std::string_view, size>& parts) {
    return parts[static_cast<std::size_t>(pick(0, size - 1))];
  }

  std::string key() { return pick(0, 5) == 0 ? long_key : fmt::format("k{}", ++keys_); }

  std::string line(int number) {
    switch (pick(0, 4)) {
      case 0:
        return fmt::format("# {}{}\n", one_of(scraps_), long_key);
      case 1:
        return fmt::format("[{} . \"t.{}\"]\n", pick(0, 5) == 0 ? long_key : "t", ++keys_);
      case 2:
        return fmt::format("v{} = {{ x = {}, {} = {} }} # {}\n", ++keys_, value(), key(), value(),
                           one_of(scraps_));
      case 3:
        return fmt::format("l{} = [{}, # {}\n {}, {{ {} = {} }}]\n", ++keys_, value(),
                           one_of(scraps_), value(), key(), value());
      default:
        return fmt::format("{} = {}\n", number == 0 ? key() : fmt::format("k{}", ++keys_), value());
    }
  }

  std::string value() {
    switch (pick(0, 5)) {
      case 0:
        return "1979-05-27 07:32:00.5";
      case 1:
        return fmt::format("\"{}{}\"", one_of(escapes_), pick(0, 1) == 0 ? long_key : "");
      case 2:
        return fmt::format("'{}'", pick(0, 1) == 0 ? long_key : "#\\");
      default:
        return multi_line(pick(0, 1) == 0 ? '"' : '\'');
    }
  }

  std::string multi_line(char quote) {
    std::string text(3, quote);
    for (int parts = pick(0, 4); parts > 0; --parts) {
      text += std::string(static_cast<std::size_t>(pick(0, 2)), quote);
      text += quote == '"' ? one_of(escapes_) : one_of(scraps_);
      text += pick(0, 2) == 0 ? long_key : "x\n";
    }
    return text + std::string(static_cast<std::size_t>(pick(3, 5)), quote);
  }

  static constexpr std::array<std::string_view, 6> scraps_{"", "{", "\"\"\"x", "#", "[", "\\"};
  static constexpr std::array<std::string_view, 6> escapes_{"",        "\\\"", "\\\\",
                                                            "\\u0022", "#",    "'"};
  std::mt19937 random_{20261129};
  int keys_ = 0;
};

}  // namespace

// TOML 1.0, "String": one or two quotes may stand right before the closing three.
TEST(Document, AMultiLineStringMayEndInQuotesOfItsOwn) {
  for (const char* quote : {"\"", "'"})
    for (const char* own : {"", quote, quote[0] == '"' ? "\"\"" : "''"}) {
      const std::string triple = fmt::format("{0}{0}{0}", quote);
      const std::string string = fmt::format("{}y{}{}", triple, own, triple);
      EXPECT_EQ(refusal_of(fmt::format("x = {{a = {}, b = 1}}", string)), "") << string;
      EXPECT_THAT(refusal_of(fmt::format("x = {{a = {}, {} = 1}}", string, long_key)),
                  HasSubstr("a key of more than 16 parts"))
          << string;
    }
}

TEST(Document, AKeyOfVeryManyPartsIsRefusedWhereverItStands) {
  std::string dots;
  for (int i = 0; i < 400'000; ++i) dots += "b.";
  for (const char* text :
       {"{}b = 1", "[{}b]", "[[{}b]]", "x = {{a = \"\"\"y\"\"\"\"\", {}b = 1}}",
        "x = {{a = '''y'''', {}b = 1}}", "x = [1, {{{}b = 1}}]", "x = 1 # \"\n{}b = 1"})
    EXPECT_THAT(refusal_of(fmt::format(fmt::runtime(text), dots)), HasSubstr("more than 16 parts"))
        << text;
}

// The seed is fixed: a failure is one that can be had again.
TEST(Document, TheGuardSeesTheKeysThatTheParserSees) {
  Documents documents;
  int parsed = 0, deep = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = documents.next();
    try {
      const toml::table table = toml::parse(text);
      const bool is_deep = depth_of(table) > 20;
      ++parsed;
      deep += is_deep ? 1 : 0;
      EXPECT_EQ(!refusal_of(text).empty(), is_deep) << text;
    } catch (const toml::parse_error&) {
      continue;
    }
  }
  EXPECT_GT(parsed, 5'000);
  EXPECT_GT(deep, 1'000);
}

}  // namespace trawl::config
