// Names from outside: what the program asks a name server on loopback, what it records, and that
// nothing which a server says can lead it to an address that it may not connect to. The site is at
// 127.0.0.2, which is allowed; the victim listens at 127.0.0.1, which is not.
#include "tests/e2e/program.hpp"
#include "tests/support/dns_server.hpp"

#include <fmt/format.h>

#include <fstream>
#include <regex>
#include <set>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using support::DnsQuestion;
using support::DnsReply;
using support::DnsServer;
using testing::HasSubstr;

Arguments quick(const std::filesystem::path& folder, const DnsServer& names,
                std::string_view allowed, Arguments more = {}) {
  return Arguments{"-o",      folder.string(),
                   "--delay", "0",
                   "--set",   "politeness.adaptive=off",
                   "--set",   "politeness.per_host=8",
                   "--set",   "limits.min_free_disk=off",
                   "--set",   "fetch.backoff=10ms..20ms",
                   "--set",   "fetch.hosts_file=off",
                   "--set",   fmt::format("fetch.allow_private_networks=[\"{}\"]", allowed),
                   "--set",   fmt::format("fetch.resolver=[\"{}\"]", names.address())} +
         more;
}

std::string at(std::string_view host, const LoopbackServer& server, std::string_view path = "/") {
  return fmt::format("http://{}:{}{}", host, server.port(), path);
}

std::string detail_of(const Records& records, const std::string& url) {
  const auto found = records.find(url);
  return found == records.end() ? "no record" : found->second.outcome.error_detail;
}

TEST(NamesOfACrawl, AreAskedForOnceEach) {
  DnsServer names;
  for (const char* name : {"a.test", "b.test"}) names.on(name, {"127.0.0.1"});
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = page("page", {})}; });
  server.on("/robots.txt", Reply{.status = 404});
  const TempDir dir;
  Arguments urls{"fetch"};
  for (int i = 0; i < 20; ++i)
    for (const char* name : {"a.test", "b.test"})
      urls.push_back(at(name, server, fmt::format("/{}", i)));
  const auto run = run_trawl(urls + quick(dir / "out", names, "127.0.0.0/8"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, UrlState::fetched), 40U);
  EXPECT_EQ(records.at(at("a.test", server, "/7")).outcome.ip, "127.0.0.1");
  for (const char* name : {"a.test", "b.test"}) EXPECT_EQ(names.count(name), 1U) << name;
}

