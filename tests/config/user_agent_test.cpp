#include "core/crawl/job/job.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

JobSpec job(std::string user_agent, std::string contact = {}) {
  JobSpec spec;
  spec.user_agent = std::move(user_agent);
  spec.contact = std::move(contact);
  return spec;
}

}  // namespace

TEST(UserAgent, PlaceholdersAreFilled) {
  EXPECT_EQ(user_agent(job("trawl/{version} (+{contact})", "https://a.example/bot")),
            "trawl/" TRAWL_VERSION " (+https://a.example/bot)");
  EXPECT_EQ(user_agent(job("{contact} {version} {contact}", "{version}")),
            "{version} " TRAWL_VERSION " {version}");
}

TEST(UserAgent, WithoutContactItsPartIsLeftOut) {
  EXPECT_EQ(user_agent(JobSpec{}), "trawl/" TRAWL_VERSION);
  EXPECT_EQ(user_agent(job("bot/1 (+{contact}) x")), "bot/1 x");
}

TEST(UserAgent, ProductTokenIsItsFirstWord) {
  EXPECT_EQ(product_token(JobSpec{}), "trawl");
  EXPECT_EQ(product_token(job("My_Bot-x/2.0 (test)")), "My_Bot-x");
  EXPECT_EQ(product_token(job("Mozilla/5.0 (compatible; examplebot/1.0)")), "examplebot");
  EXPECT_EQ(product_token(job("Mozilla/5.0 (X11)")), "Mozilla");
  EXPECT_EQ(product_token(job("1")), "trawl");
}

}  // namespace trawl::crawl
