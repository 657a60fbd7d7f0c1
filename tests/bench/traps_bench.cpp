// What the watch over traps costs for each page: the URL's shape, the page's words, and the
// judgement, over the real pages of a folder. TRAWL_BENCH_PAGES names it; else it is that of
// Debian's package python3-doc. Beside it the reading of the same page without and with the words.
#include "core/crawl/pages/page_reader.hpp"
#include "core/crawl/scope/pattern_book.hpp"
#include "core/crawl/scope/url_shape.hpp"
#include "core/web/digest.hpp"
#include "core/web/html/text_words.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace trawl;

const std::vector<std::string>& pages() {
  static const std::vector<std::string> all = [] {
    const char* folder = std::getenv("TRAWL_BENCH_PAGES");
    std::vector<std::string> read;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             folder != nullptr ? folder : "/usr/share/doc/python3-doc/html")) {
      if (!entry.path().extension().string().starts_with(".htm")) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      read.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return read;
  }();
  return all;
}

void BM_UrlShape(benchmark::State& state) {
  const auto url =
      web::Url::parse("https://docs.example.org/3/library/asyncio-task.html?a=1&b=two");
  for (auto _ : state) benchmark::DoNotOptimize(crawl::url_shape(*url));
}
BENCHMARK(BM_UrlShape);

void BM_TextWords(benchmark::State& state) {
  std::size_t at = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const std::string& page = pages()[at++ % pages().size()];
    web::TextWords words;
    words.feed(page);
    benchmark::DoNotOptimize(words.take());
    bytes += static_cast<std::int64_t>(page.size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_TextWords)->Unit(benchmark::kMicrosecond);

void BM_PatternBook(benchmark::State& state) {
  std::vector<std::vector<std::uint32_t>> words;
  for (const std::string& page : pages()) {
    web::TextWords reader;
    reader.feed(page);
    words.push_back(reader.take().words);
  }
  crawl::PatternBook book{1};
  std::uint64_t at = 0;
  for (auto _ : state) {
    const crawl::PageNews news{.digest = at,
                               .is_text = true,
                               .cut = false,
                               .words = words[at % words.size()],
                               .own_words = {}};
    ++at;
    book.note(1, "/library/{w}.html", news, 200);
    benchmark::DoNotOptimize(book.take_changed(1));
  }
}
BENCHMARK(BM_PatternBook)->Unit(benchmark::kMicrosecond);

void BM_ReadPage(benchmark::State& state) {
  const auto url = web::Url::parse("https://docs.example.org/3/library/");
  const http::Headers headers{{"Content-Type", "text/html; charset=utf-8"}};
  std::size_t at = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const std::string& page = pages()[at++ % pages().size()];
    benchmark::DoNotOptimize(crawl::read_page({.url = *url,
                                               .headers = headers,
                                               .body = page,
                                               .body_file = {},
                                               .known_sha256 = {},
                                               .decoded_bytes_max = {},
                                               .want_links = true,
                                               .want_words = state.range(0) != 0,
                                               .robots_token = "trawl"}));
    bytes += static_cast<std::int64_t>(page.size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_ReadPage)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
