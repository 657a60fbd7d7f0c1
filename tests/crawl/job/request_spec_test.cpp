// RFC 9110 9.2.2 (idempotent methods), 15.4 (redirects).
#include "core/crawl/job/request_spec.hpp"

#include "core/web/digest.hpp"

#include <gmock/gmock.h>

namespace trawl::crawl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const RequestSpec post{.method = "POST",
                       .headers = {{"Content-Type", "text/plain"},
                                   {"Authorization", "Basic x"},
                                   {"Cookie", "a=b"},
                                   {"X-Mine", "1"}},
                       .body = "q=1"};

TEST(RequestSpec, MethodAndBodyTellRequestsOfAUrlApartAndFieldsDoNot) {
  const auto print = [](const RequestSpec& request) {
    return request_fingerprint("http://a/", &request);
  };
  RequestSpec other_body = post, other_method = post, other_field = post;
  other_body.body = "q=2";
  other_method.method = "PUT";
  other_field.headers.clear();
  EXPECT_NE(print(post), print(other_body));
  EXPECT_NE(print(post), print(other_method));
  EXPECT_EQ(print(post), print(other_field));
  EXPECT_NE(print(post), print({}));
  EXPECT_NE(print({.method = "HEAD"}), print({}));
  EXPECT_EQ(print({.headers = {{"X", "1"}}, .mirrors = {"http://b/"}}),
            web::fingerprint("http://a/"));
  EXPECT_EQ(request_fingerprint("http://a/", nullptr), web::fingerprint("http://a/"));
}

TEST(RequestSpec, SeeOtherMakesAGetOfAllButHead) {
  EXPECT_EQ(request_after_redirect({.method = "PUT", .body = "x"}, 303, true), nullptr);
  EXPECT_EQ(request_after_redirect({.method = "HEAD"}, 303, true)->method, "HEAD");
  const auto next = request_after_redirect(post, 303, true);
  EXPECT_EQ(next->method, "GET");
  EXPECT_EQ(next->body, "");
  EXPECT_THAT(next->headers, ElementsAre(Pair("Authorization", "Basic x"), Pair("Cookie", "a=b"),
                                         Pair("X-Mine", "1")));
}

TEST(RequestSpec, MovedMakesAGetOfPostAlone) {
  for (const int status : {301, 302}) {
    EXPECT_EQ(request_after_redirect(post, status, true)->method, "GET");
    const auto put = request_after_redirect({.method = "PUT", .body = "x"}, status, true);
    EXPECT_EQ(put->method, "PUT");
    EXPECT_EQ(put->body, "x");
  }
}

TEST(RequestSpec, TemporaryAndPermanentRedirectsKeepMethodAndBody) {
  for (const int status : {307, 308}) {
    const auto next = request_after_redirect(post, status, true);
    EXPECT_EQ(*next, post);
  }
}

TEST(RequestSpec, CredentialsDoNotFollowToAnotherOrigin) {
  const auto next = request_after_redirect(post, 307, false);
  EXPECT_THAT(next->headers, ElementsAre(Pair("Content-Type", "text/plain"), Pair("X-Mine", "1")));
  EXPECT_EQ(next->body, "q=1");
}

TEST(RequestSpec, NorDoFieldsThatSoundSecret) {
  const RequestSpec request{
      .headers = {{"X-Api-Key", "k"}, {"X-Auth-Token", "t"}, {"X-Mine", "1"}}};
  EXPECT_THAT(request_after_redirect(request, 307, false)->headers,
              ElementsAre(Pair("X-Mine", "1")));
  EXPECT_EQ(request_after_redirect(request, 307, true)->headers, request.headers);
}

TEST(RequestSpec, AChecksumFollowsARedirectAndMirrorsDoNot) {
  const auto next =
      request_after_redirect({.checksum = {.hex = "12"}, .mirrors = {"http://b/"}}, 302, false);
  EXPECT_EQ(next->checksum.hex, "12");
  EXPECT_THAT(next->mirrors, IsEmpty());
}

TEST(RequestSpec, OnlyWhatCanNotHaveBeenActedOnIsRepeatable) {
  EXPECT_TRUE(is_idempotent("GET") && is_idempotent("HEAD") && is_idempotent("PUT") &&
              is_idempotent("DELETE"));
  EXPECT_FALSE(is_idempotent("POST") || is_idempotent("PATCH") || is_idempotent("MAGIC"));
  EXPECT_FALSE(may_have_acted(Errc::connect_refused) || may_have_acted(Errc::dns_timeout));
  EXPECT_TRUE(may_have_acted(Errc::reset) && may_have_acted(Errc::first_byte_timeout) &&
              may_have_acted(Errc::body_truncated));
  EXPECT_FALSE(may_have_acted(503) || may_have_acted(429));
  EXPECT_TRUE(may_have_acted(500) && may_have_acted(502) && may_have_acted(504));
}

}  // namespace
}  // namespace trawl::crawl
