// Each test runs the program over what it is about and no more, so that tests run side by side.
#include "tests/e2e/hostile_web.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::e2e {

namespace demo = service::demo;

namespace {

// A busy machine may stand still for a second or two. That must fail no test that isn't about time.
Arguments patience(const std::vector<std::string>& names) {
  const auto expects = [&](std::string_view error) {
    return std::ranges::any_of(names, [&](const auto& name) {
      const auto* behaviour = demo::find_behaviour(name);
      return behaviour != nullptr && behaviour->expected.error == error;
    });
  };
  Arguments options;
  if (!expects("first_byte_timeout"))
    options = options + Arguments{"--set", "fetch.timeout_first_byte=10s"};
  if (!expects("too_slow"))
    options = options + Arguments{"--set", "fetch.min_speed=1KiB/s for 10s"};
  return options;
}

}  // namespace

Arguments hostile_options(const std::filesystem::path& folder, Arguments more) {
  Arguments options{"-o", folder.string()};
  for (const auto& [key, value] : demo::hostile_settings()) {
    options.push_back("--set");
    options.push_back(fmt::format("{}={}", key, value));
  }
  return options + more;
}

void HostileWeb::fetch_from(const support::HostileServer& server,
                            const std::vector<std::string>& names, Arguments more) {
  fetched_from_ = &server;
  Arguments urls{"fetch"};
  for (const auto& name : names) urls.push_back(server.url("/" + name));
  for (const char* good : {"/good-1", "/good-2"}) urls.push_back(server.url(good));
  const auto run =
      run_trawl(urls + hostile_options(dir_ / "out", patience(names) + std::move(more)));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_LT(run.took, Millis{sanitized ? 30'000 : 15'000});
  records_ = read_records(dir_ / "out");
  EXPECT_EQ(count(records_, crawl::UrlState::queued), 0U);
  for (const char* good : {"good-1", "good-2"}) {
    EXPECT_EQ(state_of(records_, server.url(std::string{"/"} + good)), "fetched");
    EXPECT_EQ(outcome(good).title, good);
  }
  expect_sound(dir_ / "out");
}

void HostileWeb::fetch(const std::vector<std::string>& names, Arguments more) {
  fetch_from(server_, names, std::move(more));
  for (const auto& name : names) {
    const auto* behaviour = demo::find_behaviour(name);
    ASSERT_TRUE(behaviour) << name;
    const auto seen = demo::observe(records_, server_.url("/" + name));
    EXPECT_EQ(seen.state, behaviour->expected.state) << name;
    EXPECT_EQ(seen.error, behaviour->expected.error) << name;
    EXPECT_EQ(seen.note, behaviour->expected.note) << name;
    EXPECT_EQ(seen.truncated, behaviour->expected.truncated) << name;
  }
}

const crawl::Outcome& HostileWeb::outcome(std::string_view name) const {
  return records_.at(fetched_from_->url(fmt::format("/{}", name))).outcome;
}

std::string HostileWeb::body(std::string_view name) const {
  const auto cat =
      run_trawl({"cat", (dir_ / "out").string(), fetched_from_->url(fmt::format("/{}", name))});
  EXPECT_EQ(cat.exit_code, 0) << cat.err;
  return cat.out;
}

}  // namespace trawl::e2e
