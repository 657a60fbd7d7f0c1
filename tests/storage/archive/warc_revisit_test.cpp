// WARC 1.1, 6.7.2: a payload that the archive has is not kept again, and what refers to it never
// outlives it.
#include "core/web/digest.hpp"
#include "storage/warc/revisit.hpp"
#include "storage/warc/verify.hpp"
#include "storage/warc/writer.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <map>
#include <random>
#include <set>

namespace trawl::storage {
namespace {

using testing::HasSubstr;

std::string text_of(std::size_t bytes, unsigned seed = 0) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) text += std::to_string(random()) + '\n';
  text.resize(bytes);
  return text;
}

class WarcRevisit : public testing::TestWithParam<crawl::WarcCompression> {
 protected:
  WarcOptions options() const {
    return {.output_dir = folder.path(), .job_name = "j", .compression = GetParam()};
  }
  crawl::Exchange page_in_file(const std::string& url, const std::string& body) {
    auto exchange = page(url, "");
    exchange.body_file = folder / "tmp/body";
    exchange.body_bytes = body.size();
    write_file(exchange.body_file, body);
    return exchange;
  }
  // A reader behind the header of the record at a position.
  std::pair<WarcReader, web::WarcHeader> at(const crawl::ArchivePosition& position) {
    auto reader = WarcReader::open(folder.path() / position.file);
    reader->seek(position.offset);
    auto header = (**reader->next()).header;
    return {std::move(*reader), std::move(header)};
  }
  std::string type_at(const crawl::ArchivePosition& position) { return at(position).second.type; }
  WarcSummary verify(const std::string& file) { return *verify_warc(folder.path() / file); }

  TemporaryFolder folder;
  FixedClock clock;
};

TEST_P(WarcRevisit, TheSamePayloadIsReferredTo) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(5000);
  const auto original = append(archive, page("http://example.org/a", body));
  auto again = page("http://example.org/b", body);
  again.response.response_head = "HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n";
  again.response.started += Millis(5000);
  again.response.http_version = "2";
  const auto position = append(archive, again);
  EXPECT_LT(position.length, original.length);
  const web::WarcHeader first = at(original).second;
  auto [reader, header] = at(position);
  EXPECT_EQ(header.type, "revisit");
  EXPECT_EQ(header.target_uri, "http://example.org/b");
  EXPECT_EQ(header.content_type, "application/http;msgtype=response");
  EXPECT_EQ(header.field("WARC-Profile"),
            "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest");
  EXPECT_EQ(header.field("WARC-Refers-To"), first.record_id);
  EXPECT_EQ(header.field("WARC-Refers-To-Target-URI"), "http://example.org/a");
  EXPECT_EQ(header.field("WARC-Refers-To-Date"), "2026-01-31T23:59:58Z");
  EXPECT_EQ(header.field("WARC-Payload-Digest"), "sha256:" + web::sha256_hex(body));
  EXPECT_EQ(header.field("WARC-Truncated"), "length");
  EXPECT_EQ(header.field("WARC-IP-Address"), "192.0.2.1");
  EXPECT_EQ(header.field("WARC-Protocol"), "h2c");
  const std::string head = *reader.read_http_head();
  EXPECT_EQ(head, "HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_EQ(header.field("WARC-Block-Digest"), "sha256:" + web::sha256_hex(head));
  EXPECT_EQ(*reader.read_rest(), "");
  EXPECT_EQ(reader.finish()->length, position.length);
  // The request goes on as ever.
  const auto request = reader.next();
  EXPECT_EQ((*request)->header.type, "request");
  EXPECT_EQ((*request)->header.field("WARC-Concurrent-To"), header.record_id);
  const auto summary = verify(position.file);
  EXPECT_EQ(summary.fault_count, 0u);
  EXPECT_EQ(summary.types.at("revisit"), 1u);
}

