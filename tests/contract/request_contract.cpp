// Of the contract: what few URLs have, requests and parts of bodies.
#include "tests/contract/store_contract.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace trawl::test {
namespace {

using crawl::NewUrl;
using crawl::Outcome;
using crawl::UrlState;
using testing::UnorderedElementsAre;

NewUrl url_on(const std::string& host, const std::string& path) {
  return {.url = "http://" + host + path, .host = host};
}

}  // namespace

TEST_P(StoreContract, ARequestIsKeptWithItsUrlAndTellsItApart) {
  const crawl::RequestSpec post{.method = "POST",
                                .headers = {{"X-One", "1"}, {"Content-Type", "text/plain"}},
                                .body = std::string{"a\0\xFF", 3}};
  const crawl::RequestSpec mirrored{.checksum = {.hex = std::string(64, 'a')},
                                    .mirrors = {"http://b/1"}};
  NewUrl with_post = url_on("a", "/1"), with_mirror = url_on("a", "/2");
  with_post.request = crawl::share(post);
  with_mirror.request = crawl::share(mirrored);
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), with_post, with_mirror}});
  reopen();
  auto queued = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(queued.size(), 3u);
  EXPECT_FALSE(queued[0].request);
  ASSERT_TRUE(queued[1].request && queued[2].request);
  EXPECT_EQ(*queued[1].request, post);
  EXPECT_EQ(*queued[2].request, mirrored);
  std::vector<std::uint64_t> identities;
  store().each_url([&](const crawl::KnownUrl& url) { identities.push_back(url.identity); });
  EXPECT_THAT(identities, UnorderedElementsAre(0u, crawl::identity_of(post), 0u));

  store().apply({.updates = {{.id = ids[1], .outcome = {}, .request_sent = true}}});
  Outcome served{.state = UrlState::fetched, .status = 200, .attempts = 1};
  served.served_by = "http://b/1";
  store().apply({.updates = {{.id = ids[2], .outcome = served}}});
  reopen();
  EXPECT_TRUE(store().queued(ids[0].host, 0, 10)[1].request->sent);
  EXPECT_EQ(record("http://a/2")->outcome.served_by, "http://b/1");
  EXPECT_EQ(record("http://a/2")->method, "GET");
}

TEST_P(StoreContract, ThePartOfABodyIsReplacedAndDroppedWithItsUrl) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), url_on("b", "/1")}});
  const crawl::KeptPart part{.url = "http://a/1",
                             .file = "part-1",
                             .bytes = 5ULL << 32,
                             .total = 6ULL << 32,
                             .validator = "\"x\"",
                             .headers = {{"ETag", "\"x\""}, {"Empty", ""}}};
  crawl::KeptPart later = part;
  later.bytes += 1;
  later.total.reset();
  store().apply({.parts = {{ids[0], part}, {ids[1], part}}});
  store().apply({.parts = {{ids[0], later}}});
  reopen();
  auto parts = store().parts();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].id, ids[0]);
  EXPECT_EQ(parts[0].part, later);
  EXPECT_EQ(parts[1].part, part);
  store().apply({.parts = {{ids[0], std::nullopt}}});
  reopen();
  EXPECT_EQ(store().parts().size(), 1u);
}

}  // namespace trawl::test
