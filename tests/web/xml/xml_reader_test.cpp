#include "core/web/xml/xml_reader.hpp"

#include "tests/support/cpu_time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using namespace std::string_view_literals;

// Events as text: "(name a=v|text)".
class Recorder : public XmlHandler {
 public:
  void on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) override {
    end_text();
    events += '(';
    if (!name.space.empty()) events += fmt::format("{{{}}}", name.space);
    events += name.local;
    for (std::size_t i = 0; i < attributes.size(); ++i)
      events += fmt::format(" {}={}", attributes.name(i).local, attributes.value(i));
    deepest = std::max(deepest, depth);
    if (name.local == stop_at) reader->stop();
    if (name.local == throw_at) throw std::runtime_error("thrown");
  }
  void on_text(std::string_view piece) override { text += piece; }
  void on_end(XmlName, std::size_t) override {
    end_text();
    events += ')';
  }
  void end_text() {
    if (!text.empty()) events += "|" + text;
    text.clear();
  }

  XmlReader* reader = nullptr;
  std::string events, text, stop_at, throw_at;
  std::size_t deepest = 0;
};

struct Read {
  std::string events, error;
  std::size_t deepest = 0;
};

Read read(std::string_view bytes, std::string_view charset = {}, std::size_t block = 1 << 20) {
  Recorder recorder;
  XmlReader reader{recorder, charset};
  bool more = true;
  for (; more && !bytes.empty(); bytes.remove_prefix(std::min(block, bytes.size())))
    more = reader.feed(bytes.substr(0, block));
  reader.finish();
  recorder.end_text();
  return {recorder.events, reader.error(), recorder.deepest};
}

TEST(XmlReader, ElementsAttributesAndTextComeInOrder) {
  const std::string_view document =
      "<?xml version=\"1.0\"?>\n<a x='1' y=\"a&amp;b\">t<b/>&lt;u</a>";
  for (const std::size_t block : {1UL, 3UL, 1000UL}) {
    const Read result = read(document, {}, block);
    EXPECT_EQ(result.events, "|\n(a x=1 y=a&b|t(b)|<u)");
    EXPECT_EQ(result.error, "");
  }
}

TEST(XmlReader, NamespacesAreResolvedAndUndeclaredPrefixesStandForThemselves) {
  EXPECT_EQ(read("<a xmlns='u'><p:b xmlns:p='v' p:c='1'/><q:d/></a>").events,
            "({u}a({v}b c=1)({q}d))");
  EXPECT_EQ(read("<q:d/>").error, "");
  // One that is too long to be of use.
  EXPECT_EQ(read("<p:a xmlns:p='" + std::string(5000, 'u') + "'/>").events, "({p}a)");
}

TEST(XmlReader, EncodingsAreFoundOutAsRfc7303Says) {
  EXPECT_EQ(read("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xFC</a>").events, "(a|ü)");
  EXPECT_EQ(read("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC3\xBC</a>", "utf-8").events,
            "(a|ü)");
  EXPECT_EQ(read("\xEF\xBB\xBF<a>\xC3\xBC</a>", "latin1").events, "(a|ü)");
  EXPECT_EQ(read("\xFF\xFE<\0a\0/\0>\0"sv).events, "(a)");
  EXPECT_EQ(read("\0<\0a\0/\0>"sv).events, "(a)");
  EXPECT_EQ(read("<a>\xFF</a>").events, "(a|\uFFFD)");
}

TEST(XmlReader, DamageIsPassedOverAndNamedWithItsLine) {
  const Read mismatch = read("<a>\n<b>1</c></b>\n<b>2</b></a>");
  EXPECT_EQ(mismatch.events, "(a|\n(b|1)|\n(b|2))");
  EXPECT_TRUE(mismatch.error.starts_with("line 2: ")) << mismatch.error;
  EXPECT_EQ(read("<a>\n\n1 & 2</a>").error, "line 3: '&' that begins no predefined entity");
  EXPECT_EQ(read("<a>1</a>").error, "");
  EXPECT_EQ(read("<a><b>1</b>").error, "the document ends before its elements do");
  EXPECT_EQ(read("junk<a/><b/>").events, "|junk(a)(b)");
}

