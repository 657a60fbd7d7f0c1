// Rows 1 to 16 of docs/faults.md: where an answer ends, and what is none. What is recorded of each
// stands in the table of behaviours (service/demo/hostile_framing.cpp, hostile_heads.cpp).
#include "tests/e2e/hostile_web.hpp"

#include <fmt/format.h>

namespace trawl::e2e {

using service::demo::Script;
using service::demo::ScriptRequest;
using support::HostileServer;
using testing::HasSubstr;

// Row 1
TEST_F(HostileWeb, ABodyShorterThanItsLengthIsKeptInPart) {
  fetch({"short_body", "half_close"});
  EXPECT_EQ(outcome("short_body").status, 200);
  EXPECT_EQ(outcome("short_body").title, "a page in part");
  EXPECT_GT(outcome("short_body").bytes_body, 1000U);
  EXPECT_THAT(body("short_body"), HasSubstr("This is a page in part."));
}

// Row 2
TEST_F(HostileWeb, ABodyLongerThanItsLengthEndsThereAndTheConnectionToo) {
  fetch({"excess_bytes", "excess_after_204", "excess_after_chunks"},
        {"--set", "politeness.per_host=1"});
  EXPECT_EQ(body("excess_bytes"), std::string(100, 'a'));
  EXPECT_EQ(body("excess_after_chunks"), "hello");
  // robots.txt and the first on one connection, then one each, and both good pages on the last.
  EXPECT_EQ(server_.connections(), 4U);
}

// Row 3
TEST_F(HostileWeb, DamagedChunksAreNotTakenForAPage) {
  fetch({"chunk_not_hex", "chunk_overflow", "chunk_mismatch", "chunk_extension"});
  EXPECT_EQ(outcome("chunk_not_hex").bytes_body, 0U);
  EXPECT_EQ(outcome("chunk_overflow").bytes_body, 0U);
  EXPECT_EQ(body("chunk_mismatch"), "hello worl");
}

// Row 4
TEST_F(HostileWeb, ChunksWithoutTheLastOneAreABodyInPart) {
  fetch({"no_last_chunk"});
  EXPECT_EQ(body("no_last_chunk"), "hello");
}

// Row 5
TEST_F(HostileWeb, ALengthBesideChunksIsNotedAndTheConnectionNotReused) {
  fetch({"length_and_chunks"}, {"--set", "politeness.per_host=1"});
  EXPECT_EQ(body("length_and_chunks"), "hello");
  EXPECT_EQ(server_.connections(), 2U);
}

// Row 6
TEST_F(HostileWeb, TwoLengthsThatDifferAreRefused) {
  fetch({"two_lengths"});
  EXPECT_THAT(outcome("two_lengths").error_detail, HasSubstr("5 and 7"));
}

// Row 7
TEST_F(HostileWeb, ALengthThatIsNoNumberIsRefused) {
  fetch({"length_with_dash", "length_overflow", "length_negative"});
  EXPECT_THAT(outcome("length_with_dash").error_detail, HasSubstr("3-"));
}

// Row 8
TEST_F(HostileWeb, WhatIsNotHttpIsNotStored) {
  fetch({"http_0_9", "ssh_banner", "http2_preface", "blank_lines_first"});
  EXPECT_THAT(outcome("ssh_banner").error_detail, HasSubstr("not HTTP"));
  for (const char* name : {"http_0_9", "ssh_banner", "http2_preface", "blank_lines_first"})
    EXPECT_FALSE(outcome(name).archive) << name;
}

// Row 9
TEST_F(HostileWeb, ConnectionsThatEndEarlyAreResetsWhereverTheyEnd) {
  fetch({"empty_reply", "reset_at_once", "head_cut", "reset_in_body"});
  EXPECT_EQ(body("reset_in_body"), "abc");
}

// Row 9
TEST_F(HostileWeb, AConnectionThatEndsEarlyIsTriedAgainAfterAWait) {
  fetch({"empty_reply"}, {"--set", "fetch.attempts=3", "--set", "fetch.backoff=300ms..300ms"});
  EXPECT_EQ(outcome("empty_reply").attempts, 3);
  // libcurl itself asks once more where a kept connection has died, as this one has for it.
  EXPECT_LE(server_.count("/empty_reply"), 6U);
}

// Row 10
TEST_F(HostileWeb, DamagedHeaderLinesAreRefused) {
  fetch({"no_colon", "space_first", "nul_in_header", "bare_cr"});
}

// Row 11
TEST_F(HostileWeb, AStatusIsAnyThreeDigitsAndNothingElse) {
  fetch({"status_999", "status_000", "status_text"});
  EXPECT_EQ(outcome("status_999").status, 999);
  EXPECT_EQ(outcome("status_999").title, "denied");
}

// Row 12
TEST_F(HostileWeb, AnswersToQuestionsThatWereNotAsked) {
  fetch({"switches_protocols", "not_modified", "partial_content"});
  EXPECT_EQ(outcome("not_modified").status, 304);
  EXPECT_EQ(outcome("partial_content").status, 206);
}

// Row 13
TEST_F(HostileWeb, InterimAnswersCountAgainstTheHeaderBudget) {
  fetch({"continues"});
}

// Row 14
TEST_F(HostileWeb, HeadsOverTheBudgetAreSaidToBeThat) {
  fetch({"long_header", "many_headers", "many_trailers", "endless_head"});
  for (const char* name : {"long_header", "many_headers", "many_trailers", "endless_head"})
    EXPECT_THAT(outcome(name).error_detail, Not(HasSubstr("memory"))) << name;
  EXPECT_EQ(body("many_trailers"), "hello");
}

// Row 15
TEST_F(HostileWeb, AnyBytesInHeadersAreKeptAndBreakNoOutput) {
  fetch({"header_bytes"});
  const auto url = server_.url("/header_bytes");
  const auto head = run_trawl({"cat", (dir_ / "out").string(), url, "--headers"});
  EXPECT_THAT(head.out, HasSubstr("X-Title: \xf0\xd2\xc9\xd7\xc5\xd4 \x1b[31m"));
  const auto results = run_trawl({"results", (dir_ / "out").string(), "--format", "table"});
  EXPECT_FALSE(results.out.contains('\x1b'));
  const auto json = run_trawl({"results", (dir_ / "out").string()});
  EXPECT_EQ(std::ranges::count(json.out, '\n'), 3);
  EXPECT_THAT(json.out, HasSubstr("\"etag\":\"\\\"\xc3\xa4\\\"\""));
}

namespace {

// A body that ends with the connection: cut without a goodbye at "/cut", with one at "/whole".
Script until_the_end(const ScriptRequest& request) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>a part</title>";
  if (request.target == "/cut") return {service::demo::send(bytes), service::demo::drop()};
  if (request.target == "/whole") return {service::demo::send(bytes), service::demo::close()};
  return service::demo::hostile_answer(request);
}

}  // namespace

