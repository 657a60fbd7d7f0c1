// Link extraction over the real pages of a folder, beside libxml2's SAX push parser, which reads
// the same pages in the same run; rounds are interleaved. TRAWL_BENCH_PAGES names the folder; else
// it is the one of Debian's package python3-doc.

#include "core/web/charset/content.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/links/links.hpp"
#include "core/web/links/page_reader.hpp"
#include "core/web/links/page_stream.hpp"

#include <fmt/format.h>
#include <libxml/HTMLparser.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace trawl::web;

constexpr std::size_t bytes_max = 128UL * 1024 * 1024;
constexpr int rounds = 5;

std::vector<std::string> read_pages(const std::filesystem::path& folder) {
  std::vector<std::string> pages;
  std::size_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !entry.path().extension().string().starts_with(".htm"))
      continue;
    std::ifstream file(entry.path(), std::ios::binary);
    pages.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    bytes += pages.back().size();
    if (bytes > bytes_max) break;
  }
  return pages;
}

// What libxml2 finds: every href and src, resolved by nobody.
std::size_t links_by_libxml2(const std::string& page) {
  std::size_t found = 0;
  htmlSAXHandler handler{};
  handler.startElement = [](void* context, const xmlChar*, const xmlChar** attributes) {
    for (; attributes != nullptr && *attributes != nullptr; attributes += 2) {
      const auto* name = reinterpret_cast<const char*>(*attributes);
      if (std::strcmp(name, "href") == 0 || std::strcmp(name, "src") == 0) {
        ++*static_cast<std::size_t*>(context);
      }
    }
  };
  constexpr std::size_t chunk = 16 * 1024;
  htmlParserCtxtPtr parser =
      htmlCreatePushParserCtxt(&handler, &found, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8);
  for (std::size_t at = 0; at < page.size(); at += chunk) {
    const std::size_t length = std::min(chunk, page.size() - at);
    htmlParseChunk(parser, page.data() + at, static_cast<int>(length), 0);
  }
  htmlParseChunk(parser, nullptr, 0, 1);
  htmlFreeParserCtxt(parser);
  return found;
}

struct Contender {
  const char* name;
  std::function<std::size_t(const std::string&)> links;
  double best_seconds = 1e9;
  std::size_t found = 0;
};

// The pages with the breadcrumbs and the article that a content management system puts on each.
std::vector<std::string> with_json_ld(const std::vector<std::string>& pages) {
  const std::string json_ld =
      R"(<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
      {"@type": "Article", "@id": "/docs/#article", "url": "/docs/a.html", "headline": "A title",
       "image": {"@type": "ImageObject", "url": "/i.png", "width": 800, "height": 600},
       "author": {"@type": "Person", "name": "N", "sameAs": ["https://a.example/n"]},
       "datePublished": "2026-01-01T00:00:00Z", "mainEntityOfPage": {"@id": "/docs/a.html"}},
      {"@type": "BreadcrumbList", "itemListElement": [
       {"@type": "ListItem", "position": 1, "item": {"@id": "/docs/", "name": "Docs"}},
       {"@type": "ListItem", "position": 2, "item": {"@id": "/docs/a/", "name": "A"}}]}]}</script>)";
  std::vector<std::string> described;
  for (const std::string& page : pages) described.push_back(json_ld + page);
  return described;
}

std::vector<Contender> make_contenders(const std::vector<std::string>& pages,
                                       const std::vector<std::string>& described, const Url& base) {
  std::vector<Contender> contenders;
  contenders.push_back({"tokenizer alone", [](const std::string& page) {
                          HtmlTokenizer tokenizer(page);
                          std::size_t tags = 0;
                          while (tokenizer.next_tag().kind != HtmlTokenKind::end_of_page) ++tags;
                          return tags;
                        }});
  contenders.push_back({"to_utf8", [](const std::string& page) {
                          std::string storage;
                          return to_utf8(page, "UTF-8", storage).size();
                        }});
  // What libxml2 does here: links found and decoded, and nothing made of them.
  contenders.push_back({"links found", [](const std::string& page) {
                          PageReader reader("");
                          reader.read(page, true);
                          return reader.candidates().size();
                        }});
  contenders.push_back({"extract_links", [&base](const std::string& page) {
                          return extract_links(page, base).links.size();
                        }});
  contenders.push_back({"… with JSON-LD", [&](const std::string& page) {
                          const auto place = static_cast<std::size_t>(&page - pages.data());
                          return extract_links(described[place], base).links.size();
                        }});
  contenders.push_back({"PageStream", [&base](const std::string& page) {
                          constexpr std::size_t block = 64UL * 1024;
                          PageStream stream({"text/html", "utf-8"}, "trawl");
                          for (std::size_t at = 0; at < page.size(); at += block)
                            stream.feed(std::string_view(page).substr(at, block));
                          return stream.finish(base).links.size();
                        }});
  contenders.push_back({"libxml2 SAX push", links_by_libxml2});
  return contenders;
}

}  // namespace

int main() {
  const char* named = std::getenv("TRAWL_BENCH_PAGES");
  const std::filesystem::path folder = named ? named : "/usr/share/doc/python3/html";
  if (!std::filesystem::is_directory(folder)) {
    std::fputs("set TRAWL_BENCH_PAGES to a folder of HTML pages\n", stderr);
    return 2;
  }
  const std::vector<std::string> pages = read_pages(folder);
  std::size_t bytes = 0;
  for (const std::string& page : pages) bytes += page.size();
  const Url base = *Url::parse("http://127.0.0.1:8080/docs/api/index.html");

  const std::vector<std::string> described = with_json_ld(pages);
  std::vector<Contender> contenders = make_contenders(pages, described, base);
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders) {
      contender.found = 0;
      const auto start = std::chrono::steady_clock::now();
      for (const std::string& page : pages) contender.found += contender.links(page);
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      contender.best_seconds = std::min(contender.best_seconds, spent.count());
    }
  }
  fmt::print("{} pages, {:.1f} MB\n", pages.size(), static_cast<double>(bytes) / 1e6);
  for (const Contender& contender : contenders) {
    fmt::print("{:<18} {:8.1f} MB/s {:8.1f} us/page {:>10} found\n", contender.name,
               static_cast<double>(bytes) / 1e6 / contender.best_seconds,
               contender.best_seconds * 1e6 / static_cast<double>(pages.size()), contender.found);
  }
  return 0;
}
