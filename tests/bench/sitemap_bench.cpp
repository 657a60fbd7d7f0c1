// A urlset of the protocol's largest number of URLs: SitemapReader beside libxml2's SAX push parser
// alone, which reads the same bytes in the same blocks and keeps nothing; rounds are interleaved.

#include "core/web/feeds/sitemap.hpp"
#include "core/web/xml/xml_reader.hpp"
#include "core/web/xml/xml_repair.hpp"

#include <fmt/format.h>
#include <libxml/parser.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace trawl::web;

constexpr int urls = 50'000;
constexpr int rounds = 7;
constexpr std::size_t block = 64 * 1024;

std::string sitemap() {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  for (int i = 0; i < urls; ++i)
    text += fmt::format(
        "  <url>\n    <loc>https://www.example.org/section-{}/an-article-of-some-length-{}?a=1&amp;"
        "b={}</loc>\n    <lastmod>2024-{:02}-{:02}T12:00:00+00:00</lastmod>\n"
        "    <changefreq>weekly</changefreq>\n    <priority>0.{}</priority>\n  </url>\n",
        i % 97, i, i % 7, i % 12 + 1, i % 28 + 1, i % 10);
  return text + "</urlset>\n";
}

template <class Feed>
void in_blocks(std::string_view text, const Feed& feed) {
  for (; !text.empty(); text.remove_prefix(std::min(block, text.size())))
    feed(text.substr(0, block));
}

std::size_t by_libxml2(const std::string& text) {
  std::size_t found = 0;
  xmlSAXHandler events{};
  events.initialized = XML_SAX2_MAGIC;
  events.startElementNs = [](void* data, const xmlChar* name, const xmlChar*, const xmlChar*, int,
                             const xmlChar**, int, int, const xmlChar**) {
    if (std::strcmp(reinterpret_cast<const char*>(name), "loc") == 0)
      ++*static_cast<std::size_t*>(data);
  };
  events.characters = [](void*, const xmlChar*, int) {};
  xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&events, &found, nullptr, 0, nullptr);
  in_blocks(text, [&](std::string_view bytes) {
    xmlParseChunk(parser, bytes.data(), static_cast<int>(bytes.size()), 0);
  });
  xmlParseChunk(parser, nullptr, 0, 1);
  xmlFreeParserCtxt(parser);
  return found;
}

std::size_t by_repair(const std::string& text) {
  XmlRepair repair;
  std::string out;
  std::size_t bytes_out = 0;
  in_blocks(text, [&](std::string_view bytes) {
    out.clear();
    repair.feed(bytes, out);
    bytes_out += out.size();
  });
  return bytes_out;
}

class Counter : public XmlHandler {
 public:
  void on_start(XmlName name, const XmlAttributes&, std::size_t) override {
    found += name.local == "loc" ? 1 : 0;
  }
  void on_text(std::string_view) override {}
  void on_end(XmlName, std::size_t) override {}
  std::size_t found = 0;
};

std::size_t by_xml_reader(const std::string& text) {
  Counter counter;
  XmlReader reader{counter, {}};
  in_blocks(text, [&](std::string_view bytes) { reader.feed(bytes); });
  reader.finish();
  return counter.found;
}

std::size_t by_sitemap_reader(const std::string& text) {
  static const Url url = *Url::parse("https://www.example.org/sitemap.xml");
  std::size_t found = 0;
  SitemapReader reader{
      url, {}, [&found](const SitemapEntry& entry) { found += entry.lastmod_time ? 1 : 0; }};
  in_blocks(text, [&](std::string_view bytes) { reader.feed(bytes); });
  reader.finish();
  return found;
}

struct Contender {
  const char* name;
  std::function<std::size_t(const std::string&)> read;
  double best_seconds = 1e9;
  std::size_t found = 0;
};

}  // namespace

int main() {
  const std::string text = sitemap();
  std::vector<Contender> contenders;
  contenders.push_back({"libxml2 SAX push", by_libxml2});
  contenders.push_back({"XmlRepair alone", by_repair});
  contenders.push_back({"XmlReader", by_xml_reader});
  contenders.push_back({"SitemapReader", by_sitemap_reader});
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders) {
      const auto start = std::chrono::steady_clock::now();
      contender.found = contender.read(text);
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      contender.best_seconds = std::min(contender.best_seconds, spent.count());
    }
  }
  const double megabytes = static_cast<double>(text.size()) / 1e6;
  fmt::print("{} URLs, {:.1f} MB\n", urls, megabytes);
  for (const Contender& contender : contenders)
    fmt::print("{:<18} {:8.1f} MB/s {:10.0f} URLs/s {:>10} found\n", contender.name,
               megabytes / contender.best_seconds, urls / contender.best_seconds, contender.found);
  return 0;
}