// Row 16
TEST_F(HostileWeb, TlsThatEndsWithoutAGoodbyeIsABodyInPart) {
  const HostileServer server{until_the_end, HostileServer::Transport::tls};
  fetch_from(server, {"cut", "whole"}, {"--set", "fetch.tls_verify=false"});
  EXPECT_EQ(error_of(records_, server.url("/cut")), "body_truncated");
  EXPECT_TRUE(outcome("cut").truncated);
  EXPECT_EQ(outcome("cut").title, "a part");
  EXPECT_EQ(state_of(records_, server.url("/whole")), "fetched");
  EXPECT_FALSE(outcome("whole").truncated);
}

// The same faults within TLS end in the same records.
TEST_F(HostileWeb, OverTlsFaultsAreWhatTheyAreWithout) {
  const HostileServer server{service::demo::hostile_answer, HostileServer::Transport::tls};
  std::vector<std::string> names;
  for (const auto& behaviour : service::demo::behaviours())
    if (behaviour.listed && behaviour.row < 16) names.emplace_back(behaviour.name);
  fetch_from(server, names, {"--set", "fetch.tls_verify=false"});
  for (const auto& name : names) {
    const auto seen = service::demo::observe(records_, server.url("/" + name));
    EXPECT_TRUE(seen.as_expected(service::demo::find_behaviour(name)->expected))
        << name << ": " << seen.state << ' ' << seen.error << ' ' << seen.note << ' '
        << outcome(name).error_detail;
  }
}

}  // namespace trawl::e2e
