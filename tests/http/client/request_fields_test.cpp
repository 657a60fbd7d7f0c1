#include "core/http/client/request_fields.hpp"

#include <gtest/gtest.h>

namespace trawl::http {
namespace {

std::vector<std::string> lines_of(const curl_slist* list) {
  std::vector<std::string> lines;
  for (; list != nullptr; list = list->next) lines.emplace_back(list->data);
  return lines;
}

const Headers session_headers{{"X-A", "1"}, {"Empty", ""}};

}  // namespace

TEST(RequestFields, TheTextIsWhatTheListSends) {
  const RequestFields fields{"ua", "br", session_headers};
  EXPECT_EQ(lines_of(fields.defaults()),
            (std::vector<std::string>{
                "User-Agent: ua",
                "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Encoding: br", "X-A: 1", "Empty;"}));
  EXPECT_EQ(fields.head_of({.url = "https://u:p@h.example:8443/a?b"}),
            "GET /a?b HTTP/1.1\r\nHost: h.example:8443\r\nUser-Agent: ua\r\n"
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
            "Accept-Encoding: br\r\nX-A: 1\r\nEmpty:\r\n\r\n");
}

TEST(RequestFields, TheNearerFieldReplacesTheFarther) {
  const RequestFields fields{"ua", "br", {{"accept", "text/plain"}, {"X-A", "1"}}};
  const Request request{.url = "http://h/",
                        .headers = {{"x-a", "2"}, {"Accept-Encoding", "identity"}}};
  EXPECT_EQ(lines_of(fields.list_for(request).get()),
            (std::vector<std::string>{"User-Agent: ua", "accept: text/plain", "x-a: 2",
                                      "Accept-Encoding: identity"}));
}

// docs/http.md and docs/cookies.md.
TEST(RequestFields, ACookieIsASecretUnlessAServerSetIt) {
  const RequestFields fields{"ua", "", {}};
  Request request{.url = "http://h/", .headers = {{"Cookie", "sid=s3cret"}}};
  EXPECT_TRUE(fields.head_of(request).contains("\r\nCookie: ***\r\n"));
  request.gives_back_cookie = true;
  EXPECT_TRUE(fields.head_of(request).contains("\r\nCookie: sid=s3cret\r\n"));
}

TEST(RequestFields, ARequestThatAddsNothingNeedsNoListOfItsOwn) {
  const RequestFields fields{"ua", "", {}};
  EXPECT_FALSE(fields.list_for({.url = "http://h/"}));
}

TEST(RequestFields, ContentIsAnnouncedEvenWhenEmpty) {
  const RequestFields fields{"ua", "", {{"Accept", "*/*"}}};
  EXPECT_EQ(fields.head_of({.url = "http://h", .method = "POST"}),
            "POST / HTTP/1.1\r\nHost: h\r\nUser-Agent: ua\r\nAccept: */*\r\n"
            "Content-Length: 0\r\n\r\n");
}

}  // namespace trawl::http
