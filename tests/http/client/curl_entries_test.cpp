#include "core/http/client/curl_entries.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace trawl::http {
namespace {

std::string lines(const CurlEntries::Lease& lease) {
  std::string text;
  for (const curl_slist* line = lease.lines(); line != nullptr; line = line->next)
    text += std::string{line->data} + "\n";
  return text;
}

const std::vector<IpAddress> both{*IpAddress::parse("2001:db8::1"), *IpAddress::parse("192.0.2.1")};

}  // namespace

TEST(CurlEntries, SaysWhereANameIsForAWhile) {
  CurlEntries entries;
  EXPECT_EQ(lines(entries.hold("a.test:80", both)), "+a.test:80:[2001:db8::1],192.0.2.1\n");
}

TEST(CurlEntries, TakesBackWhatNobodyNeedsAnyMore) {
  CurlEntries entries;
  entries.hold("a.test:80", both);
  entries.hold("a.test:80", both);  // replaced, not removed first
  EXPECT_EQ(entries.stale(), 1U);
  EXPECT_EQ(lines(entries.hold("b.test:80", both)),
            "-a.test:80\n+b.test:80:[2001:db8::1],192.0.2.1\n");
  EXPECT_EQ(lines(entries.hold("c.test:80", both)),
            "-b.test:80\n+c.test:80:[2001:db8::1],192.0.2.1\n");
}

TEST(CurlEntries, LeavesWhatAnotherTransferNeeds) {
  CurlEntries entries;
  std::optional first{entries.hold("a.test:80", both)};
  const auto second = entries.hold("a.test:80", both);
  first.reset();
  EXPECT_EQ(entries.stale(), 0U);
  entries.hold("b.test:80", both);
  const auto again = entries.hold("b.test:80", both);
  EXPECT_EQ(lines(entries.hold("c.test:80", both)), "+c.test:80:[2001:db8::1],192.0.2.1\n");
}

// libcurl's side of it: what it finds in its cache it connects to, what it doesn't it may not look
// for elsewhere.
TEST(CurlEntries, AreWhatLibcurlKnowsOfNames) {
  require_curl();
  const Easy easy{curl_easy_init()};
  const std::vector<IpAddress> nobody{*IpAddress::parse("127.0.0.1")};
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(
      easy.get(), CURLOPT_RESOLVER_START_FUNCTION, +[](void*, void*, void*) { return 1; });
  const auto code_of = [&](const char* url, const curl_slist* names) {
    curl_easy_setopt(easy.get(), CURLOPT_RESOLVE, names);
    curl_easy_setopt(easy.get(), CURLOPT_URL, url);
    return curl_easy_perform(easy.get());
  };
  CurlEntries entries;
  {
    const auto lease = entries.hold("a.test:1", nobody);
    EXPECT_EQ(code_of("http://a.test:1/", lease.lines()), CURLE_COULDNT_CONNECT);
    EXPECT_EQ(code_of("http://a.test:1/", nullptr), CURLE_COULDNT_CONNECT);
    EXPECT_EQ(code_of("http://b.test:1/", nullptr), CURLE_COULDNT_RESOLVE_HOST);
  }
  const auto lease = entries.hold("b.test.:1", nobody);
  EXPECT_EQ(code_of("http://b.test.:1/", lease.lines()), CURLE_COULDNT_CONNECT);
  EXPECT_EQ(code_of("http://a.test:1/", nullptr), CURLE_COULDNT_RESOLVE_HOST);
}

}  // namespace trawl::http
