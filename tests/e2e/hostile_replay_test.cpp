// Every answer of tests/conformance/hostile, sent as it is. What is to be recorded was written down
// from the RFCs (9110, 9112) and from docs/faults.md, not from what curl or llhttp say.
#include "service/demo/packed.hpp"
#include "tests/e2e/hostile_web.hpp"
#include "tests/support/base64.hpp"
#include "tests/support/conformance_suite.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace trawl::e2e {

namespace demo = service::demo;
namespace json = boost::json;
using demo::Expected;
using demo::Script;
using demo::ScriptRequest;
using support::ConformanceSuite;
using support::HostileServer;

namespace {

constexpr Expected fetched{};
constexpr Expected reset{.state = "failed", .error = "reset"};
constexpr Expected protocol{.state = "failed", .error = "protocol"};
constexpr Expected bad_chunks{.state = "failed", .error = "protocol", .truncated = true};
constexpr Expected cut{.state = "failed", .error = "body_truncated", .truncated = true};
constexpr Expected too_large{.state = "failed", .error = "header_too_large"};
constexpr Expected too_slow{.state = "failed", .error = "too_slow", .truncated = true};
constexpr Expected excess{.note = "excess_bytes"};
constexpr Expected no_trailers{.note = "trailers_cut"};
constexpr Expected unasked{.error = "protocol"};
constexpr Expected undecoded{.error = "decode"};
constexpr Expected redirect_bad{.error = "redirect_bad"};
constexpr Expected redirect_loop{.error = "redirect_loop"};
constexpr Expected refused{.error = "connect_refused"};
constexpr Expected at_the_bound{.note = "max_body", .truncated = true};

json::array read_cases(const char* name) {
  std::ifstream file{std::string{TRAWL_SOURCE_DIR "/tests/conformance/hostile/"} + name};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto value = json::parse(text);
  return value.is_array() ? value.as_array() : value.as_object().at("max_filesize").as_array();
}

using Case = std::pair<std::string_view, Expected>;

constexpr auto expected_of_responses = std::to_array<Case>({
    {"content_length_short", cut},
    {"content_length_overrun", excess},
    {"chunk_size_mismatch", bad_chunks},
    {"chunk_size_nonhex", bad_chunks},
    {"chunk_size_overflow", bad_chunks},
    {"chunk_truncated", cut},
    {"chunk_no_final", cut},
    {"chunk_lf_only", fetched},
    {"cl_and_chunked", {.note = "cl_and_te"}},
    {"two_content_lengths", protocol},
    {"negative_content_length", protocol},
    {"malformed_content_length", protocol},
    {"huge_content_length", protocol},
    {"no_colon_header", protocol},
    {"header_nul", protocol},
    {"status_only_eof", fetched},
    {"blank_first", protocol},
    {"http09", protocol},
    {"binary_greeting_ssh", protocol},
    {"http2_preface_on_h1", protocol},
    {"empty_close", reset},
    {"status_999", fetched},
    {"status_garbage", protocol},
    {"status_0", protocol},
    {"gzip_truncated", {.error = "body_truncated", .truncated = true}},
    {"gzip_false", undecoded},
    {"gzip_bad_crc", undecoded},
    {"gzip_trailing_garbage", {.note = "trailing_data"}},
    {"gzip_bomb_50MB", at_the_bound},
    {"gzip_6_layers", undecoded},
    {"unknown_encoding", undecoded},
    {"raw_deflate", fetched},
    {"header_one_400KB", too_large},
    {"headers_many_5000", too_large},
    {"headers_many_20000x50", too_large},
    {"set_cookie_9KB", fetched},
    {"redirect_self", redirect_loop},
    {"redirect_grow", redirect_loop},  // what is replayed grows once
    {"redirect_file", redirect_bad},
    {"redirect_gopher", redirect_bad},
    {"redirect_ftp", redirect_bad},
    {"redirect_mailto", redirect_bad},
    {"redirect_badhost", redirect_bad},
    {"redirect_text", redirect_bad},
    {"redirect_empty", fetched},
    {"redirect_none", fetched},
    {"redirect_two_locations", {.note = "two_locations"}},
    {"redirect_70KB_url", redirect_bad},
    {"redirect_9MB_url", too_large},
    {"redirect_to_closed_port", refused},
    {"redirect_userinfo", refused},
    {"early_103", fetched},
    {"many_1xx", too_large},
    {"code_101_unasked", protocol},
    {"code_204_with_body", excess},
    {"code_304_unasked", unasked},
    {"code_206_unasked", unasked},
    {"ok", fetched},
    {"trailer", fetched},
    {"trailer_bomb", {.state = "failed", .error = "header_too_large", .truncated = true}},
    {"chunk_ext_bomb", fetched},
    {"rst_mid_body", cut},
    {"rst_now", reset},
    {"drip_body", too_slow},
    {"drip_header", {.state = "failed", .error = "too_slow"}},
    {"hang_no_reply", {.state = "failed", .error = "first_byte_timeout"}},
    {"stall_body", too_slow},
});

std::string numbered_lines(int count, std::string_view name, std::string_view value) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += fmt::format("{}{}: {}\r\n", name, i, value);
  return lines;
}

