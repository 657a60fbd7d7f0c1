#include "core/http/client/transport_options.hpp"
#include "tests/config/support.hpp"

#include <gmock/gmock.h>

namespace trawl::config {
namespace {

using testing::HasSubstr;
using testing::Not;

}  // namespace

TEST(NetworkKeys, AreRead) {
  const auto job = load(
      "[fetch]\nca_file = 'ca.pem'\nclient_cert_file = 'me.pem'\nclient_key_file = 'key.pem'\n"
      "proxy = 'socks5h://proxy.example:9050'\nproxy_credentials_file = 'proxy.txt'\n"
      "auth = 'bearer'\nauth_file = 'token.txt'\nauth_hosts = ['https://api.example:8443']\n"
      "netrc_file = 'netrc'\n");
  ASSERT_TRUE(job) << message(job);
  const auto& network = job->spec.fetch.network;
  EXPECT_EQ(network.ca_file, "ca.pem");
  EXPECT_EQ(network.proxy, "socks5h://proxy.example:9050");
  EXPECT_EQ(network.auth, crawl::AuthScheme::bearer);
  EXPECT_THAT(network.auth_hosts, testing::ElementsAre("https://api.example:8443"));
  const auto again = load_job_text(print_job(*job), "printed.toml", {});
  ASSERT_TRUE(again) << message(again);
  EXPECT_EQ(again->spec.fetch.network.client_key_file, "key.pem");
}

TEST(NetworkKeys, Http3IsRefusedWhereLibcurlLacksItAndSaysWhatIsMissing) {
  const auto job = load("fetch.http = '3'");
  if (http::has_http3()) {
    EXPECT_TRUE(job) << message(job);
    return;
  }
  EXPECT_THAT(message(job), HasSubstr("docs.toml:2:14: key fetch.http"));
  EXPECT_THAT(message(job), HasSubstr("needs a libcurl with HTTP/3, and this is libcurl"));
  EXPECT_TRUE(load("fetch.http = 'auto'"));
}

TEST(NetworkKeys, AProxysPasswordIsNotShown) {
  const auto job = load("fetch.proxy = 'http://ann:hunter2@proxy.example:3128'");
  ASSERT_TRUE(job) << message(job);
  EXPECT_EQ(job->spec.fetch.network.proxy, "http://ann:hunter2@proxy.example:3128");
  EXPECT_THAT(print_job(*job), HasSubstr("proxy = \"http://ann:***@proxy.example:3128\""));
  EXPECT_TRUE(load_job_text(print_job(*job), "printed.toml", {}));
  for (const char* wrong : {"fetch.proxy = 'socks4://ann:hunter2@proxy.example:1080'",
                            "fetch.proxy = 'http://ann:hunter2@proxy.example/path'"})
    EXPECT_THAT(message(load(wrong)),
                testing::AllOf(HasSubstr("\"off\" or a proxy like"), Not(HasSubstr("hunter2"))));
}

TEST(NetworkKeys, WhatOneNeedsTheOtherMustBeThere) {
  EXPECT_THAT(message(load("fetch.auth = 'basic'")), HasSubstr("needs fetch.auth_file"));
  EXPECT_THAT(message(load("fetch.auth_file = 'x'")), HasSubstr("needs fetch.auth = "));
  EXPECT_THAT(message(load("fetch.client_key_file = 'x'")),
              HasSubstr("needs fetch.client_cert_file"));
  EXPECT_THAT(message(load("fetch.proxy_credentials_file = 'x'")), HasSubstr("needs fetch.proxy"));
  EXPECT_THAT(message(load("fetch.auth_hosts = ['a b']")), HasSubstr("a host like"));
}

TEST(NetworkKeys, SecretsForSeedsInFilesNeedTheirHosts) {
  const auto load_list = [](std::string_view more) {
    return load_job_text("seeds.files = ['list.txt']\n" + std::string{more}, "docs.toml", {});
  };
  const std::string header = "fetch.headers.Authorization = 'Bearer x'\n";
  EXPECT_TRUE(load_list(""));
  EXPECT_TRUE(load_list("fetch.headers.Accept-Language = 'en'"));
  EXPECT_THAT(message(load_list(header)), HasSubstr("key fetch.auth_hosts: expected the hosts"));
  EXPECT_TRUE(load_list(header + "fetch.auth_hosts = ['a.example']"));
}

}  // namespace trawl::config
