#include "config/key.hpp"
#include "service/daemon/job_loader.hpp"
#include "service/daemon/json_toml.hpp"
#include "service/daemon/settings.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;
using support::TempDir;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view seeds = "[seeds]\nurls = ['https://example.org/']\n";

struct Loading {
  TempDir dir;
  DataFolder data{dir / "data"};
  JobLoader loader{data, {{"TRAWL_FETCH__HTTP", "1.1"}}, {"10.0.0.0/8"}};

  std::vector<std::string> errors(std::string_view toml, bool submitted = true) {
    const auto loaded = loader.load_text(
        toml, {.file = "a.toml", .submitted = submitted, .name = submitted ? "a" : ""}, {});
    std::vector<std::string> lines;
    if (!loaded)
      for (const auto& error : loaded.error()) lines.push_back(config::format_error(error));
    return lines;
  }
};

}  // namespace

TEST(JobLoader, AJobWithoutAFolderGetsOneInDataDir) {
  Loading l;
  const auto loaded = l.loader.load_text(seeds, {.file = "docs.toml"}, {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.name, "docs");
  EXPECT_EQ(loaded->spec.output.dir, (l.data.path() / "out/docs").string());
  EXPECT_EQ(loaded->spec.fetch.http, http::HttpVersion::http1_1);  // the environment
}

TEST(JobLoader, PatchesLieOverTheFile) {
  Loading l;
  const auto loaded =
      l.loader.load_text(std::string{seeds} + "[politeness]\ndelay = '1s'\n", {.file = "a.toml"},
                         {{.key = "politeness.delay", .value = "5s", .source = "PATCH"}});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.politeness.delay, Millis{5000});
}

