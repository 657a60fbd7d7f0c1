#include "core/crawl/job/network.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

JobSpec job_with_seeds(std::vector<std::string> urls) {
  JobSpec job;
  job.seeds.urls = std::move(urls);
  return job;
}

std::string sent_to(const Network& network, const std::string& url, std::string_view name) {
  http::Request request{.url = url};
  network.credentials.apply(request);
  return std::string{http::find_header(request.headers, name)};
}

std::string error_of(const JobSpec& job) {
  const auto network = read_network(job);
  EXPECT_FALSE(network);
  if (network) return "no error";
  EXPECT_EQ(network.error().code, Errc::config);
  return network.error().detail;
}

}  // namespace

TEST(Network, WithoutKeysThereIsNothing) {
  const auto network = read_network(JobSpec{});
  ASSERT_TRUE(network) << network.error().detail;
  EXPECT_TRUE(network->credentials.empty());
  EXPECT_FALSE(network->transport.proxy);
  EXPECT_EQ(network->transport.ca_file, "");
}

TEST(Network, SecretHeadersAreForTheSeedsOriginsUnlessHostsAreNamed) {
  auto job = job_with_seeds({"https://a.test/x", "not a url"});
  job.fetch.headers = {
      {"Authorization", "Bearer t"}, {"X-Api-Key", "k"}, {"Accept-Language", "en"}};
  const auto seeds = read_network(job);
  ASSERT_TRUE(seeds);
  EXPECT_THAT(seeds->headers, ElementsAre(Pair("Accept-Language", "en")));
  EXPECT_EQ(sent_to(*seeds, "https://a.test/", "authorization"), "Bearer t");
  EXPECT_EQ(sent_to(*seeds, "https://a.test/", "x-api-key"), "k");
  EXPECT_EQ(sent_to(*seeds, "http://a.test/", "authorization"), "");
  EXPECT_EQ(sent_to(*seeds, "https://b.test/", "x-api-key"), "");
  job.fetch.network.auth_hosts = {"b.test"};
  const auto named = read_network(job);
  EXPECT_EQ(sent_to(*named, "https://a.test/", "authorization"), "");
  EXPECT_EQ(sent_to(*named, "https://b.test/", "authorization"), "Bearer t");
}

TEST(Network, AuthorizationFromAFile) {
  const support::TempDir dir;
  auto job = job_with_seeds({"https://a.test/"});
  job.fetch.network.auth = AuthScheme::basic;
  job.fetch.network.auth_file = dir.write("basic", "Aladdin:open sesame\r\nmore\n").string();
  EXPECT_EQ(sent_to(*read_network(job), "https://a.test/", "authorization"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  job.fetch.network.auth = AuthScheme::bearer;
  job.fetch.network.auth_file = dir.write("bearer", "t0ken").string();
  EXPECT_EQ(sent_to(*read_network(job), "https://a.test/", "authorization"), "Bearer t0ken");
}

TEST(Network, TheUserOfASeedIsItsOriginsAndNetrcGivesTheRest) {
  const support::TempDir dir;
  auto job = job_with_seeds({"https://Aladdin:open%20sesame@a.test/x"});
  job.fetch.network.netrc_file =
      dir.write("netrc", "machine a.test login x password y\nmachine b.test login x password y\n")
          .string();
  const auto network = read_network(job);
  ASSERT_TRUE(network);
  EXPECT_EQ(sent_to(*network, "https://a.test/", "authorization"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(sent_to(*network, "https://b.test/", "authorization"), "Basic eDp5");
  EXPECT_EQ(sent_to(*network, "https://c.test/", "authorization"), "");
}

TEST(Network, AProxysCredentialsFromAFile) {
  const support::TempDir dir;
  JobSpec job;
  job.fetch.network.proxy = "http://proxy.test:3128";
  job.fetch.network.proxy_credentials_file = dir.write("proxy", "ann:a:b\n").string();
  const auto network = read_network(job);
  ASSERT_TRUE(network);
  EXPECT_EQ(network->transport.proxy->username, "ann");
  EXPECT_EQ(network->transport.proxy->password, "a:b");
  EXPECT_FALSE(network->transport.proxy->guarded);
  job.fetch.network.guard_proxy = true;
  const auto guarded = read_network(job);
  ASSERT_TRUE(guarded);
  EXPECT_TRUE(guarded->transport.proxy->guarded);
}

TEST(Network, FilesThatCantBeUsedAreNamedAndNeverQuoted) {
  const support::TempDir dir;
  const auto junk = dir.write("junk", "hunter2\n").string();
  auto job = job_with_seeds({"https://a.test/"});
  job.fetch.network.ca_file = junk;
  EXPECT_THAT(error_of(job), HasSubstr(junk + " holds no certificates in PEM form"));
  job.fetch.network.ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(error_of(job), HasSubstr("No such file or directory"));
  job.fetch.network.ca_file = (dir / "none").string();
  EXPECT_THAT(error_of(job), HasSubstr("none"));
  job.fetch.network.ca_file = "system";
  job.fetch.network.client_cert_file = junk;
  EXPECT_THAT(error_of(job), HasSubstr(junk + " holds no certificate in PEM form"));
  job.fetch.network.client_cert_file.clear();
  job.fetch.network.auth = AuthScheme::basic;
  job.fetch.network.auth_file = (dir / "none").string();
  EXPECT_THAT(error_of(job), HasSubstr("fetch.auth_file: " + (dir / "none").string()));
  job.fetch.network.auth_file = junk;
  EXPECT_THAT(error_of(job),
              testing::AllOf(HasSubstr("expected user:password"), Not(HasSubstr("hunter2"))));
  job.fetch.network.auth_file = dir.write("empty", "\nx").string();
  EXPECT_THAT(error_of(job), HasSubstr("its first line is empty"));
  job.fetch.network.auth_file = dir.write("long", std::string(70'000, 'x')).string();
  EXPECT_THAT(error_of(job), HasSubstr("over 65536 bytes"));
  job.fetch.network.auth_file = dir.string();
  EXPECT_THAT(error_of(job), HasSubstr("can't be read"));
  job.fetch.network.auth = AuthScheme::off;
  job.fetch.network.netrc_file = junk;
  EXPECT_THAT(error_of(job), testing::AllOf(HasSubstr("line 1"), Not(HasSubstr("hunter2"))));
}

}  // namespace trawl::crawl
