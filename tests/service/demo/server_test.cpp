#include "service/demo/server.hpp"

#include "core/base/result.hpp"
#include "core/coro/loop.hpp"
#include "tests/support/subprocess.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace trawl::service::demo {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// The site on a thread of its own, as long as the object lives.
class RunningSite {
 public:
  RunningSite() : server_(loop_.executor(), Site{}), thread_([this] { run(); }) {}
  ~RunningSite() {
    loop_.cancel();
    thread_.join();
  }
  RunningSite(const RunningSite&) = delete;
  RunningSite& operator=(const RunningSite&) = delete;

  const std::string& origin() const { return server_.origin(); }
  std::uint16_t port() const { return server_.port(); }

  std::string curl(std::vector<std::string> args) const {
    args.insert(args.begin(), {"curl", "-sS", "--noproxy", "*", "--max-time", "20"});
    const auto done = support::run({.args = std::move(args)});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out;
  }

 private:
  void run() {
    try {
      loop_.run(server_.serve());
      ADD_FAILURE() << "serving ended by itself";
    } catch (const boost::system::system_error& error) {
      EXPECT_TRUE(coro::is_cancellation(error)) << error.what();
    }
  }

  coro::Loop loop_;
  Server server_;
  std::thread thread_;
};

}  // namespace

TEST(DemoServer, AnswersOnOneConnectionAsTheSiteSays) {
  const RunningSite site;
  const auto text = site.curl({"-w", "%{http_code} %{num_connects}\n", "-o", "/dev/null", "-o",
                               "/dev/null", "-o", "/dev/null", site.origin() + "/",
                               site.origin() + "/latest", site.origin() + "/none"});
  EXPECT_EQ(text, "200 1\n301 0\n404 0\n");
  EXPECT_EQ(site.curl({site.origin() + "/guide/chapter-2/?q=1"}),
            Site{}.answer("/guide/chapter-2/", site.origin()).body);
  EXPECT_THAT(site.curl({site.origin() + "/robots.txt"}),
              EndsWith("Sitemap: " + site.origin() + "/sitemap.xml\n"));
}

TEST(DemoServer, HeadConditionalAndOtherMethodsAreAnsweredAsHttpWantsIt) {
  const RunningSite site;
  const auto etag = Site{}.answer("/", site.origin()).etag;
  EXPECT_THAT(site.curl({"-I", site.origin() + "/"}), HasSubstr("ETag: " + etag + "\r\n"));
  EXPECT_THAT(site.curl({"-i", "-H", "If-None-Match: " + etag, site.origin() + "/"}),
              StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_THAT(site.curl({"-i", "-d", "x", site.origin() + "/"}), HasSubstr("Allow: GET, HEAD"));
  EXPECT_THAT(site.curl({"-i", "-H", "Connection: close", site.origin() + "/latest"}),
              HasSubstr("Location: /\r\n"));
}

TEST(DemoServer, StopsAtOnceWithOpenAndBrokenConnections) {
  const RunningSite site;
  // One client that says nothing and one that speaks no HTTP.
  support::Subprocess silent{{.args = {"/bin/bash", "-c",
                                       "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(site.port()) +
                                           "; echo open; sleep 100"}}};
  EXPECT_TRUE(silent.wait_for_output("open"));
  const auto broken =
      support::run({.args = {"/bin/bash", "-c",
                             "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(site.port()) +
                                 "; echo nonsense >&3; echo >&3; cat <&3"}});
  EXPECT_FALSE(broken.timed_out);
  EXPECT_THAT(site.curl({site.origin() + "/downloads/changes.txt"}), StartsWith("Changes"));
}

TEST(DemoServer, ATakenPortIsAFailureThatNamesIt) {
  const RunningSite site;
  coro::Loop loop;
  try {
    const Server second{loop.executor(), Site{}, site.port()};
    FAIL() << "two servers on one port";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::io);
    EXPECT_THAT(failure.what(), HasSubstr(std::to_string(site.port())));
  }
}

}  // namespace trawl::service::demo