TEST(JobLoader, ASubmittedJobDoesNotSeeTheEnvironment) {
  Loading l;
  const auto loaded =
      l.loader.load_text(seeds, {.file = "a.toml", .submitted = true, .name = "mine"}, {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.name, "mine");
  EXPECT_EQ(loaded->spec.fetch.http, http::HttpVersion::automatic);
}

TEST(JobLoader, ASubmittedJobStaysInsideDataDir) {
  Loading l;
  fs::create_directory_symlink("/etc", l.data.path() / "link");
  for (const char* dir : {"/tmp/x", "../x", "out/../../x", "link/x", ".", "jobs", "jobs/x",
                          "daemon.db", ".lock", "/", "nonexistent/..", "out/.."})
    EXPECT_THAT(l.errors(std::string{seeds} + "[output]\ndir = '" + dir + "'\n"),
                ElementsAre(HasSubstr("can't name a path outside of the daemon's data_dir")))
        << dir;
  for (const char* dir : {"out/a", "out/a/b", "crawls/x", "out/x/../a"})
    EXPECT_THAT(l.errors(std::string{seeds} + "[output]\ndir = '" + dir + "'\n"), IsEmpty()) << dir;
  EXPECT_THAT(l.errors(std::string{seeds} + "[output]\ndir = '/tmp/x'\n", false), IsEmpty());
  EXPECT_THAT(l.errors("[seeds]\nfiles = ['/etc/passwd']\n"), testing::SizeIs(1));
  EXPECT_THAT(l.errors(std::string{seeds} + "[fetch]\nauth = 'basic'\nauth_file = '/etc/shadow'\n"),
              testing::SizeIs(1));
  EXPECT_THAT(l.errors(std::string{seeds} + "[fetch]\nhosts_file = 'off'\n"), IsEmpty());
}

// It goes when the job is removed with its data.
TEST(JobLoader, ASubmittedJobsOutputIsInNobodyElsesPlace) {
  Loading l;
  fs::create_directory_symlink("out", l.data.path() / "link");
  for (const char* dir : {"out", "out/", "out/b", "out/b/a", "out/a/../b", "link", "link/b"})
    EXPECT_THAT(l.errors(std::string{seeds} + "[output]\ndir = '" + dir + "'\n"),
                ElementsAre(HasSubstr("can't have its output in another job's place")))
        << dir;
  EXPECT_THAT(l.errors(std::string{seeds} + "[output]\ndir = 'out/b'\n", false), IsEmpty());
}

TEST(JobLoader, RelativePathsOfASubmittedJobBeginInDataDir) {
  Loading l;
  const auto loaded =
      l.loader.load_text("[seeds]\nfiles = ['lists/a.txt']\n[output]\ndir = 'out/a/1'\n",
                         {.file = "a.toml", .submitted = true, .name = "a"}, {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.seeds.files.front(), (l.data.path() / "lists/a.txt").string());
  EXPECT_EQ(loaded->spec.output.dir, (l.data.path() / "out/a/1").string());
}

TEST(JobLoader, ASubmittedJobWidensNoNetworks) {
  Loading l;
  const auto with = [&](std::string_view networks) {
    return l.errors(std::string{seeds} +
                    "[fetch]\nallow_private_networks = " + std::string{networks} + "\n");
  };
  EXPECT_THAT(with("['10.1.0.0/16', '10.2.3.4/32']"), IsEmpty());
  EXPECT_THAT(with("['10.0.0.0/7']"), testing::SizeIs(1));
  EXPECT_THAT(with("['127.0.0.0/8', '10.0.0.0/8', '::/0']"), testing::SizeIs(2));
}

// Both are connected to without the guard over what is fetched.
TEST(JobLoader, ASubmittedJobsProxyAndNameServersAreNotInside) {
  Loading l;
  const auto with = [&](const std::string& key, const std::string& value, bool submitted = true) {
    return l.errors(std::string{seeds} + "[fetch]\n" + key + " = " + value + "\n", submitted);
  };
  EXPECT_THAT(with("proxy", "'http://169.254.169.254:80'"),
              ElementsAre(HasSubstr("key fetch.proxy: a submitted job can't ask 169.254.169.254 "
                                    "(metadata)")));
  for (const char* proxy : {"'http://127.0.0.1:8090'", "'socks5h://[::1]:9050'",
                            "'https://192.168.0.1'", "'http://[::ffff:192.168.0.1]:3128'"})
    EXPECT_THAT(with("proxy", proxy), testing::SizeIs(1)) << proxy;
  EXPECT_THAT(with("resolver", "['192.0.2.1', '192.168.0.1:5353', '[::1]:53']"),
              testing::SizeIs(3));
  EXPECT_THAT(with("proxy", "'http://10.1.2.3:3128'"), IsEmpty());  // the daemon's own network
  EXPECT_THAT(with("resolver", "['10.1.2.3']"), IsEmpty());
  EXPECT_THAT(with("resolver", "['127.0.0.1']", false), IsEmpty());
  EXPECT_THAT(with("proxy", "'http://127.0.0.1:3128'", false), IsEmpty());
}

TEST(JobLoader, WhatTheNameOfASubmittedJobsProxyLeadsToIsGuarded) {
  Loading l;
  const std::string toml = std::string{seeds} + "[fetch]\nproxy = 'http://proxy.test:3128'\n";
  const auto submitted = l.loader.load_text(toml, {"a.toml", true, "a"}, {});
  const auto owned = l.loader.load_text(toml, {"a.toml"}, {});
  ASSERT_TRUE(submitted && owned);
  EXPECT_TRUE(submitted->spec.fetch.network.guard_proxy);
  EXPECT_FALSE(owned->spec.fetch.network.guard_proxy);
}

TEST(JobLoader, HooksOfASubmittedJobAreUrlsWithinItsNetworks) {
  Loading l;
  const auto with = [&](std::string_view hooks, bool submitted = true) {
    return l.errors(std::string{seeds} + "[hooks]\n" + std::string{hooks} + "\n", submitted);
  };
  EXPECT_THAT(with("on_error = 'https://ops.example.org/'"), IsEmpty());
  EXPECT_THAT(with("on_error = ['/bin/true']\non_finish = ['/bin/true']"), testing::SizeIs(2));
  EXPECT_THAT(
      with("on_host_blocked = ['/bin/true']"),
      ElementsAre(HasSubstr("key hooks.on_host_blocked: a submitted job can't run commands")));
  EXPECT_THAT(with("on_host_blocked = ['/bin/true']", false), IsEmpty());
  EXPECT_THAT(with("allow_private_networks = ['10.1.0.0/16']"), IsEmpty());
  EXPECT_THAT(with("allow_private_networks = ['127.0.0.0/8']"), testing::SizeIs(1));
  EXPECT_THAT(with("secret_file = '/etc/shadow'"), testing::SizeIs(1));
}

TEST(JobLoader, NobodyReadsTheDaemonsStandardInput) {
  Loading l;
  EXPECT_THAT(l.errors("[seeds]\nfiles = ['-']\n", false),
              ElementsAre(HasSubstr("a daemon's job has no standard input")));
}

// A key that names a file and is not known here would let a stranger at the daemon's files.
TEST(JobLoader, KnowsEveryKeyThatNamesAPath) {
  const auto known = path_keys();
  for (const config::Key& key : config::job_keys()) {
    const bool names_path = key.path.ends_with("_file") || key.path.ends_with(".files") ||
                            key.path.ends_with("dir") || key.path.ends_with("path");
    if (names_path) EXPECT_THAT(known, Contains(key.path));
  }
}

TEST(JsonToml, TablesAreNestedObjects) {
  const auto toml = toml_from_json(
      R"({"job":{"name":"a b\"c"},"seeds":{"urls":["https://e.example/"]},)"
      R"("fetch":{"headers":{"X-A":"1"},"attempts":3,"conditional":false},)"
      R"("politeness":{"adaptive":1.5},"site":[{"match":"*.example","delay":"2s"}]})");
  ASSERT_TRUE(toml) << toml.error().detail;
  const auto loaded = config::load_job_text(
      toml_from_json(R"({"seeds":{"urls":["https://e.example/"]},"fetch":{"headers":{"X-A":"1"},)"
                     R"("attempts":3},"politeness":{"adaptive":2.0},)"
                     R"("site":[{"match":"*.example","delay":"2s"}]})")
          .value(),
      "a", {});
  ASSERT_TRUE(loaded) << config::format_error(loaded.error().front());
  EXPECT_EQ(loaded->spec.fetch.attempts, 3);
  EXPECT_EQ(loaded->spec.sites.size(), 1U);
  EXPECT_THAT(*toml, HasSubstr("name = \"a b\\\"c\""));
  EXPECT_THAT(*toml, HasSubstr("conditional = false"));
}

