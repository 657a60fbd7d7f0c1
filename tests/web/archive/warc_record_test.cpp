#include "core/web/archive/warc_record.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace trawl::web {
namespace {

using namespace std::chrono_literals;

const Wall date = Wall(std::chrono::sys_days(std::chrono::year(2026) / 1 / 31)) + 23h + 59min + 58s;

TEST(WarcRecord, AHeaderIsWrittenAndReadBack) {
  WarcHeader header{.type = "response",
                    .record_id = "<urn:uuid:00000000-0000-4000-8000-000000000000>",
                    .date = date,
                    .target_uri = "https://example.org/",
                    .content_type = "application/http;msgtype=response",
                    .content_length = 42,
                    .fields = {{"WARC-IP-Address", "192.0.2.1"}}};
  const std::string text = format_warc_header(header);
  EXPECT_EQ(text,
            "WARC/1.1\r\nWARC-Type: response\r\n"
            "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
            "WARC-Date: 2026-01-31T23:59:58Z\r\nWARC-Target-URI: https://example.org/\r\n"
            "WARC-IP-Address: 192.0.2.1\r\nContent-Type: application/http;msgtype=response\r\n"
            "Content-Length: 42\r\n\r\n");
  const auto parsed = parse_warc_header(text + "block");
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->version, "1.1");
  EXPECT_EQ(parsed->block_offset, text.size());
  EXPECT_EQ(parsed->header.type, "response");
  EXPECT_EQ(parsed->header.date, date);
  EXPECT_EQ(parsed->header.target_uri, "https://example.org/");
  EXPECT_EQ(parsed->header.content_length, 42u);
  EXPECT_EQ(parsed->header.field("warc-ip-address"), "192.0.2.1");
  EXPECT_EQ(parsed->header.field("absent"), "");
}

TEST(WarcRecord, ValuesCannotForgeFields) {
  WarcHeader header{.type = "response", .record_id = "<x:y>", .target_uri = "http://a/\r\nX: y\n"};
  EXPECT_NE(format_warc_header(header).find("WARC-Target-URI: http://a/X: y\r\n"),
            std::string::npos);
}

TEST(WarcRecord, WhatOthersWriteIsRead) {
  const auto parsed = parse_warc_header(
      "WARC/1.0\r\nwarc-type: request\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
      "WARC-Date: 2026-01-31T23:59:58.250999Z\r\nWARC-Target-URI: <http://a/>\r\n"
      "X-Folded: one\r\n\t two\r\nContent-Length:7\r\n\r\n");
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->version, "1.0");
  EXPECT_EQ(parsed->header.date, date + 250ms);
  EXPECT_EQ(parsed->header.target_uri, "http://a/");
  EXPECT_EQ(parsed->header.field("X-Folded"), "one two");
}

TEST(WarcRecord, BrokenHeadersAreErrors) {
  const std::string good =
      "WARC/1.1\r\nWARC-Type: a\r\nWARC-Record-ID: <b>\r\nWARC-Date: 2026-01-31T00:00:00Z\r\n"
      "Content-Length: 1\r\n\r\n";
  ASSERT_TRUE(parse_warc_header(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_warc_header(good.substr(0, size))) << size;
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return parse_warc_header(text);
  };
  EXPECT_FALSE(with("WARC/1.1", "HTTP/1.1"));
  EXPECT_FALSE(with("Length: 1", "Length: -1"));
  EXPECT_FALSE(with("Length: 1", "Length: 99999999999999999999"));
  EXPECT_FALSE(with("Length: 1", "Length: 1\r\nContent-Length: 2"));
  EXPECT_FALSE(with("2026-01-31", "2026-02-31"));
  EXPECT_FALSE(with("2026-01-31", "yesterday"));
  EXPECT_FALSE(with("WARC-Type: a", "no colon"));
  EXPECT_FALSE(with("WARC-Type: a", ": a"));
  EXPECT_TRUE(with("2026-01-31T00:00:00Z", "2026-01"));
}

TEST(WarcRecord, IdsAreRandomUuids) {
  std::set<std::string> ids;
  const auto draw = [] {
    std::vector<std::string> drawn;
    for (int i = 0; i < 1000; ++i) drawn.push_back(new_record_id());
    return drawn;
  };
  std::vector<std::string> first, second;
  std::thread one([&] { first = draw(); }), two([&] { second = draw(); });
  one.join();
  two.join();
  ids.insert(first.begin(), first.end());
  ids.insert(second.begin(), second.end());
  EXPECT_EQ(ids.size(), 2000u);
  const std::string& id = *ids.begin();
  ASSERT_EQ(id.size(), 47u);
  EXPECT_TRUE(id.starts_with("<urn:uuid:") && id.ends_with('>'));
  EXPECT_EQ(id[24], '4');
}

}  // namespace
}  // namespace trawl::web
