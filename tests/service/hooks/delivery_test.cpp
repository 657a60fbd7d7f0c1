#include "service/hooks/delivery.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

// RFC 4231, test cases 1, 2 and 6.
TEST(HookSignature, HmacIsThatOfTheStandard) {
  EXPECT_EQ(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256_hex(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HookSignature, CoversTimeAndBody) {
  const std::string one = hook_signature("key", 1000, "{}");
  EXPECT_TRUE(one.starts_with("sha256="));
  EXPECT_EQ(one.size(), 7U + 64);
  EXPECT_NE(one, hook_signature("key", 1001, "{}"));
  EXPECT_NE(one, hook_signature("key", 1000, "{ }"));
  EXPECT_NE(one, hook_signature("yek", 1000, "{}"));
  EXPECT_EQ(one.substr(7), hmac_sha256_hex("key", "1000.{}"));
}

TEST(HookSignature, WithoutASecretThereIsNone) {
  const auto unsigned_ones = hook_headers("id", "finish", "", 1000, "{}");
  EXPECT_EQ(http::find_header(unsigned_ones, "X-Trawl-Signature"), "");
  EXPECT_EQ(http::find_header(unsigned_ones, "X-Trawl-Delivery"), "id");
  EXPECT_EQ(http::find_header(unsigned_ones, "X-Trawl-Timestamp"), "1000");
  const auto signed_ones = hook_headers("id", "finish", "key", 1000, "{}");
  EXPECT_EQ(http::find_header(signed_ones, "X-Trawl-Signature"), hook_signature("key", 1000, "{}"));
}

TEST(HookRetry, WaitsDoubleUpToAMinute) {
  EXPECT_EQ(wait_before_retry(1, 10, 0, ""), Millis{1'000});
  EXPECT_EQ(wait_before_retry(2, 10, 503, ""), Millis{2'000});
  EXPECT_EQ(wait_before_retry(3, 10, 500, ""), Millis{4'000});
  EXPECT_EQ(wait_before_retry(7, 10, 0, ""), Millis{60'000});
  EXPECT_EQ(wait_before_retry(9, 10, 0, ""), Millis{60'000});
}

TEST(HookRetry, EndsWithTheLastAttempt) {
  EXPECT_EQ(wait_before_retry(5, 5, 0, ""), std::nullopt);
  EXPECT_EQ(wait_before_retry(1, 1, 503, ""), std::nullopt);
}

TEST(HookRetry, OnlyWhatMayPassByItselfIsTriedAgain) {
  for (const int status : {301, 302, 400, 401, 403, 404, 410, 422})
    EXPECT_EQ(wait_before_retry(1, 5, status, ""), std::nullopt) << status;
  for (const int status : {0, 408, 425, 429, 500, 502, 503, 504})
    EXPECT_TRUE(wait_before_retry(1, 5, status, "")) << status;
  EXPECT_TRUE(is_delivered(200));
  EXPECT_TRUE(is_delivered(204));
  EXPECT_FALSE(is_delivered(302));
  EXPECT_FALSE(is_delivered(0));
}

TEST(HookRetry, RetryAfterIsKeptToWithinReason) {
  EXPECT_EQ(wait_before_retry(1, 5, 429, "7"), Millis{7'000});
  EXPECT_EQ(wait_before_retry(1, 5, 503, "86400"), Millis{300'000});
  for (const char* text : {"-1", "0", "soon", "7 ", "Wed, 21 Oct 2026 07:28:00 GMT"})
    EXPECT_EQ(wait_before_retry(1, 5, 503, text), Millis{1'000}) << text;
}

}  // namespace
}  // namespace trawl::service