TEST_P(WarcRevisit, BodiesInFilesAreToo) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(700'000);
  const auto in_file = append(archive, page_in_file("http://example.org/1", body));
  const auto in_memory = append(archive, page("http://example.org/2", body));
  const auto again = append(archive, page_in_file("http://example.org/3", body));
  EXPECT_EQ(type_at(in_file), "response");
  EXPECT_EQ(type_at(in_memory), "revisit");
  EXPECT_EQ(type_at(again), "revisit");
  EXPECT_FALSE(std::filesystem::exists(folder / "tmp/body"));
  EXPECT_LT(again.length, 2000u);
  EXPECT_EQ(verify(again.file).fault_count, 0u);
}

TEST_P(WarcRevisit, LargeBodiesInMemoryAreToo) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(50'000);
  auto first = page("http://example.org/1", body);
  first.body_sha256 = web::sha256_hex(body);
  auto second = page("http://example.org/2", body);
  second.body_sha256 = first.body_sha256;
  const auto original = append(archive, first);
  const auto again = append(archive, second);
  auto [reader, header] = at(original);
  EXPECT_EQ(header.type, "response");
  ASSERT_TRUE(reader.read_http_head());
  EXPECT_EQ(*reader.read_rest(), body);
  EXPECT_EQ(reader.finish()->length, original.length);
  EXPECT_EQ((*reader.next())->header.field("WARC-Concurrent-To"), header.record_id);
  EXPECT_EQ(type_at(again), "revisit");
  const auto summary = verify(original.file);
  EXPECT_EQ(summary.fault_count, 0u);
  EXPECT_EQ(summary.types.at("request"), 2u);
}

TEST_P(WarcRevisit, OnlyWholePayloadsThatAreWorthItAreShared) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(5000);
  auto cut = page("http://example.org/cut", body);
  cut.truncated = "length";
  EXPECT_EQ(type_at(append(archive, cut)), "response");
  EXPECT_EQ(type_at(append(archive, page("http://example.org/1", body))), "response");
  EXPECT_EQ(type_at(append(archive, cut)), "response");
  for (const std::string& small : {text_of(511), std::string()}) {
    append(archive, page("http://example.org/small", small));
    EXPECT_EQ(type_at(append(archive, page("http://example.org/small2", small))), "response");
  }
  WarcOptions off = options();
  off.dedup = false;
  WarcArchive other(off, clock);
  append(other, page("http://example.org/1", body));
  EXPECT_EQ(type_at(append(other, page("http://example.org/2", body))), "response");
}

TEST_P(WarcRevisit, ARecordIsNeverLargerThanWithoutIt) {
  WarcArchive archive(options(), clock);
  const std::string body(600, 'x');  // compresses to next to nothing
  const auto one = append(archive, page("http://example.org/1", body));
  const auto two = append(archive, page("http://example.org/2", body));
  EXPECT_LE(two.length, one.length + 20);
  EXPECT_EQ(type_at(two), GetParam() == crawl::WarcCompression::none ? "revisit" : "response");
}

TEST_P(WarcRevisit, TheOriginalIsFoundByItsId) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(3000);
  const auto original = append(archive, page("http://example.org/1", body));
  const auto revisit = at(append(archive, page("http://example.org/2", body))).second;
  EXPECT_TRUE(has_payload_elsewhere(revisit));
  auto direct = open_original(folder.path() / original.file, original.offset, revisit);
  ASSERT_TRUE(direct);
  EXPECT_EQ(*direct->reader.read_rest(), body);
  EXPECT_EQ(open_original(folder.path() / original.file, 0, revisit).error().code, Errc::damaged);
  auto found = find_original(folder / "warc", revisit);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->reader.read_rest(), body);
  const std::atomic<bool> stop = true;
  EXPECT_EQ(find_original(folder / "warc", revisit, &stop).error().code, Errc::cancelled);
  std::filesystem::remove(folder.path() / original.file);
  const auto lost = find_original(folder / "warc", revisit);
  EXPECT_EQ(lost.error().code, Errc::not_found);
  EXPECT_THAT(lost.error().detail,
              HasSubstr("is that of http://example.org/1, fetched 2026-01-31"));
}

