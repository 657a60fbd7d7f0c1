#include "core/crawl/scope/scope.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

web::Url url(std::string_view text) {
  return web::Url::parse(text).value();
}

Scope scope(ScopeSpec spec, std::initializer_list<const char*> seeds = {}) {
  std::vector<web::Url> urls;
  for (const char* seed : seeds) urls.push_back(url(seed));
  return Scope::create(spec, urls).value();
}

std::string rule(const Scope& scope, std::string_view text, int depth = 1) {
  const Scope::Verdict verdict = scope.check(url(text), depth);
  EXPECT_EQ(verdict.inside, verdict.rule.empty());
  return verdict.inside ? "inside" : verdict.rule;
}

}  // namespace

TEST(Scope, HostIsTheSeedsHostAndPort) {
  const Scope host =
      scope({.mode = ScopeMode::host}, {"https://example.org/docs/", "http://a.net:8080/"});
  EXPECT_EQ(rule(host, "https://example.org/other?x#y"), "inside");
  EXPECT_EQ(rule(host, "http://example.org/"), "inside");
  EXPECT_EQ(rule(host, "http://a.net:8080/x"), "inside");
  EXPECT_EQ(rule(host, "http://a.net/x"), "mode host");
  EXPECT_EQ(rule(host, "https://www.example.org/"), "mode host");
  EXPECT_EQ(rule(host, "https://example.org.evil.net/"), "mode host");
}

TEST(Scope, DomainIsTheRegistrableDomainOfASeed) {
  const Scope domain =
      scope({.mode = ScopeMode::domain}, {"https://www.example.co.uk/", "http://127.0.0.1:81/"});
  EXPECT_EQ(rule(domain, "https://example.co.uk/"), "inside");
  EXPECT_EQ(rule(domain, "http://a.b.example.co.uk:8080/"), "inside");
  EXPECT_EQ(rule(domain, "https://other.co.uk/"), "mode domain");
  EXPECT_EQ(rule(domain, "https://notexample.co.uk/"), "mode domain");
  EXPECT_EQ(rule(domain, "http://127.0.0.1/"), "inside");
  EXPECT_EQ(rule(domain, "http://127.0.0.2/"), "mode domain");
}

TEST(Scope, DomainThatIsAPublicSuffixDoesNotOwnWhatIsBelowIt) {
  const Scope domain = scope({.mode = ScopeMode::domain}, {"https://blogspot.com/"});
  EXPECT_EQ(rule(domain, "https://blogspot.com/x"), "inside");
  EXPECT_EQ(rule(domain, "https://somebody.blogspot.com/"), "mode domain");
}

TEST(Scope, PrefixIsTheDirectoryOfASeed) {
  const Scope prefix = scope({.mode = ScopeMode::prefix},
                             {"https://example.org/docs/v1/index.html", "https://a.net/x"});
  EXPECT_EQ(rule(prefix, "https://example.org/docs/v1/index.html"), "inside");
  EXPECT_EQ(rule(prefix, "http://example.org/docs/v1/deep/er/page?q=/"), "inside");
  EXPECT_EQ(rule(prefix, "https://example.org/docs/v1"), "mode prefix");
  EXPECT_EQ(rule(prefix, "https://example.org/docs/v10/"), "mode prefix");
  EXPECT_EQ(rule(prefix, "https://example.org/docs/"), "mode prefix");
  EXPECT_EQ(rule(prefix, "https://example.org:8443/docs/v1/"), "mode prefix");
  EXPECT_EQ(rule(prefix, "https://a.net/anything"), "inside");  // "/x" is a file of "/"
}

TEST(Scope, PageIsTheSeedsAlone) {
  const Scope page = scope({.mode = ScopeMode::page}, {"https://example.org/a?b#c"});
  EXPECT_EQ(rule(page, "https://example.org/a?b"), "inside");
  EXPECT_EQ(rule(page, "https://example.org/a?b#d"), "inside");
  EXPECT_EQ(rule(page, "https://example.org/a"), "mode page");
}

