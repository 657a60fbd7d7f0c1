// html5lib's tokenizer cases. Of a doctype only its place is compared: trawl reads none of it.

#include "core/web/ascii.hpp"
#include "core/web/html/html_entities.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/utf8.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/html/conformance_data.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace trawl::web {
namespace {

namespace json = boost::json;
using tests::text_of;

std::string with_newlines_normalised(std::string_view raw, bool keep_nul) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\r') {
      out.push_back('\n');
      if (i + 1 < raw.size() && raw[i + 1] == '\n') ++i;
    } else if (raw[i] == '\0' && !keep_nul) {
      out.append(utf8::replacement);
    } else {
      out.push_back(raw[i]);
    }
  }
  return out;
}

// In the data state NUL is kept, everywhere else it is replaced.
std::string text_as_emitted(const HtmlToken& token) {
  std::string out;
  std::string_view raw = token.text;
  switch (token.text_mode) {
    case HtmlTextMode::data:
      while (true) {
        const std::size_t nul = std::min(raw.find('\0'), raw.size());
        append_decoded(out, raw.substr(0, nul), ReferencePlace::text);
        if (nul == raw.size()) return out;
        out.push_back('\0');
        raw.remove_prefix(nul + 1);
      }
    case HtmlTextMode::rcdata:
      append_decoded(out, raw, ReferencePlace::text);
      return out;
    default:
      return with_newlines_normalised(raw, token.text_mode == HtmlTextMode::cdata);
  }
}

std::string name_as_emitted(std::string_view name) {
  return ascii::lowered(with_newlines_normalised(name, false));
}

void append_token(json::array& out, const HtmlToken& token) {
  switch (token.kind) {
    case HtmlTokenKind::text: {
      const std::string text = text_as_emitted(token);
      if (!out.empty() && out.back().as_array()[0] == "Character") {
        json::string& last = out.back().as_array()[1].as_string();
        last.append(text);
      } else {
        out.push_back({"Character", text});
      }
      break;
    }
    case HtmlTokenKind::start_tag: {
      json::object attributes;
      for (const HtmlAttribute& attribute : token.attributes) {
        std::string value;
        append_decoded(value, attribute.value, ReferencePlace::attribute);
        attributes.emplace(name_as_emitted(attribute.name), value);  // the first one counts
      }
      json::array tag{"StartTag", name_as_emitted(token.text), attributes};
      if (token.self_closing) tag.push_back(true);
      out.push_back(tag);
      break;
    }
    case HtmlTokenKind::end_tag:
      out.push_back({"EndTag", name_as_emitted(token.text)});
      break;
    case HtmlTokenKind::comment:
      out.push_back({"Comment", with_newlines_normalised(token.text, false)});
      break;
    case HtmlTokenKind::doctype:
      out.push_back(json::array{"DOCTYPE"});
      break;
    case HtmlTokenKind::end_of_page:
      break;
  }
}

HtmlTextMode mode_of(std::string_view state) {
  if (state == "RCDATA state") return HtmlTextMode::rcdata;
  if (state == "RAWTEXT state") return HtmlTextMode::rawtext;
  if (state == "Script data state") return HtmlTextMode::script;
  if (state == "PLAINTEXT state") return HtmlTextMode::plaintext;
  if (state == "CDATA section state") return HtmlTextMode::cdata;
  return HtmlTextMode::data;
}

json::array tokens_of(const std::string& input, HtmlTextMode mode, const std::string& element) {
  HtmlTokenizer tokenizer(input);
  tokenizer.set_text_mode(mode, element);
  json::array out;
  while (tokenizer.next().kind != HtmlTokenKind::end_of_page) {
    append_token(out, tokenizer.token());
  }
  return out;
}

// "doubleEscaped" cases hide \uXXXX from the JSON parser. False for a lone surrogate, which UTF-8
// can't hold.
bool unescape(std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 5 >= text.size() || text[i + 1] != 'u') {
      out.push_back(text[i]);
      continue;
    }
    const auto unit = static_cast<char32_t>(std::stoul(text.substr(i + 2, 4), nullptr, 16));
    if (unit >= 0xD800 && unit <= 0xDFFF) return false;
    utf8::append(out, unit);
    i += 5;
  }
  text = out;
  return true;
}

json::array expected_of(const json::array& output, bool double_escaped) {
  json::array expected;
  for (const json::value& token : output) {
    json::array copy = token.as_array();
    if (copy[0] == "DOCTYPE") {
      copy = json::array{"DOCTYPE"};
    } else if (double_escaped) {
      std::string text = text_of(copy[1]);
      unescape(text);
      copy[1] = text;
    }
    expected.push_back(copy);
  }
  return expected;
}

void run(support::ConformanceSuite& suite, const json::object& test) {
  const bool double_escaped = test.contains("doubleEscaped");
  std::string input = text_of(test.at("input"));
  if (double_escaped && !unescape(input)) return;
  const json::array expected = expected_of(test.at("output").as_array(), double_escaped);
  const std::string element =
      test.contains("lastStartTag") ? text_of(test.at("lastStartTag")) : std::string();
  json::array states{"Data state"};
  if (test.contains("initialStates")) states = test.at("initialStates").as_array();
  for (const json::value& state : states) {
    const json::array tokens = tokens_of(input, mode_of(text_of(state)), element);
    suite.expect(json::serialize(tokens) == json::serialize(expected),
                 text_of(state) + " " + json::serialize(test));
  }
}

TEST(TokenizerConformance, TokensAreThoseOfTheStandard) {
  support::ConformanceSuite suite{"HTML: tokenizer, html5lib", "html5lib/tokenizer/*.test"};
  for (const char* name :
       {"contentModelFlags.test", "domjs.test", "entities.test", "escapeFlag.test",
        "namedEntities.test", "numericEntities.test", "pendingSpecChanges.test", "test1.test",
        "test2.test", "test3.test", "test4.test", "unicodeChars.test"}) {
    const json::value file =
        tests::parse_json(tests::read_conformance(std::string("html5lib/tokenizer/") + name));
    for (const json::value& row : file.at("tests").as_array()) run(suite, row.as_object());
  }
  EXPECT_EQ(suite.cases(), 3'529U);
}

}  // namespace
}  // namespace trawl::web