TEST(NamesOfACrawl, ThatCantBeResolvedAreRecordedAndHoldNobodyUp) {
  DnsServer names;
  names.on("good.test", {"127.0.0.1"});
  names.on("broken.test", [](const DnsQuestion&) { return DnsReply{.rcode = 2}; });
  names.on("loop.test", [](const DnsQuestion&) {
    return DnsReply{.answers = {{.type = support::DnsType::cname, .data = "loop.test"}}};
  });
  names.on("nothing.test", [](const DnsQuestion&) { return DnsReply{.soa_minimum_s = 60}; });
  names.on("many.test", [](const DnsQuestion& question) {
    std::vector<std::string> all;
    for (int i = 0; i < 200; ++i) all.push_back(fmt::format("127.0.1.{}", i));
    return support::dns_addresses(question, all);
  });
  for (int i = 0; i < 50; ++i)
    names.on(fmt::format("silent{}.test", i),
             [](const DnsQuestion&) { return DnsReply{.silent = true}; });
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = page("page", {})}; });
  server.on("/robots.txt", Reply{.status = 404});
  const TempDir dir;
  Arguments urls{"fetch",
                 at("gone.test", server),
                 at("broken.test", server),
                 at("loop.test", server),
                 at("nothing.test", server),
                 at("many.test", server),
                 at("x.invalid", server)};
  for (int i = 0; i < 50; ++i) urls.push_back(at(fmt::format("silent{}.test", i), server));
  for (int i = 0; i < 50; ++i) urls.push_back(at("good.test", server, fmt::format("/{}", i)));
  const auto run = run_trawl(urls + quick(dir / "out", names, "127.0.0.0/8",
                                          {"--set", "fetch.timeout_dns=1s", "--set",
                                           "fetch.attempts=3", "--set", "fetch.concurrency=8"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  const auto expect = [&](std::string_view host, std::string_view error, int attempts,
                          std::string_view detail) {
    const auto url = at(host, server);
    EXPECT_EQ(state_of(records, url), "failed") << host;
    EXPECT_EQ(error_of(records, url), error) << host;
    EXPECT_EQ(records.at(url).outcome.attempts, attempts) << host;
    EXPECT_THAT(detail_of(records, url), HasSubstr(detail)) << host;
  };
  expect("gone.test", "dns", 2, "there is no name gone.test (NXDOMAIN)");
  expect("nothing.test", "dns", 2, "nothing.test has no address");
  expect("x.invalid", "dns", 2, "names under .invalid are not in the DNS");
  expect("broken.test", "dns", 3, "SERVFAIL from " + names.address());
  expect("loop.test", "dns", 3, "too many aliases (CNAME), or a loop of them");
  expect("silent7.test", "dns_timeout", 3, "no answer about silent7.test");
  expect("many.test", "connect_refused", 3, "");
  EXPECT_EQ(names.count("gone.test"), 1U);  // the second attempt believed the first
  EXPECT_EQ(names.count("x.invalid"), 0U);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(state_of(records, at("good.test", server, fmt::format("/{}", i))), "fetched");
  EXPECT_LT(run.took, Millis{sanitized ? 30'000 : 12'000});
}

// A page, robots.txt, a sitemap and headers that all point at the victim, under its address and
// under names that lead there.
struct Trap {
  LoopbackServer site{"127.0.0.2"};
  LoopbackServer victim;
  DnsServer names;
  std::vector<std::string> baits;  // every URL of the victim that is offered

  Trap() {
    names.on("site.test", {"127.0.0.2"});
    names.on("robots.test", {"127.0.0.2"});
    for (const char* name : {"inner.test", "link.test", "feed.test"}) names.on(name, {"127.0.0.1"});
    names.on("six.test", {"::1", "::ffff:127.0.0.1"});
    names.on("metadata.test", {"169.254.169.254", "fd00:ec2::254", "10.0.0.1", "192.0.2.1"});
    names.on("rebind.test", [](const DnsQuestion& question) {
      return support::dns_addresses(question, {question.before == 0 ? "192.0.2.1" : "127.0.0.1"},
                                    0);
    });
    site.on("/robots.txt", [this](const SeenRequest& request) {
      if (request.header("host").starts_with("robots.test"))
        return support::redirect_to(victim.url("/robots.txt"));
      return Reply{.body = fmt::format("Sitemap: {}\nSitemap: /map.xml\n", bait("/named-map.xml")),
                   .content_type = "text/plain"};
    });
    serve();
  }

  std::string bait(std::string_view path, std::string_view host = "127.0.0.1") {
    return baits.emplace_back(at(host, victim, path));
  }

  void serve() {
    const auto location = [this](std::string_view path, std::string target) {
      site.on(std::string{path}, support::redirect_to(std::move(target)));
    };
    location("/to-number", bait("/n", "2130706433"));
    location("/to-hex", bait("/h", "0x7f.1"));
    location("/to-mapped", bait("/m", "[::ffff:7f00:1]"));
    location("/to-localhost", bait("/l", "localhost"));
    location("/to-name", bait("/x", "inner.test"));
    location("/to-dotted", bait("/d", "inner.test."));
    location("/to-six", bait("/6", "six.test"));
    location("/to-metadata", bait("/latest/meta-data", "metadata.test"));
    location("/to-userinfo", fmt::format("http://site.test@127.0.0.1:{}/u", victim.port()));
    location("/to-backslash", fmt::format("http://127.0.0.1:{}\\@site.test/b", victim.port()));
    location("/to-other-scheme", fmt::format("ftp://127.0.0.1:{}/", victim.port()));
    site.on("/link-header",
            Reply{.headers = {{"Link", "<" + bait("/lh", "link.test") + ">; rel=\"next\""}},
                  .body = page("link", {})});
    site.on("/refresh-header",
            Reply{.headers = {{"Refresh", "0; url=" + bait("/rh")}}, .body = page("refresh", {})});
    site.on("/map.xml", Reply{.body = "<urlset><url><loc>" + bait("/in-map", "feed.test") +
                                      "</loc></url></urlset>",
                              .content_type = "application/xml"});
    std::vector<std::string> links{bait("/direct"), bait("/rebind", "rebind.test"),
                                   bait("/rebind-again", "rebind.test")};
    for (const char* path : {"number", "hex", "mapped", "localhost", "name", "dotted", "six",
                             "metadata", "userinfo", "backslash", "other-scheme"})
      links.push_back(fmt::format("/to-{}", path));
    for (const char* path : {"/link-header", "/refresh-header", "/meta-refresh"})
      links.emplace_back(path);
    links.push_back(fmt::format("http://robots.test:{}/page", site.port()));
    site.on("/", Reply{.body = page("trap", links)});
    site.on("/meta-refresh",
            Reply{.body = fmt::format("<meta http-equiv=refresh content=\"0;url={}\">",
                                      bait("/meta"))});
  }

  Arguments crawl(const std::filesystem::path& folder) const {
    return Arguments{"crawl", at("site.test", site)} +
           quick(folder, names, "127.0.0.2/32",
                 {"--set", "scope.mode=any", "--set", "seeds.sitemaps=auto", "--set",
                  "fetch.attempts=2", "--set", "fetch.timeout_dns=3s"});
  }
};

TEST(TheGuard, HoldsAgainstEverythingThatAServerCanSay) {
  Trap trap;
  const TempDir dir;
  const auto run = run_trawl(trap.crawl(dir / "out"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(trap.victim.connections(), 0U);
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, UrlState::queued), 0U);
  std::size_t refused = 0;
  for (const auto& [url, record] : records)
    if (record.outcome.error == Errc::private_address) {
      EXPECT_EQ(record.outcome.state, UrlState::excluded) << url;
      ++refused;
    }
  // Fewer than baits, since several spellings are one URL.
  EXPECT_GE(refused, 14U);
  for (const auto& [url, record] : records) {
    const bool of_victim = url.find(fmt::format(":{}/", trap.victim.port())) != url.npos;
    if (of_victim) EXPECT_EQ(error_of(records, url), "private_address") << url;
  }
  EXPECT_EQ(state_of(records, at("site.test", trap.site)), "fetched");
  EXPECT_GE(trap.site.count(), 15U);
}

// What the program connects or sends to, by the kernel's account: 127.0.0.1 port by port.
struct Sent {
  std::set<std::string> addresses;
  std::set<int> ports_of_loopback;
};

Sent read_trace(const std::filesystem::path& file) {
  static const std::regex v4{R"re(sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\))re"};
  static const std::regex v6{R"re(sin6_port=htons\((\d+)\).*inet_pton\(AF_INET6, "([^"]+)")re"};
  Sent sent;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, v4) && !std::regex_search(line, match, v6)) continue;
    sent.addresses.insert(match[2]);
    if (match[2] == "127.0.0.1" || match[2] == "::1")
      sent.ports_of_loopback.insert(std::stoi(match[1]));
  }
  return sent;
}

// The refusal comes before a socket is opened: neither the victim's port nor any address but those
// of the site and the name server appears in a connect() or sendto().
TEST(TheGuard, LetsNoPacketLeaveByTheKernelsAccount) {
  const TempDir dir;
  const auto trace = (dir / "trace").string();
  const auto traced = [&](Arguments command) {
    command.insert(command.begin(), {"strace", "-f", "-qq", "-o", trace, "-e",
                                     "trace=connect,sendto,sendmsg,sendmmsg"});
    return support::run({.args = std::move(command),
                         .env = {{"ASAN_OPTIONS", "detect_leaks=0"}},  // it needs ptrace itself
                         .timeout = Millis{100'000}});
  };
  if (const auto probe = traced({"true"}); probe.exit_code != 0)
    GTEST_SKIP() << "processes can't be traced here: " << probe.err;
  Trap trap;
  Arguments command = trap.crawl(dir / "out");
  command.insert(command.begin(), TRAWL_BINARY_DIR "/trawl");
  const auto run = traced(std::move(command));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(trap.victim.connections(), 0U);
  const Sent sent = read_trace(trace);
  EXPECT_EQ(sent.addresses, (std::set<std::string>{"127.0.0.1", "127.0.0.2"}));
  EXPECT_EQ(sent.ports_of_loopback, std::set<int>{trap.names.port()});
}

TEST(FetchResolver, AndHostsFileAreChecked) {
  const TempDir dir;
  const auto bad = run_trawl({"fetch", "http://a.test/", "-o", (dir / "out").string(), "--set",
                              "fetch.resolver=[\"localhost\"]"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_THAT(bad.err, HasSubstr("fetch.resolver"));
  EXPECT_THAT(bad.err, HasSubstr("the address of a name server like \"127.0.0.1:53\""));
  const auto missing = run_trawl({"fetch", "http://a.test/", "-o", (dir / "out").string(), "--set",
                                  "fetch.hosts_file=/nowhere/hosts"});
  EXPECT_EQ(missing.exit_code, 3) << missing.err;
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/hosts can't be read: No such file or directory"));
}

TEST(FetchHostsFile, GivesNamesTheirAddresses) {
  DnsServer names;
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  const auto hosts = dir.write("hosts", "127.0.0.1 mine.test\n");
  auto arguments =
      Arguments{"fetch", at("mine.test", server)} + quick(dir / "out", names, "127.0.0.0/8");
  arguments = arguments + Arguments{"--set", "fetch.hosts_file=" + hosts.string()};
  const auto run = run_trawl(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(state_of(read_records(dir / "out"), at("mine.test", server)), "fetched");
  EXPECT_EQ(names.count(), 0U);
}

}  // namespace
}  // namespace trawl::e2e