TEST_P(WarcRevisit, AFailedAppendIsNoOriginal) {
  WarcArchive archive(options(), clock);
  append(archive, page("http://example.org/0", "x"));
  const std::string body = text_of(900'000);
  const auto prepared = archive.prepare(page("http://example.org/1", body));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit tight{100'000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  EXPECT_THROW(archive.append(*prepared), Failure);
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_EQ(type_at(append(archive, page("http://example.org/2", body))), "response");
  EXPECT_EQ(type_at(archive.append(*prepared)), "revisit");
}

TEST_P(WarcRevisit, NothingRefersToABatchThatWasLost) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(3000);
  append(archive, page("http://example.org/1", body));
  archive.abandon_batch();
  EXPECT_EQ(type_at(append(archive, page("http://example.org/2", body))), "response");
  EXPECT_EQ(type_at(append(archive, page("http://example.org/3", body))), "revisit");
}

// The folder is gone for a moment, so the new file's name can't be made durable.
TEST_P(WarcRevisit, AFailedSyncTakesBackAllOfItsBatch) {
  WarcOptions small = options();
  small.warc_size_bytes = 1024;
  WarcArchive archive(small, clock);
  const std::string body = text_of(3000);
  append(archive, page("http://example.org/0", "x"));
  archive.sync();
  EXPECT_EQ(archive.take_marks().size(), 1u);
  append(archive, page("http://example.org/1", body));
  append(archive, page("http://example.org/2", body));
  std::filesystem::rename(folder / "warc", folder / "away");
  EXPECT_THROW(archive.sync(), Failure);
  std::filesystem::rename(folder / "away", folder / "warc");
  EXPECT_TRUE(archive.take_marks().empty());
  const auto again = append(archive, page("http://example.org/1", body));
  EXPECT_EQ(type_at(again), "response");
  archive.sync();
  const auto marks = archive.take_marks();
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].file, again.file);
  EXPECT_EQ(verify(again.file).types.at("warcinfo"), 1u);
  EXPECT_EQ(verify(again.file).fault_count, 0u);
}

// Power is lost after some commit, with any number of the bytes written since on the disk.
TEST_P(WarcRevisit, ARevisitNeverOutlivesItsOriginal) {
  WarcOptions small = options();
  small.warc_size_bytes = 20'000;
  std::map<std::string, std::uint64_t> marks;
  std::vector<std::map<std::string, std::uint64_t>> commits;
  std::mt19937 random(7);
  WarcArchive archive(small, clock);
  for (int batch = 0; batch < 20; ++batch) {
    for (int i = 0; i < 5; ++i) {
      const std::string url = "http://example.org/" + std::to_string(batch * 5 + i);
      append(archive, page(url, text_of(4000, random() % 30)));
    }
    archive.sync();
    for (const auto& mark : archive.take_marks()) marks[mark.file] = mark.bytes;
    commits.push_back(marks);
  }
  EXPECT_GT(marks.size(), 4u);
  std::size_t revisits = 0;
  for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit) {
    std::vector<crawl::ArchiveMark> committed;
    for (const auto& [file, bytes] : *commit) committed.push_back({file, bytes});
    WarcArchive(small, clock).recover(committed);
    std::set<std::string> ids, referred;
    for (const auto& [file, bytes] : *commit)
      EXPECT_EQ(verify_warc(folder.path() / file,
                            [&](const WarcRecord& record, std::uint64_t) {
                              ids.insert(record.header.record_id);
                              if (record.header.type != "revisit") return;
                              referred.insert(record.header.field("WARC-Refers-To"));
                              ++revisits;
                            })
                    ->fault_count,
                0u);
    for (const auto& id : referred) EXPECT_TRUE(ids.contains(id));
  }
  EXPECT_GT(revisits, 100u);
}

