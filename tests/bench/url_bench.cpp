// Resolving links: the typical ones of pages, and the odd ones that need the whole parser.
#include "core/web/url/canonical.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <string_view>

namespace trawl::web {
namespace {

const Url& page() {
  static const Url url =
      Url::parse("https://docs.example.org/javase/17/api/java.base/java/util/List.html").value();
  return url;
}

// The mix that documentation and news pages have: folders up, siblings, fragments, other sites.
constexpr auto typical = std::to_array<std::string_view>({
    "../../../index.html",
    "ArrayList.html",
    "../lang/Object.html#equals(java.lang.Object)",
    "#method-summary",
    "/search?q=list&lang=en",
    "https://www.example.com/news/2024/05/some-longer-article-title-here.html",
    "package-summary.html",
    "//cdn.example.net/assets/site.css?v=20240501",
    "../../../java.base/module-summary.html",
    "http://bugs.example.org/browse/ISSUE-8123456",
});

constexpr auto odd = std::to_array<std::string_view>({
    "HTTP://WWW.Example.COM:80/A/../b",
    "a b/c|d.html",
    "caf\xC3\xA9/men\xC3\xBC?q=\xC3\xA4",
    "https://127.0.0.1:8080/x/./y",
    "..",
    "a%20b/%7euser/%2e%2e/c",
    "//u:p@example.org/?a='b'",
    "foo/../../bar/./baz",
});

template <std::size_t n>
void resolve(benchmark::State& state, const std::array<std::string_view, n>& links) {
  const Url& base = page();
  for (auto _ : state) {
    for (const std::string_view link : links) {
      Result<Url> url = Url::parse(link, &base);
      benchmark::DoNotOptimize(url);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n));
}

void typical_links(benchmark::State& state) {
  resolve(state, typical);
}
void odd_links(benchmark::State& state) {
  resolve(state, odd);
}

template <std::size_t i>
void one_typical_link(benchmark::State& state) {
  resolve(state, std::array{typical[i]});
}

void international_host(benchmark::State& state) {
  resolve(state, std::array<std::string_view, 1>{"https://b\xC3\xBC"
                                                 "cher.example/"});
}

void resolve_and_canonicalise(benchmark::State& state) {
  const Url& base = page();
  const CanonicalRules rules{.strip_params = {"utm_*", "gclid", "fbclid"}};
  for (auto _ : state) {
    for (const std::string_view link : typical) {
      Result<Url> url = canonicalise(Url::parse(link, &base).value(), rules);
      benchmark::DoNotOptimize(url);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(typical.size()));
}

void million_steps_up(benchmark::State& state) {
  std::string link;
  for (int i = 0; i < 1'000'000; ++i) link += "../";
  link += " x";
  for (auto _ : state) benchmark::DoNotOptimize(Url::parse(link, &page()));
}

void registrable_domain_of_host(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(registrable_domain("www.news.example.co.uk"));
}

BENCHMARK(typical_links);
BENCHMARK(one_typical_link<0>);
BENCHMARK(one_typical_link<1>);
BENCHMARK(one_typical_link<5>);
BENCHMARK(odd_links);
BENCHMARK(international_host);
BENCHMARK(resolve_and_canonicalise);
BENCHMARK(million_steps_up);
BENCHMARK(registrable_domain_of_host);

}  // namespace
}  // namespace trawl::web
