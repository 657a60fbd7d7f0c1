#include "service/hooks/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace trawl::service {
namespace {

HookEvent finish() {
  return {.kind = HookKind::finish,
          .job = "docs",
          .dir = "/var/lib/trawl/docs",
          .at = Wall{Millis{1'700'000'000'123}},
          .end = "limit",
          .detail = "limits.pages",
          .totals = crawl::StoreTotals{
              .queued = 1, .fetched = 2, .failed = 3, .excluded = 4, .bytes_wire = 5}};
}

TEST(HookEvent, PayloadHasTheFactsInOneObject) {
  EXPECT_EQ(hook_payload(finish()),
            R"({"id":")" + hook_id(finish()) +
                R"(","event":"finish","at":"2023-11-14T22:13:20.123Z","job":"docs",)"
                R"("dir":"/var/lib/trawl/docs","end":"limit","detail":"limits.pages",)"
                R"("totals":{"queued":1,"fetched":2,"failed":3,"excluded":4,"bytes_wire":5}})");
}

TEST(HookEvent, AnEventIsReadBackFromItsPayload) {
  HookEvent failed{.kind = HookKind::error, .job = "a\"b", .dir = "/d", .at = Wall{Millis{1}}};
  failed.detail = "it\nbroke";
  for (const HookEvent& event : {finish(), failed}) {
    const auto read = read_hook_payload(hook_payload(event));
    ASSERT_TRUE(read);
    EXPECT_EQ(hook_payload(*read), hook_payload(event));
  }
  for (const char* other : {"", "{", "[]", "7", "{}", R"({"id":"x","event":"finish"})"})
    EXPECT_FALSE(read_hook_payload(other)) << other;
}

TEST(HookEvent, OfAHostSaysWhichAndUntilWhen) {
  const HookEvent event{.kind = HookKind::host_blocked,
                        .job = "docs",
                        .dir = "/d",
                        .at = Wall{Millis{0}},
                        .detail = "after 5 failures in a row; the last: \"reset\"",
                        .host = "example.org:8080",
                        .until = Wall{Millis{600'000}}};
  EXPECT_THAT(
      hook_payload(event),
      testing::HasSubstr(R"("detail":"after 5 failures in a row; the last: \"reset\"",)"
                         R"("host":"example.org:8080","until":"1970-01-01T00:10:00.000Z"})"));
}

TEST(HookEvent, EnvironmentSaysTheSame) {
  const auto list = hook_environment(finish());
  const std::map<std::string, std::string> variables{list.begin(), list.end()};
  EXPECT_EQ(variables.at("TRAWL_EVENT"), "finish");
  EXPECT_EQ(variables.at("TRAWL_JOB"), "docs");
  EXPECT_EQ(variables.at("TRAWL_END"), "limit");
  EXPECT_EQ(variables.at("TRAWL_FETCHED"), "2");
  EXPECT_EQ(variables.at("TRAWL_EVENT_ID"), hook_id(finish()));
  EXPECT_FALSE(variables.contains("TRAWL_HOST"));
}

TEST(HookEvent, NoTextCanEndAVariableEarly) {
  HookEvent event = finish();
  event.detail = std::string{"a\0b", 3};
  for (const auto& [name, value] : hook_environment(event))
    EXPECT_EQ(value.find('\0'), std::string::npos) << name;
}

TEST(HookEvent, IdIsTheEventsOwn) {
  HookEvent other = finish();
  EXPECT_EQ(hook_id(other), hook_id(finish()));
  other.at += Millis{1};
  EXPECT_NE(hook_id(other), hook_id(finish()));
  EXPECT_EQ(hook_id(other).size(), 32U);
}

}  // namespace
}  // namespace trawl::service
