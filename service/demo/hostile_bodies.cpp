// Bodies without an end, and servers that take their time.
#include "service/demo/hostile_parts.hpp"

namespace trawl::service::demo {
namespace {

using namespace std::chrono_literals;

constexpr Expected at_the_bound{.note = "max_body", .truncated = true};
constexpr Expected too_slow{.state = "failed", .error = "too_slow"};
constexpr Expected too_slow_in_part{.state = "failed", .error = "too_slow", .truncated = true};

}  // namespace

void add_bodies(Behaviours& all) {
  const std::string block(16 * 1024, 'x');
  all.push_back({"endless_body", 23, "sends a body that never ends", at_the_bound,
                 steps({send(answer("Connection: close\r\n")), send(block, for_ever)})});
  all.push_back({"endless_chunks", 23, "sends chunks for ever", at_the_bound,
                 steps({send(answer("Transfer-Encoding: chunked\r\n")),
                        send("4000\r\n" + block + "\r\n", for_ever)})});
  all.push_back({"two_gigabytes", 24, "announces 2 GB and sends nothing", at_the_bound,
                 steps({send(answer("Content-Length: 2000000000\r\n")), hang()})});
  all.push_back({"utf16_page",
                 25,
                 "sends UTF-16 and calls it ISO-8859-1",
                 {},
                 raw("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n"
                     "Content-Length: 10\r\n\r\n" +
                     std::string("\xff\xfe<\0p\0>\0x\0", 10))});
  all.push_back({"binary_page",
                 25,
                 "sends bytes without sense and calls them HTML",
                 {},
                 raw(whole("", "\x89PNG\r\n\x1a\n<a href=\"\xff\xfe\x01\x02<<<<\x00<!--"))});
  all.push_back({"silence",
                 26,
                 "takes the request and says nothing",
                 {.state = "failed", .error = "first_byte_timeout"},
                 steps({hang()})});
  all.push_back({"drip_head", 27, "sends its head a byte at a time", too_slow,
                 steps({send("HTTP/1.1 200 OK\r\n"), drip("X: " + std::string(400, 'd'), 50ms)})});
  all.push_back(
      {"drip_body", 27, "sends its body a byte at a time", too_slow_in_part,
       steps({send(answer("Content-Length: 400\r\n")), drip(std::string(400, 'd'), 50ms)})});
  all.push_back({"stall", 28, "stops in the middle of the body", too_slow_in_part,
                 steps({send(answer("Content-Length: 5000\r\n", page("a part"))), hang()})});
}

}  // namespace trawl::service::demo