// What a parser in recovery mode makes of these depends on where its input was cut.
TEST(XmlReader, DamagedTagsAreReadAlikeHoweverTheyCome) {
  for (const std::size_t block : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
    EXPECT_EQ(read("<r><coe=\"/b/\"</item>\n<b>1</b></r>", {}, block).events, "(r(coe|\n(b|1)))");
    EXPECT_EQ(read("<r><b c=1 d e='2'>1</b></r>", {}, block).events, "(r(b e=2|1))");
    EXPECT_EQ(read("<r a='\xEF\xBF\xBE' b='\xEF\xBF\x80'>\xEF\xBF\xBF</r>", {}, block).events,
              "(r a=\uFFFD b=\uFFC0|\uFFFD)");
  }
}

// What XmlRepair leaves and XML forbids; the padding is longer than what libxml2 gets at once.
TEST(XmlReader, ForbiddenThingsAreReadAlikeHoweverTheyCome) {
  const std::string padding = "<p>" + std::string(20'000, 'x') + "</p>";
  const std::string_view forbidden[] = {
      "<b a='1' a='2'>1</b>",
      "<b xmlns:p='u' xmlns:p='v' p:a='1'>1</b>",
      "<b xmlns:p='' p:a='1'><p:c/>1</b>",
      "<b xmlns:xml='u'>1</b>",
      "<b xmlns='http://www.w3.org/2000/xmlns/'>1</b>",
      "<b a='&#0;1'>&#0;2</b>",
      "<b a='&#xD800;1'>&#xFFFE;2</b>",
      "<b a='&#x1;1'>&#99999999;2</b>",
      "<b a=']]>1'>2]]>3</b>",
      "<b a='1'>\xF4\x90\x80\x80 2</b>",
      "<b xml:space='x' xml:lang=''>1</b>",
      "<xmlns:b/><b xmlns:='u'/><xml:b/>",
  };
  for (const std::string_view part : forbidden) {
    const std::string text = fmt::format("<r>{0}{1}<c>{0}</c>{1}{0}</r>", part, padding);
    const std::string whole = read(text).events;
    for (const std::size_t block : {1UL, 7UL, 1000UL})
      EXPECT_EQ(read(text, {}, block).events, whole) << part << " in blocks of " << block;
  }
}

// docs/faults.md row 53.
TEST(XmlReader, EntitiesAreNeverExpanded) {
  std::string laughs = "<!DOCTYPE a [<!ENTITY l0 \"lol\">";
  for (int i = 1; i < 30; ++i)
    laughs += fmt::format("<!ENTITY l{} \"&l{};&l{};&l{};\">", i, i - 1, i - 1, i - 1);
  laughs += "]><a>&l29;</a>";
  const Read result = read(laughs);
  EXPECT_EQ(result.events, "(a|&l29;)");
  EXPECT_NE(result.error, "");
}

// docs/faults.md row 53.
TEST(XmlReader, NothingOutsideOfTheDocumentIsRead) {
  EXPECT_EQ(read("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">"
                 "<!ENTITY % y SYSTEM \"file:///etc/passwd\"> %y;]><a b='&x;'>&x;</a>")
                .events,
            "(a b=&x;|&x;)");
  EXPECT_EQ(read("<a xmlns:xi='http://www.w3.org/2001/XInclude'>"
                 "<xi:include href='file:///etc/passwd' parse='text'/></a>")
                .events,
            "(a({http://www.w3.org/2001/XInclude}include href=file:///etc/passwd parse=text))");
}

TEST(XmlReader, NestingIsBounded) {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  const Read result = read(deep);
  EXPECT_LT(result.deepest, 300u);
  EXPECT_NE(result.error, "");
}

// Stopping frees nothing that the event still refers to.
TEST(XmlReader, AttributesStandUntilTheEndOfTheEventThatStops) {
  struct Stopper : XmlHandler {
    void on_start(XmlName, const XmlAttributes& attributes, std::size_t) override {
      reader->stop();
      value = attributes.find("href").value_or("");
    }
    void on_text(std::string_view) override {}
    void on_end(XmlName, std::size_t) override {}
    XmlReader* reader = nullptr;
    std::string value;
  } stopper;
  XmlReader reader{stopper, {}};
  stopper.reader = &reader;
  const std::string href(60'000, 'x');
  reader.feed("<a href='" + href + "'/>" + std::string(2000, ' '));
  reader.finish();
  EXPECT_EQ(stopper.value, href);
}

TEST(XmlReader, ManyReferencesInValuesTakeLinearTime) {
  std::string value, attributes, wanted;
  for (int i = 0; i < 13'000; ++i) value += "&amp;";
  for (int i = 0; i < 100; ++i) {
    attributes += fmt::format(" a{}='{}'", i, value);
    wanted += fmt::format(" a{}={}", i, std::string(13'000, '&'));
  }
  Recorder recorder;
  XmlReader reader{recorder, {}};
  const double seconds = support::cpu_seconds_of([&] {
    reader.feed("<a" + attributes + "/>");
    reader.finish();
  });
  EXPECT_LT(seconds, 20);
  EXPECT_EQ(recorder.events, "(a" + wanted + ")");
}

double seconds_to_read(std::string_view document) {
  struct : XmlHandler {
    void on_start(XmlName, const XmlAttributes&, std::size_t) override {}
    void on_text(std::string_view) override {}
    void on_end(XmlName, std::size_t) override {}
  } nobody;
  XmlReader reader{nobody, {}};
  return support::cpu_seconds_of([&] {
    reader.feed(document);
    reader.finish();
  });
}

// Each '>' could be the end of the tag, at which it would be read once more.
TEST(XmlReader, EndsOfTagsInValuesCostNoMoreThanOtherCharacters) {
  const auto tag = [](char c) {
    std::string text = "<a";
    for (int i = 0; i < 140; ++i) {
      text += fmt::format(" a{}='", i);
      for (int j = 0; j < 15; ++j) text += std::string(3999, 'x') + c;
      text += '\'';
    }
    return text + "/>";
  };
  EXPECT_LT(seconds_to_read(tag('>')), 10 * seconds_to_read(tag('x')) + 0.1);
}

// Each element has the name of its name space looked at.
TEST(XmlReader, AnElementCostsTheSameHoweverLongItsNameSpaceIs) {
  const auto document = [](std::size_t bytes) {
    std::string text = "<a xmlns='" + std::string(bytes, 'u') + "'>";
    for (int i = 0; i < 50'000; ++i) text += "<b/>";
    return text + "</a>";
  };
  EXPECT_LT(seconds_to_read(document(2'000'000)), 10 * seconds_to_read(document(1000)) + 0.1);
}

TEST(XmlReader, ManyAttributesAndNameSpacesTakeLinearTime) {
  std::string attributes, deep, declared;
  for (int i = 0; i < 200'000; ++i) attributes += fmt::format(" a{}='1'", i);
  for (int i = 0; i < 250; ++i) {
    deep += "<d";
    for (int j = 0; j < 250; ++j) deep += fmt::format(" xmlns:n{}='u'", 250 * i + j);
    deep += '>';
  }
  for (int i = 0; i < 100'000; ++i) declared += "<p:q/>";
  Recorder recorder;
  XmlReader reader{recorder, {}};
  const double seconds = support::cpu_seconds_of([&] {
    reader.feed("<a" + attributes + ">" + deep + declared);
    reader.finish();
  });
  EXPECT_LT(seconds, 10);
}

TEST(XmlReader, AHandlerCanStopAndThrow) {
  const std::string padding(20'000, ' ');
  Recorder recorder;
  XmlReader reader{recorder, {}};
  recorder.reader = &reader;
  recorder.stop_at = "b";
  EXPECT_FALSE(reader.feed("<a><b/><c/>" + padding));
  reader.finish();
  EXPECT_EQ(recorder.events, "(a(b");
  Recorder thrower;
  thrower.throw_at = "b";
  XmlReader second{thrower, {}};
  EXPECT_THROW(second.feed("<a><b/><c/>" + padding), std::runtime_error);
  EXPECT_FALSE(second.feed("<d/>"));
}

}  // namespace
}  // namespace trawl::web
