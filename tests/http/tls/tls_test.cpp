// Row 41 of the faults: what is wrong with a server's TLS is told by code and by word. Row 16: what
// TLS says of an answer's end.
#include "tests/http/client/client.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/tls_server.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <chrono>
#include <filesystem>

namespace trawl::http {
namespace {

using support::Authority;
using support::TlsScript;
using support::TlsServer;
using testing::HasSubstr;

SessionOptions trusting(const Authority& authority) {
  auto options = loopback_options();
  options.transport.ca_file = authority.ca_file();
  return options;
}

Fetched fetch_from(const TlsServer& server, const SessionOptions& options) {
  return fetch({.url = server.url()}, 1 << 20, options);
}

// The error's text, or what came instead.
std::string detail(const Fetched& page) {
  if (!page.response) return page.response.error().detail;
  return page.response->broken ? page.response->broken->detail : "no error";
}

}  // namespace

TEST(Tls, AServerWhoseAuthorityIsTrusted) {
  Authority authority;
  const TlsServer server{{.files = authority.issue()}};
  const auto page = fetch_from(server, trusting(authority));
  EXPECT_EQ(page.body, "ok");
  ASSERT_TRUE(page.response);
  EXPECT_EQ(page.response->tls_version, "1.3");
  const auto by_name = fetch({.url = server.url("/", "localhost")}, 1 << 20, trusting(authority));
  EXPECT_EQ(by_name.body, "ok");
}

TEST(Tls, TheFileOfAuthoritiesCountsAsItIsAtEachConnection) {
  Authority one, other;
  const TlsServer server{{.files = other.issue()}};
  const test::ScratchFolder folder;
  auto options = loopback_options();
  options.transport.ca_file = (folder.path() / "trusted.pem").string();
  EXPECT_EQ(fetch_from(server, options).error(), Errc::tls_cert) << "no file";
  std::filesystem::copy_file(one.ca_file(), options.transport.ca_file);
  EXPECT_EQ(fetch_from(server, options).error(), Errc::tls_cert) << "another authority";
  std::filesystem::remove(options.transport.ca_file);
  std::filesystem::copy_file(other.ca_file(), options.transport.ca_file);
  EXPECT_EQ(fetch_from(server, options).body, "ok");
  std::filesystem::remove(options.transport.ca_file);
  EXPECT_EQ(fetch_from(server, options).error(), Errc::tls_cert) << "no file again";
}

TEST(Tls, ACertificateThatIsOver) {
  Authority authority;
  const TlsServer server{{.files = authority.issue({.days = -2})}};
  const auto page = fetch_from(server, trusting(authority));
  EXPECT_EQ(page.error(), Errc::tls_cert);
  EXPECT_THAT(detail(page), HasSubstr("expired"));
  EXPECT_THAT(detail(page), HasSubstr("(verify result 10)"));
}

TEST(Tls, ACertificateForAnotherHost) {
  Authority authority;
  const TlsServer server{{.files = authority.issue({.names = "DNS:other.test"})}};
  const auto page = fetch_from(server, trusting(authority));
  EXPECT_EQ(page.error(), Errc::tls_cert);
  EXPECT_THAT(detail(page), HasSubstr("127.0.0.1"));
}

TEST(Tls, ACertificateThatSignsItself) {
  Authority authority;
  const TlsServer server{{.files = authority.issue({.self_signed = true})}};
  const auto page = fetch_from(server, trusting(authority));
  EXPECT_EQ(page.error(), Errc::tls_cert);
  EXPECT_THAT(detail(page), HasSubstr("(verify result 18)"));
}

TEST(Tls, ACertificateOfAnAuthorityThatNobodyTrusts) {
  Authority authority, stranger;
  const TlsServer server{{.files = stranger.issue()}};
  const auto page = fetch_from(server, trusting(authority));
  EXPECT_EQ(page.error(), Errc::tls_cert);
  EXPECT_THAT(detail(page), HasSubstr("(verify result 20)"));
  EXPECT_EQ(fetch_from(server, loopback_options()).error(), Errc::tls_cert);  // the system's
  EXPECT_EQ(server.requests(), 0);
}

TEST(Tls, AServerOfYesterdaysProtocol) {
  Authority authority;
  const TlsServer server{{.files = authority.issue(), .version_max = TLS1_VERSION}};
  const auto page = fetch_from(server, trusting(authority));
  EXPECT_EQ(page.error(), Errc::tls);
  EXPECT_NE(detail(page), "");
}

TEST(Tls, SomethingElseOnItsPort) {
  const TlsServer http{{.instead_of_tls = "HTTP/1.1 400 Bad Request\r\n\r\n"}};
  const TlsServer garbage{{.instead_of_tls = std::string(200, '\x99')}};
  const TlsServer mute{{.close_at_once = true}};
  for (const TlsServer* server : {&http, &garbage, &mute}) {
    const auto page = fetch_from(*server, loopback_options());
    EXPECT_EQ(page.error(), Errc::tls) << detail(page);
    EXPECT_NE(detail(page), "");
  }
}

TEST(Tls, AServerThatAsksForACertificate) {
  Authority authority;
  const TlsServer server{{.files = authority.issue(), .client_ca = authority.ca_file()}};
  const auto stranger = fetch_from(server, trusting(authority));
  EXPECT_EQ(stranger.error(), Errc::tls) << detail(stranger);
  EXPECT_THAT(detail(stranger), HasSubstr("certificate required"));
  auto options = trusting(authority);
  const auto own = authority.issue({.names = "DNS:trawl.test"});
  options.transport.client_cert_file = own.certificate;
  options.transport.client_key_file = own.key;
  EXPECT_EQ(fetch_from(server, options).body, "ok");
}

TEST(Tls, ABodyThatEndsWithoutAWordIsCutOff) {
  Authority authority;
  TlsScript script{.files = authority.issue(),
                   .answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst half"};
  const TlsServer orderly{script};
  const auto whole = fetch_from(orderly, trusting(authority));
  ASSERT_TRUE(whole.response) << whole.response.error().message();
  EXPECT_FALSE(whole.response->broken);
  EXPECT_EQ(whole.body, "first half");
  script.close_notify = false;
  const TlsServer abrupt{script};
  const auto cut = fetch_from(abrupt, trusting(authority));
  ASSERT_TRUE(cut.response) << cut.response.error().message();
  ASSERT_TRUE(cut.response->broken);
  EXPECT_EQ(cut.response->broken->code, Errc::body_truncated);
  EXPECT_EQ(cut.body, "first half");
}

TEST(Tls, ACountedBodyIsWholeHoweverItsConnectionEnds) {
  Authority authority;
  const TlsServer server{{.files = authority.issue(), .close_notify = false}};
  const auto page = fetch_from(server, trusting(authority));
  ASSERT_TRUE(page.response);
  EXPECT_FALSE(page.response->broken);
  EXPECT_EQ(page.body, "ok");
}

namespace {

std::string frame(char type, char flags, char stream, const std::string& payload = {}) {
  return std::string{'\0', '\0',  static_cast<char>(payload.size()), type, flags, '\0', '\0',
                     '\0', stream} +
         payload;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

// libcurl reads such frames for as long as there are any, and comes back to nobody meanwhile.
TEST(Tls, FramesWithoutContentHoldUpTheLoopForAShortTimeOnly) {
  Authority authority;
  const std::string settings = frame(4, 0, 0), data = frame(0, 0, 1);
  const std::string ok = frame(1, 4, 1, "\x88");  // :status 200
  const TlsServer server{{.files = authority.issue(),
                          .answer = settings + frame(4, 1, 0) + ok,
                          .http2 = true,
                          .without_end = repeated(data, 1000)}};
  const auto begun = std::chrono::steady_clock::now();
  const auto page = fetch({.url = server.url(), .timeouts = {.total = Millis{1000}}}, 1 << 20,
                          trusting(authority));
  EXPECT_NE(page.error(), Errc::internal) << "it has an answer";
  EXPECT_EQ(server.requests(), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{10});
}

// libcurl 7.88 believes such a line that the host multiplexes, and would send requests over
// connections of HTTP/1.1 that are in use.
TEST(Tls, AnAnswerBelongsToItsRequestWhateverTheStatusLineSays) {
  Authority authority;
  const auto respond = [](const std::string& head) {
    const std::string target = head.substr(4, head.find(' ', 4) - 4);
    const bool odd = target.ends_with('0');
    return fmt::format("{} 200 OK\r\nContent-Length: {}\r\n\r\n{}", odd ? "HTTP/2" : "HTTP/1.1",
                       target.size(), target);
  };
  const TlsServer server{
      {.files = authority.issue(), .keep_alive = true, .respond = respond, .side_by_side = true}};
  std::vector<Request> requests;
  for (int i = 0; i < 200; ++i) requests.push_back({.url = server.url(fmt::format("/{}", i))});
  const auto pages = coro::run_root(with_session(trusting(authority), &fetch_all, requests));
  for (std::size_t i = 0; i < pages.size(); ++i) {
    ASSERT_TRUE(pages[i].response) << pages[i].response.error().message();
    EXPECT_EQ(pages[i].body, fmt::format("/{}", i));
    EXPECT_EQ(pages[i].response->http_version, "1.1");
  }
}

}  // namespace trawl::http