// Cases that the file describes and doesn't spell out: too long, or not a matter of bytes.
Script described(std::string_view name) {
  using demo::close;
  using demo::send;
  const std::string ok = "HTTP/1.1 200 OK\r\n", chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  const auto sent = [](std::string bytes) { return Script{send(std::move(bytes)), close()}; };
  if (name == "gzip_bomb_50MB")
    return sent(ok + "Content-Encoding: gzip\r\n\r\n" +
                demo::gzipped(std::string(1'000'000, '\0'), 50));
  if (name == "header_one_400KB") return sent(ok + "X: " + std::string(400'000, 'A') + "\r\n\r\n");
  if (name == "headers_many_5000") return sent(ok + numbered_lines(5000, "H", "hey") + "\r\n");
  if (name == "headers_many_20000x50")
    return sent(ok + numbered_lines(20'000, "H", std::string(50, 'h')) + "\r\n");
  if (name == "set_cookie_9KB")
    return sent(ok + "Set-Cookie: a=" + std::string(9000, 'b') + "\r\nContent-Length: 0\r\n\r\n");
  if (name == "redirect_70KB_url" || name == "redirect_9MB_url")
    return sent("HTTP/1.1 302 F\r\nLocation: /" +
                std::string(name == "redirect_70KB_url" ? 70'000 : 9'000'000, 'a') +
                "\r\nContent-Length: 0\r\n\r\n");
  if (name == "many_1xx")
    return {send("HTTP/1.1 100 Continue\r\n\r\n", 2000), send(ok + "Content-Length: 2\r\n\r\nok"),
            close()};
  if (name == "trailer_bomb")
    return sent(chunked + "5\r\nhello\r\n0\r\n" + numbered_lines(5000, "A", std::string(90, 'x')) +
                "\r\n");
  if (name == "chunk_ext_bomb")
    return sent(chunked + "5;" + std::string(100'000, 'a') + "\r\nhello\r\n0\r\n\r\n");
  const std::string half = ok + "Content-Length: 100\r\n\r\nabc";
  if (name == "rst_mid_body") return {send(half), demo::wait(Millis{100}), demo::reset()};
  if (name == "rst_now") return {demo::reset()};
  if (name == "drip_body")
    return {send(ok + "Content-Length: 100\r\n\r\n"),
            demo::drip(std::string(100, 'd'), Millis{50})};
  if (name == "drip_header")
    return {send(ok), demo::drip("X: " + std::string(99, 'd'), Millis{50})};
  if (name == "hang_no_reply") return {demo::hang()};
  if (name == "stall_body") return {send(half), demo::hang()};
  return {};
}

// llhttp's names are sentences; these are where the connection ends within the head, as all of its
// cases do that have no empty line.
Expected expected_of_llhttp(std::string_view name) {
  static const std::map<std::string_view, Expected> all{
      {"HTTP/1.1 with keep-alive disabled and 204 status", excess},
      {"HTTP/1.1 with keep-alive disabled, content-length (lenient)", excess},
      {"HTTP/1.1 with keep-alive disabled, content-length", excess},
      {"HTTP/1.1 with keep-alive disabled and 204 status (lenient)", excess},
      {"HTTP 101 response with Upgrade and Content-Length header", protocol},
      {"HTTP 200 response with Upgrade header and Transfer-Encoding", no_trailers},
      {"HTTP 304 with Content-Length", {.error = "protocol", .note = "excess_bytes"}},
      {"HTTP 100 first, then 400", protocol},  // an empty line between the two
      {"Content-Length-X", no_trailers},
      {"Tabs in `Content-Length` (surrounding)", reset},
      {"It should be safe to finish with cb after empty response", reset},
      {"Extra digit in HTTP major version", protocol},
      {"Extra digit in HTTP major version #2", protocol},
      {"Headers separated by CR", reset},
      {"Bare CR after response line", reset},
      {"Bare CR after response line (lenient)", reset},
      {"Bare CR followed by CR after response line", protocol},
      {"Invalid HTTP version", protocol},
      {"Extra space between HTTP version and status code", reset},
      {"One-digit status code", protocol},
      {"Simple response", reset},
      {"Error on invalid response start", protocol},
      {"Empty body should not trigger spurious span callbacks", reset},
      {"No headers and no body", reset},
      {"Empty reason phrase after space", reset},
      {"Underscore in header key", reset},
      {"bonjourmadame.fr", reset},
      {"Non ASCII in status line", reset},
      {"HTTP version 0.9", protocol},
      {"No extension after semicolon", no_trailers},
      {"Chunk extensions quoting", cut},  // ends within the last chunk's line
      {"Invalid OBS fold after chunked value", protocol},
      {"Invalid HTTP version (lenient)", protocol},
      {"on_chunk_header", no_trailers},
      {"on_chunk_extension_name", no_trailers},
      {"on_chunk_extension_value", no_trailers},
      {"on_chunk_complete", no_trailers},
  };
  const auto found = all.find(name);
  return found == all.end() ? fetched : found->second;
}

std::string words(const demo::Observed& seen) {
  return fmt::format("{} {} [{}]{}", seen.state, seen.error, seen.note,
                     seen.truncated ? " truncated" : "");
}

}  // namespace

TEST_F(HostileWeb, AnswersThatWereMeasuredBefore) {
  std::map<std::string, Script, std::less<>> scripts;
  std::vector<std::string> names;
  for (const auto& item : read_cases("responses_curl_7_88_1.json")) {
    const auto& fields = item.as_object();
    names.emplace_back(fields.at("name").as_string());
    scripts["/" + names.back()] =
        fields.contains("raw_b64")
            ? Script{demo::send(support::from_base64(fields.at("raw_b64").as_string())),
                     demo::close()}
            : described(names.back());
  }
  const HostileServer server{[&](const ScriptRequest& request) {
    const auto found = scripts.find(request.target.substr(0, request.target.find('?')));
    return found == scripts.end() ? demo::hostile_answer(request) : found->second;
  }};
  fetch_from(server, names);

  ConformanceSuite suite{"Hostile answers, measured", "hostile/responses_curl_7_88_1.json"};
  for (const auto& name : names) {
    const auto seen = demo::observe(records_, server.url("/" + name));
    const auto expected = std::ranges::find(expected_of_responses, name, &Case::first);
    ASSERT_NE(expected, expected_of_responses.end()) << name;
    suite.expect(seen.as_expected(expected->second), name + ": " + words(seen));
  }
}

TEST_F(HostileWeb, AnswersThatAParsersTestsAreMadeOf) {
  std::vector<std::string> raw, names, paths;
  for (const auto& item : read_cases("http_response_bytes.json")) {
    raw.push_back(support::from_base64(item.as_object().at("raw_b64").as_string()));
    names.emplace_back(item.as_object().at("name").as_string());
    paths.push_back(fmt::format("{}", paths.size()));
  }
  const HostileServer server{[&](const ScriptRequest& request) {
    const auto found = std::ranges::find(paths, request.target.substr(1));
    if (found == paths.end()) return demo::hostile_answer(request);
    return Script{demo::send(raw[static_cast<std::size_t>(found - paths.begin())]), demo::close()};
  }};
  fetch_from(server, paths);

  ConformanceSuite suite{"HTTP: responses, llhttp", "hostile/http_response_bytes.json"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto seen = demo::observe(records_, server.url("/" + paths[i]));
    suite.expect(seen.as_expected(expected_of_llhttp(names[i])), names[i] + ": " + words(seen));
  }
}

// curl's --max-filesize let three of these four pass; here each ends at the bound.
TEST_F(HostileWeb, BodiesThatPassedCurlsLimit) {
  const std::string body(1'000'000, 'x');
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::string> answers{
      ok + "Content-Length: 1000000\r\n\r\n" + body,
      ok + "Transfer-Encoding: chunked\r\n\r\n" + fmt::format("{:x}\r\n", body.size()) + body +
          "\r\n0\r\n\r\n",
      ok + "\r\n" + body,
      ok + "Content-Encoding: gzip\r\n\r\n" + demo::gzipped(std::string(1'000'000, '\0'), 50)};
  ASSERT_EQ(read_cases("tls_network_limits_curl_7_88_1.json").size(), answers.size());
  const HostileServer server{[&](const ScriptRequest& request) {
    const char last = request.target.back();
    if (request.target.size() > 2 || last < '0' || last > '3') return demo::hostile_answer(request);
    return Script{demo::send(answers[static_cast<std::size_t>(last - '0')]), demo::close()};
  }};
  fetch_from(server, {"0", "1", "2", "3"}, {"--set", "fetch.max_body=100KB"});

  ConformanceSuite suite{"Hostile answers, over a limit",
                         "hostile/tls_network_limits_curl_7_88_1.json"};
  for (const char* name : {"0", "1", "2", "3"}) {
    const auto seen = demo::observe(records_, server.url(std::string{"/"} + name));
    suite.expect(seen.as_expected(at_the_bound) && seen.bytes_body <= 100'000,
                 std::string{name} + ": " + words(seen));
  }
}

}  // namespace trawl::e2e
