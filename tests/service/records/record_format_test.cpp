#include "service/records/record_format.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace trawl::service {
namespace {

crawl::Record full_record() {
  return {.url = "http://a/",
          .method = "POST",
          .depth = 2,
          .via = "http://b/",
          .sitemap_lastmod = "2026-01-30",
          .outcome = {.state = crawl::UrlState::fetched,
                      .status = 200,
                      .attempts = 1,
                      .fetched_at = Wall{Millis{1'769'903'998'123}},
                      .ip = "192.0.2.1",
                      .http_version = "1.1",
                      .dns_ms = 0,
                      .connect_ms = 1,
                      .ttfb_ms = 3,
                      .total_ms = 4,
                      .bytes_wire = 300,
                      .bytes_body = 200,
                      .truncated = true,
                      .content_type = "text/html",
                      .charset = "UTF-8",
                      .title = "A, \"b\"",
                      .digest = "sha256:00",
                      .redirect_to = "",
                      .etag = "\"x\"",
                      .last_modified = "",
                      .robots_meta = "noindex",
                      .filename = "a.pdf",
                      .revisit = crawl::Revisit::kept,
                      .note = "excess_bytes",
                      .served_by = "http://c/",
                      .archive = crawl::ArchivePosition{"warc/a.warc.gz", 10, 20}}};
}

std::string as(RecordFormat format, const crawl::Record& record) {
  std::string out;
  append_record(out, record, format);
  return out;
}

TEST(RecordFormat, JsonHasEveryFieldInOrderAndItsType) {
  EXPECT_EQ(as(RecordFormat::jsonl, full_record()),
            R"({"url":"http://a/","state":"fetched","status":200,"error":null,)"
            R"("error_detail":null,"depth":2,"via":"http://b/","attempts":1,)"
            R"("fetched_at":"2026-01-31T23:59:58.123Z","ip":"192.0.2.1","http_version":"1.1",)"
            R"("dns_ms":0,"connect_ms":1,"tls_ms":null,"ttfb_ms":3,"total_ms":4,"bytes_wire":300,)"
            R"("bytes_body":200,"truncated":true,"content_type":"text/html","charset":"UTF-8",)"
            R"("title":"A, \"b\"","digest":"sha256:00","redirect_to":null,"etag":"\"x\"",)"
            R"("last_modified":null,"archive":"warc/a.warc.gz","archive_offset":10,)"
            R"("archive_length":20,"robots_meta":"noindex","sitemap_lastmod":"2026-01-30",)"
            R"("filename":"a.pdf","revisit":"kept","note":"excess_bytes","method":"POST",)"
            R"("served_by":"http://c/"})"
            "\n");
}

TEST(RecordFormat, WhatWasNeverFetchedHasNullsAsInTheView) {
  const crawl::Record record{.url = "http://a/",
                             .outcome = {.state = crawl::UrlState::excluded, .error = Errc::scope}};
  const auto json = boost::json::parse(as(RecordFormat::jsonl, record)).as_object();
  EXPECT_EQ(json.size(), 36u);
  EXPECT_EQ(json.at("error"), "scope");
  EXPECT_EQ(json.at("depth"), 0);
  EXPECT_EQ(json.at("attempts"), 0);
  for (const char* name : {"status", "bytes_wire", "bytes_body", "truncated", "archive", "via"})
    EXPECT_TRUE(json.at(name).is_null()) << name;
}

TEST(RecordFormat, AnyBytesInAnyColumnAreValidJson) {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  crawl::Record record{.url = bytes, .via = bytes, .outcome = full_record().outcome};
  crawl::Outcome& o = record.outcome;
  for (std::string* text : {&o.error_detail, &o.ip, &o.http_version, &o.content_type, &o.charset,
                            &o.title, &o.digest, &o.redirect_to, &o.etag, &o.last_modified,
                            &o.archive->file, &o.robots_meta, &o.filename, &o.note, &o.served_by})
    *text = bytes;
  const std::string line = as(RecordFormat::jsonl, record);
  EXPECT_NO_THROW(boost::json::parse(line));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(RecordFormat, CsvHasAHeadingAndQuotesWhatNeedsIt) {
  const std::string heading = record_heading(RecordFormat::csv);
  EXPECT_TRUE(heading.starts_with("url,state,status,error,error_detail,depth,via,attempts,"));
  EXPECT_TRUE(heading.ends_with(",sitemap_lastmod,filename,revisit,note,method,served_by\n"));
  EXPECT_EQ(as(RecordFormat::csv, full_record()),
            "http://a/,fetched,200,,,2,http://b/,1,2026-01-31T23:59:58.123Z,192.0.2.1,1.1,0,1,,3,4,"
            "300,200,true,text/html,UTF-8,\"A, \"\"b\"\"\",sha256:00,,\"\"\"x\"\"\",,"
            "warc/a.warc.gz,10,20,noindex,2026-01-30,a.pdf,kept,excess_bytes,POST,http://c/\n");
  EXPECT_EQ(record_heading(RecordFormat::jsonl), "");
}

TEST(RecordFormat, ATableIsSafeForTheTerminal) {
  crawl::Record record{.url = "http://a/\x1b[2J"};
  record.outcome.content_type = "x\ny";
  const std::string row = as(RecordFormat::table, record);
  EXPECT_EQ(row.find('\x1b'), std::string::npos);
  EXPECT_EQ(row.find('\n'), row.size() - 1);
  EXPECT_TRUE(record_heading(RecordFormat::table).starts_with("STATE "));
}

TEST(RecordFormat, NamesAreExact) {
  EXPECT_EQ(record_format_from_string("csv"), RecordFormat::csv);
  EXPECT_EQ(record_format_from_string("json"), std::nullopt);
}

}  // namespace
}  // namespace trawl::service