TEST(JsonToml, DottedKeysAreTakenAsInAChange) {
  const auto toml =
      toml_from_json(R"({"seeds.urls":["https://e.example/"],"politeness.delay":"2s",)"
                     R"("fetch.headers":{"X-A.B":"1"}})");
  ASSERT_TRUE(toml) << toml.error().detail;
  const auto loaded = config::load_job_text(*toml, "a", {});
  ASSERT_TRUE(loaded) << config::format_error(loaded.error().front());
  EXPECT_EQ(loaded->spec.politeness.delay, Millis{2000});
  EXPECT_EQ(loaded->spec.fetch.headers.front().first, "X-A.B");
}

TEST(JsonToml, WhatIsNoJobIsRefused) {
  for (const char* json : {"", "[]", "1", "{", R"({"a":null})", R"({"a":{"b":[null]}})",
                           R"({"a":18446744073709551615})", "{\"a\":1}x"})
    EXPECT_FALSE(toml_from_json(json)) << json;
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{\"a\":";
  EXPECT_FALSE(toml_from_json(deep));
}

TEST(Settings, ChangesAreNamedWithOldAndNew) {
  const auto values = [](std::string_view text) {
    return setting_values(*config::load_job_text(text, "a.toml", {}));
  };
  const auto before = values(std::string{seeds} + "[politeness]\ndelay = '1s'\n");
  const auto after =
      values("# moved\n\n[seeds]\nurls = ['https://example.org/']\n[politeness]\ndelay = '2s'\n");
  EXPECT_NE(settings_digest(before), settings_digest(after));
  const auto same = values("# a remark\n" + std::string{seeds} + "[politeness]\ndelay = '1s'\n");
  EXPECT_EQ(settings_digest(before), settings_digest(same));
  const auto secret =
      values(std::string{seeds} + "[politeness]\ndelay='1s'\n[fetch.headers]\nX-Token = 'a'\n");
  const auto other =
      values(std::string{seeds} + "[politeness]\ndelay='1s'\n[fetch.headers]\nX-Token = 'b'\n");
  const auto changes = changes_between(secret, other);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].text,
            "a secret header, the proxy's credentials, or what is not shown of a URL");
  for (const char* text : {"[hooks]\non_finish = 'https://hooks.example.org/{}'\n",
                           "[hooks]\non_error = 'https://hooks.example.org/{}'\n",
                           "[hooks]\non_host_blocked = 'https://ann:{}@hooks.example.org/'\n",
                           "[seeds]\nurls = ['https://ann:{}@example.org/']\n",
                           "[seeds]\nsitemaps = ['https://ann:{}@example.org/map']\n",
                           "[[site]]\nmatch = 'a.example'\nfetch.headers.Authorization = '{}'\n"}) {
    const std::string base =
        std::string_view{text}.starts_with("[seeds]") ? "" : std::string{seeds};
    EXPECT_NE(settings_digest(values(base + fmt::format(fmt::runtime(text), "one"))),
              settings_digest(values(base + fmt::format(fmt::runtime(text), "two"))))
        << text;
  }
  EXPECT_TRUE(applies_live("politeness.delay"));
  EXPECT_TRUE(applies_live("job.weight"));
  EXPECT_FALSE(applies_live("scope.mode"));
}

}  // namespace trawl::service