TEST(Scope, AnyIsTheWebAndNothingElse) {
  const Scope any = scope({.mode = ScopeMode::any});
  EXPECT_EQ(rule(any, "http://example.org/"), "inside");
  EXPECT_EQ(rule(any, "ftp://example.org/"), "scheme");
  EXPECT_EQ(rule(any, "mailto:a@example.org"), "scheme");
}

TEST(Scope, WhatASitemapListsIsAsDeepAsASeedAndNoSeed) {
  const Scope pages = scope({.include = {"*/docs/*"}}, {"https://example.org/"});
  EXPECT_TRUE(pages.check(*web::Url::parse("https://example.org/news"), 0).inside);
  EXPECT_EQ(pages.check_listed(*web::Url::parse("https://example.org/news"), 0).rule, "include");
  EXPECT_TRUE(pages.check_listed(*web::Url::parse("https://example.org/docs/a"), 0).inside);
}

TEST(Scope, SeedsMayBeAddedLater) {
  Scope host = scope({.mode = ScopeMode::host});
  EXPECT_EQ(rule(host, "https://example.org/"), "mode host");
  host.add_seed(url("https://example.org/"));
  EXPECT_EQ(rule(host, "https://example.org/"), "inside");
}

TEST(Scope, DepthIsBounded) {
  const Scope bounded = scope({.mode = ScopeMode::any, .max_depth = 2});
  EXPECT_EQ(rule(bounded, "http://example.org/", 2), "inside");
  EXPECT_EQ(rule(bounded, "http://example.org/", 3), "depth");
  const Scope seeds_only = scope({.mode = ScopeMode::any, .max_depth = 0});
  EXPECT_EQ(rule(seeds_only, "http://example.org/", 0), "inside");
  EXPECT_EQ(rule(seeds_only, "http://example.org/", 1), "depth");
  const Scope off = scope({.mode = ScopeMode::any, .max_depth = std::nullopt});
  EXPECT_EQ(rule(off, "http://example.org/", 1'000'000), "inside");
}

TEST(Scope, ExcludeWinsOverInclude) {
  const Scope both = scope(
      {.mode = ScopeMode::host, .include = {"*/docs/*"}, .exclude = {"*.pdf", "re:[?&]print="}},
      {"https://example.org/"});
  EXPECT_EQ(rule(both, "https://example.org/docs/a"), "inside");
  EXPECT_EQ(rule(both, "https://example.org/docs/a.pdf"), "exclude *.pdf");
  EXPECT_EQ(rule(both, "https://example.org/docs/a?print=1"), "exclude re:[?&]print=");
  EXPECT_EQ(rule(both, "https://example.org/news/a"), "include");
}

TEST(Scope, IncludeNarrowsTheModeAndIsNotAskedOfSeeds) {
  const Scope narrowed = scope({.mode = ScopeMode::host, .include = {"*.html", "re:/blog/\\d+$"}},
                               {"https://example.org/"});
  EXPECT_EQ(rule(narrowed, "https://example.org/", 0), "inside");
  EXPECT_EQ(rule(narrowed, "https://example.org/", 1), "include");
  EXPECT_EQ(rule(narrowed, "https://example.org/x.html#frag"), "inside");
  EXPECT_EQ(rule(narrowed, "https://example.org/blog/12"), "inside");
  EXPECT_EQ(rule(narrowed, "https://other.org/x.html"), "mode host");
}

TEST(Scope, RefusesAnInvalidPattern) {
  EXPECT_EQ(Scope::create({.include = {"re:("}}).error().code, Errc::config);
  EXPECT_EQ(Scope::create({.exclude = {"re:("}}).error().code, Errc::config);
}

TEST(Scope, IncludeAndExcludeHaveOneBoundOfPatternsTogether) {
  const std::vector<std::string> half(5'000, "*a");
  EXPECT_TRUE(Scope::create({.include = half, .exclude = half}));
  EXPECT_EQ(Scope::create({.include = std::vector<std::string>(5'001, "*a"), .exclude = half})
                .error()
                .code,
            Errc::config);
  const std::vector<std::string> large(20, "re:\\pL{1,30}");
  EXPECT_TRUE(Scope::create({.include = large}));
  EXPECT_EQ(Scope::create({.include = large, .exclude = large}).error().code, Errc::config);
}

}  // namespace trawl::crawl
