// Names on their way to a connection: resolved by us, judged by the guard, handed to libcurl.
#include "core/web/url/url.hpp"
#include "tests/http/client/client.hpp"
#include "tests/support/dns_server.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/raw_listener.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace trawl::http {
namespace {

using support::DnsQuestion;
using support::DnsReply;
using support::DnsServer;

SessionOptions asking(const DnsServer& names, const std::vector<std::string>& allowed) {
  auto options = loopback_options();
  options.guard = AddressGuard::create(allowed).value();
  options.dns = {.servers = {dns::ServerAddress::parse(names.address()).value()}};
  return options;
}

std::string at(std::string_view host, int port) {
  return fmt::format("http://{}:{}/", host, port);
}

// Listens on [::1] at a port of somebody else's on 127.0.0.1, and neither makes nor refuses a
// connection.
class DeadV6 {
 public:
  explicit DeadV6(int port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = htons(static_cast<std::uint16_t>(port));
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    for (int i = 0; i < 8; ++i)
      fds_.push_back(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    works_ = ::bind(fds_[0], generic, sizeof address) == 0 && ::listen(fds_[0], 0) == 0;
    for (std::size_t i = 1; i < fds_.size(); ++i) ::connect(fds_[i], generic, sizeof address);
  }
  ~DeadV6() {
    for (const int fd : fds_) ::close(fd);
  }
  DeadV6(const DeadV6&) = delete;
  DeadV6& operator=(const DeadV6&) = delete;
  bool works() const { return works_; }

 private:
  std::vector<int> fds_;
  bool works_ = false;
};

}  // namespace

TEST(Names, AreResolvedOnceAndTheTimeIsTold) {
  DnsServer names;
  names.on("a.test", [](const DnsQuestion& question) {
    auto reply = support::dns_addresses(question, {"127.0.0.1"});
    reply.delay = 60ms;
    return reply;
  });
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const Request request{.url = at("a.test", server.port())};
  const auto got = coro::run_root(with_session(asking(names, {"127.0.0.0/8"}), &fetch_each,
                                               std::vector<Request>{request, request}));
  ASSERT_TRUE(got[0].response) << got[0].response.error().message();
  const Phases& phases = got[0].response->phases;
  EXPECT_GE(phases.dns, 60ms);
  EXPECT_LT(phases.dns, 1s);
  EXPECT_GE(phases.first_byte, phases.dns);
  EXPECT_GE(phases.total, phases.first_byte);
  EXPECT_EQ(got[0].response->ip, "127.0.0.1");
  ASSERT_TRUE(got[1].response);
  EXPECT_LT(got[1].response->phases.dns, 20ms);
  EXPECT_EQ(names.count("a.test"), 1U);
}

TEST(Names, WithADotAtTheEndAreTheSameMachine) {
  DnsServer names;
  names.on("a.test", {"127.0.0.1"});
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const auto options = asking(names, {"127.0.0.0/8"});
  EXPECT_EQ(fetch({.url = at("a.test.", server.port())}, 100, options).body, "ok");
}

TEST(Names, OfOneAddressEachAreFetchedSideBySide) {
  DnsServer names;
  names.otherwise(
      [](const DnsQuestion& question) { return support::dns_addresses(question, {"127.0.0.1"}); });
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  std::vector<Request> requests;
  for (int i = 0; i < 200; ++i)
    requests.push_back({.url = at(fmt::format("n{}.test", i), server.port())});
  auto options = asking(names, {"127.0.0.0/8"});
  options.concurrency = 600;  // three multi handles
  const auto got = coro::run_root(with_session(options, &fetch_all, requests));
  for (const auto& one : got) EXPECT_EQ(one.body, "ok");
}

TEST(Names, ThatCantBeResolvedSayWhy) {
  DnsServer names;
  names.on("broken.test", [](const DnsQuestion&) { return DnsReply{.rcode = 2}; });
  names.on("silent.test", [](const DnsQuestion&) { return DnsReply{.silent = true}; });
  const auto options = asking(names, {"127.0.0.0/8"});
  const auto error = [&](const char* host) {
    Request request{.url = at(host, 80)};
    request.timeouts.dns = 100ms;
    return fetch(request, 100, options).response.error().message();
  };
  EXPECT_EQ(error("gone.test"), "dns: there is no name gone.test (NXDOMAIN)");
  EXPECT_EQ(error("broken.test"), "dns: broken.test: SERVFAIL from " + names.address());
  EXPECT_EQ(error("silent.test"),
            "dns_timeout: no answer about silent.test from " + names.address() + " within 100 ms");
}

// RFC 8305: row 40 of the faults asks for 300 ms to 1 s.
TEST(Names, FallBackToIpv4WhenIpv6IsDead) {
  DnsServer names;
  names.on("dual.test", {"::1", "127.0.0.1"});
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const DeadV6 dead{server.port()};
  if (!dead.works()) GTEST_SKIP() << "no [::1] here";
  Fetched got;
  const auto took = time_of([&] {
    got = fetch({.url = at("dual.test", server.port())}, 100,
                asking(names, {"127.0.0.0/8", "::1/128"}));
  });
  EXPECT_EQ(got.body, "ok");
  EXPECT_GE(took, 150ms);  // IPv6 was tried first
  EXPECT_LT(took, 1s);
}

// The reverse of it: nothing may hang on the family that is dead, whichever that is.
TEST(Names, Ipv6IsUsedWhenIpv4IsDead) {
  DnsServer names;
  names.on("dual.test", {"127.0.0.1", "::1"});
  const support::TempDir dir;
  dir.write("index.html", "ok");
  support::RawListener dead{0};
  dead.fill();
  std::unique_ptr<support::Nginx> server;
  try {
    server = std::make_unique<support::Nginx>(dir.string(),
                                              fmt::format("listen [::1]:{};", dead.port()));
  } catch (const std::runtime_error&) {
    GTEST_SKIP() << "no [::1] here";
  }
  for (int i = 0; i < 3; ++i) {
    Fetched got;
    const auto took = time_of([&] {
      got = fetch({.url = at("dual.test", dead.port())}, 100,
                  asking(names, {"127.0.0.0/8", "::1/128"}));
    });
    EXPECT_EQ(got.body, "ok");
    EXPECT_LT(took, 1s);
  }
}

TEST(Names, FallBackFromADeadAddressOfTheSameFamily) {
  DnsServer names;
  names.on("two.test", {"127.0.0.2", "127.0.0.1"});  // nobody listens at the first
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  EXPECT_EQ(fetch({.url = at("two.test", server.port())}, 100, asking(names, {"127.0.0.0/8"})).body,
            "ok");
}

// The eighth of eight: libcurl is given two at a time, and those that failed come last.
TEST(Names, OfManyDeadAddressesAreTriedBitByBit) {
  DnsServer names;
  names.on("many.test", [](const DnsQuestion& question) {
    std::vector<std::string> all;
    for (int i = 1; i <= 7; ++i) all.push_back(fmt::format("127.0.1.{}", i));
    all.emplace_back("127.0.0.1");
    return support::dns_addresses(question, all);
  });
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const Request request{.url = at("many.test", server.port())};
  std::vector<Fetched> got;
  const auto took = time_of([&] {
    got = coro::run_root(with_session(asking(names, {"127.0.0.0/8"}), &fetch_each,
                                      std::vector<Request>(4, request)));
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(got[i].error(), Errc::connect_refused) << i;
  EXPECT_EQ(got[3].body, "ok");
  EXPECT_LT(took, 2s);
  EXPECT_EQ(names.count("many.test"), 1U);
}

TEST(Names, PrivateAddressesAmongOthersAreNotTriedAndTold) {
  DnsServer names;
  names.on("mixed.test", {"10.0.0.1", "169.254.169.254", "127.0.0.1", "fd00:ec2::254"});
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const auto options = asking(names, {"127.0.0.0/8"});
  EXPECT_EQ(fetch({.url = at("mixed.test", server.port())}, 100, options).body, "ok");
  const auto refused = fetch({.url = at("mixed.test", 1)}, 100, options);
  EXPECT_EQ(refused.error(), Errc::connect_refused);
  EXPECT_TRUE(refused.response.error().detail.ends_with(
      "; not tried: fd00:ec2::254 (metadata), 10.0.0.1 (private), 169.254.169.254 (metadata)"))
      << refused.response.error().detail;
}

TEST(Names, OfPrivateAddressesAloneAreRefused) {
  DnsServer names;
  LoopbackServer server;
  for (const char* address :
       {"127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "169.254.169.254", "100.64.0.1",
        "192.0.2.1", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1",
        "fd00:ec2::254"}) {
    names.on("evil.test", {address});
    const auto got = fetch({.url = at("evil.test", server.port())}, 100, asking(names, {}));
    EXPECT_EQ(got.error(), Errc::private_address) << address;
  }
  EXPECT_EQ(server.connections(), 0U);
}

// The first answer is of a documentation network, which leads nowhere and is refused as well; then
// the same name is at 127.0.0.1. Each fetch is judged by the addresses that it would go to.
TEST(Names, ThatChangeTheirAddressAreJudgedEachTime) {
  DnsServer names;
  names.on("rebind.test", [](const DnsQuestion& question) {
    return support::dns_addresses(question, {question.before == 0 ? "192.0.2.1" : "127.0.0.1"}, 0);
  });
  LoopbackServer server;
  std::vector<std::string> details;
  for (int i = 0; i < 2; ++i) {  // each with a cache of its own, so that the answer changes
    const auto got = fetch({.url = at("rebind.test", server.port())}, 100, asking(names, {}));
    EXPECT_EQ(got.error(), Errc::private_address);
    details.push_back(got.response.error().detail);
  }
  EXPECT_NE(details[0].find("192.0.2.1 (documentation)"), std::string::npos);
  EXPECT_NE(details[1].find("127.0.0.1 (loopback)"), std::string::npos);
  EXPECT_EQ(names.count("rebind.test"), 2U);
  EXPECT_EQ(server.connections(), 0U);
}

// As a client that resolves at connect time would be led: by the time of the connection the name
// has become 127.0.0.1, but libcurl is never asked to resolve it.
TEST(Names, AreNotResolvedASecondTimeToConnect) {
  DnsServer names;
  names.on("flip.test", [](const DnsQuestion& question) {
    return support::dns_addresses(question, {question.before == 0 ? "127.0.0.2" : "127.0.0.1"}, 0);
  });
  LoopbackServer victim;  // 127.0.0.1 is not allowed, 127.0.0.2 is, and nobody listens there
  const auto got =
      fetch({.url = at("flip.test", victim.port())}, 100, asking(names, {"127.0.0.2/32"}));
  EXPECT_EQ(got.error(), Errc::connect_refused);
  EXPECT_EQ(names.count("flip.test"), 1U);
  EXPECT_EQ(victim.connections(), 0U);
}

TEST(Names, InEverySpellingOfLoopbackLeadNowhere) {
  std::ifstream in{TRAWL_SOURCE_DIR "/tests/conformance/ssrf/host_spellings.json"};
  const auto rows = boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  DnsServer names;  // were a spelling taken for a name, it would be 127.0.0.1
  names.otherwise([](const DnsQuestion& question) {
    return support::dns_addresses(question, {"127.0.0.1", "::1"});
  });
  LoopbackServer server;
  std::size_t tried = 0;
  for (const auto& row : rows.as_array()) {
    const std::string host{row.at("host_text").as_string()};
    for (const std::string& text : {fmt::format("http://{}:{}/", host, server.port()),
                                    fmt::format("http://user:pass@{}:{}/", host, server.port()),
                                    fmt::format("http://{}.:{}/", host, server.port())}) {
      const auto url = web::Url::parse(text);
      if (!url) continue;
      ++tried;
      const auto got = fetch({.url = url->href()}, 100, asking(names, {}));
      // Some are no names at all, which is as good.
      const bool no_name = url->hostname().contains("invalid") || url->hostname().ends_with("..");
      const bool refused = got.error() == Errc::private_address;
      EXPECT_TRUE(refused || (no_name && got.error() == Errc::dns))
          << text << " is " << url->href() << ": " << to_string(got.error());
    }
  }
  EXPECT_GE(tried, 30U);
  EXPECT_EQ(server.connections(), 0U);
}

}  // namespace trawl::http