// WARC 1.1, 6.7.3: the server said that what it sent before still holds.
TEST_P(WarcRevisit, APageThatHasNotChangedIsReferredTo) {
  WarcArchive archive(options(), clock);
  const std::string body = text_of(3000);
  const auto original = append(archive, page("http://example.org/1", body));
  const auto copy = append(archive, page("http://example.org/2", body));
  archive.sync();
  const web::WarcHeader first = at(original).second;
  for (const auto& earlier : {original, copy}) {
    auto exchange = page("http://example.org/1", "");
    exchange.response.status = 304;
    exchange.response.response_head = "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n";
    exchange.unchanged = earlier;
    const auto position = append(archive, exchange);
    auto [reader, header] = at(position);
    EXPECT_EQ(header.type, "revisit");
    EXPECT_EQ(header.field("WARC-Profile"),
              "http://netpreserve.org/warc/1.1/revisit/server-not-modified");
    EXPECT_EQ(header.field("WARC-Refers-To"), first.record_id);
    EXPECT_EQ(header.field("WARC-Refers-To-Target-URI"), "http://example.org/1");
    EXPECT_EQ(header.field("WARC-Refers-To-Date"), "2026-01-31T23:59:58Z");
    EXPECT_EQ(header.field("WARC-Payload-Digest"), first.field("WARC-Payload-Digest"));
    EXPECT_THAT(*reader.read_http_head(), HasSubstr("HTTP/1.1 304 Not Modified\r\nETag"));
    EXPECT_EQ(*reader.read_rest(), "");
    const auto request = reader.next();
    EXPECT_EQ((*request)->header.type, "request");
    EXPECT_EQ((*request)->header.field("WARC-Concurrent-To"), header.record_id);
    EXPECT_TRUE(has_payload_elsewhere(header));
    EXPECT_TRUE(find_original(folder / "warc", header));
  }
  EXPECT_EQ(verify(original.file).fault_count, 0u);
}

TEST_P(WarcRevisit, APageThatHasNotChangedButIsGoneIsReferredToByItsUrl) {
  WarcArchive archive(options(), clock);
  append(archive, page("http://example.org/1", "x"));
  auto exchange = page("http://example.org/1", "");
  exchange.unchanged = crawl::ArchivePosition{"warc/gone.warc.gz", 5, 6};
  const auto header = at(append(archive, exchange)).second;
  EXPECT_EQ(header.type, "revisit");
  EXPECT_EQ(header.field("WARC-Refers-To"), "");
  EXPECT_EQ(header.field("WARC-Refers-To-Target-URI"), "http://example.org/1");
}

INSTANTIATE_TEST_SUITE_P(, WarcRevisit,
                         testing::Values(crawl::WarcCompression::gzip, crawl::WarcCompression::zstd,
                                         crawl::WarcCompression::none),
                         [](const auto& param_info) -> std::string {
                           if (param_info.param == crawl::WarcCompression::none) return "Plain";
                           return param_info.param == crawl::WarcCompression::gzip ? "Gzip"
                                                                                   : "Zstd";
                         });

TEST(PayloadTable, TheFirstRecordOfAPayloadStays) {
  PayloadTable table(1 << 20);
  const std::string digest = web::sha256_hex("hello");
  table.insert(digest, {"<urn:uuid:1>", "http://example.org/", {}});
  table.insert(digest, {"<urn:uuid:2>", "http://example.org/", {}});
  EXPECT_EQ(table.find(digest)->record_id, "<urn:uuid:1>");
  EXPECT_EQ(table.find(web::sha256_hex("hullo")), nullptr);
}

TEST(PayloadTable, WhatWasNotAskedForTheLongestMakesRoom) {
  PayloadTable table(100'000);
  const std::string precious = web::sha256_hex("precious");
  table.insert(precious, {"<urn:uuid:1>", "http://example.org/", {}});
  for (int i = 0; i < 10'000; ++i) {
    table.insert(web::sha256_hex(std::to_string(i)),
                 {"<urn:uuid:2>", "http://example.org/long/path", {}});
    EXPECT_NE(table.find(precious), nullptr);
    ASSERT_LE(table.memory_bytes(), 100'000u);
  }
  EXPECT_GT(table.size(), 100u);
  EXPECT_EQ(table.find(web::sha256_hex("0")), nullptr);
  EXPECT_NE(table.find(web::sha256_hex("9999")), nullptr);
  table.clear();
  EXPECT_EQ(table.find(precious), nullptr);
  EXPECT_EQ(table.memory_bytes(), 0u);
}

}  // namespace
}  // namespace trawl::storage
