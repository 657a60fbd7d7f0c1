#include "core/web/digest.hpp"
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

class WarcArchiveTest : public testing::TestWithParam<WarcOptions> {
 protected:
  WarcOptions options() const {
    WarcOptions options = GetParam();
    options.output_dir = folder.path();
    options.job_name = "docs";
    options.software = "trawl/test";
    options.user_agent = "trawl/test (+https://example.org/bot)";
    options.contact = "https://example.org/bot";
    options.robots = "ignore";
    options.info = {{"isPartOf", "An election"}, {"description", "Two lines\n in one"}};
    return options;
  }

  // The record at a position, its head and its body.
  struct Stored {
    WarcRecord record;
    std::string head, body;
  };
  Stored stored(const crawl::ArchivePosition& position) {
    Stored stored;
    auto reader = WarcReader::open(folder.path() / position.file);
    EXPECT_TRUE(reader);
    reader->seek(position.offset);
    auto record = reader->next();
    EXPECT_TRUE(record && *record);
    stored.record = **record;
    stored.head = *reader->read_http_head();
    stored.body = *reader->read_rest();
    const auto end = reader->finish();
    EXPECT_TRUE(end);
    EXPECT_EQ(end->length, position.length);
    EXPECT_TRUE(end->ends_member);
    return stored;
  }
  void expect_valid(const std::string& file, std::uint64_t records) {
    const auto summary = verify_warc(folder.path() / file);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->records, records);
    for (const auto& fault : summary->faults) ADD_FAILURE() << fault.offset << ": " << fault.what;
  }

  TemporaryFolder folder;
  FixedClock clock;
};

std::string noise(std::size_t bytes) {
  std::mt19937_64 random(bytes);
  std::string text(bytes, '\0');
  for (char& c : text) c = char(random() % 97 < 60 ? random() : 'x');
  return text;
}

TEST_P(WarcArchiveTest, AnExchangeIsReadBackAtItsPosition) {
  WarcArchive archive(options(), clock);
  auto exchange = page("http://example.org/a", "hello");
  exchange.truncated = "length";
  const auto first = append(archive, exchange);
  const std::string large = noise(200'000);
  const auto second = append(archive, page("http://example.org/b", large));
  archive.sync();

  const std::map<crawl::WarcCompression, std::string> suffixes{
      {crawl::WarcCompression::gzip, ".gz"},
      {crawl::WarcCompression::zstd, ".zst"},
      {crawl::WarcCompression::none, ""}};
  EXPECT_EQ(first.file,
            "warc/docs-20260131235958-00000.warc" + suffixes.at(GetParam().compression));
  const auto one = stored(first);
  EXPECT_EQ(one.record.header.type, "response");
  EXPECT_EQ(one.record.header.target_uri, "http://example.org/a");
  EXPECT_EQ(one.record.header.date, clock.wall());
  EXPECT_EQ(one.record.header.field("WARC-IP-Address"), "192.0.2.1");
  EXPECT_EQ(one.record.header.field("WARC-Truncated"), "length");
  EXPECT_EQ(one.record.header.field("WARC-Payload-Digest"), "sha256:" + web::sha256_hex("hello"));
  EXPECT_EQ(one.record.header.field("WARC-Block-Digest"),
            "sha256:" + web::sha256_hex(one.head + one.body));
  EXPECT_EQ(one.body, "hello");
  EXPECT_THAT(one.head, HasSubstr("\r\nContent-Length: 5\r\n"));
  EXPECT_THAT(one.head, HasSubstr("\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(stored(second).body, large);
  expect_valid(first.file, 5);  // warcinfo and twice response and request
}

TEST_P(WarcArchiveTest, TheFileBeginsWithWarcinfoAndRequestsReferToResponses) {
  WarcArchive archive(options(), clock);
  const auto position = append(archive, page("http://example.org/a", "hello"));
  auto reader = WarcReader::open(folder.path() / position.file);
  auto info = reader->next();
  ASSERT_TRUE(info && *info);
  EXPECT_EQ((*info)->header.type, "warcinfo");
  EXPECT_EQ("warc/" + (*info)->header.field("WARC-Filename"), position.file);
  const std::string text = *reader->read_rest();
  EXPECT_THAT(text, HasSubstr("software: trawl/test\r\n"));
  EXPECT_THAT(text, HasSubstr("robots: ignore\r\n"));
  EXPECT_THAT(text, HasSubstr("http-header-user-agent: trawl/test (+https://example.org/bot)\r\n"));
  EXPECT_THAT(text, HasSubstr("isPartOf: An election\r\ndescription: Two lines in one\r\n"));
  EXPECT_EQ(text.find("isPartOf"), text.rfind("isPartOf"));
  auto response = reader->next();
  ASSERT_TRUE(response && *response);
  const std::string id = (*response)->header.record_id;
  auto request = reader->next();
  ASSERT_TRUE(request && *request);
  EXPECT_EQ((*request)->header.type, "request");
  EXPECT_EQ((*request)->header.field("WARC-Concurrent-To"), id);
  EXPECT_EQ(*reader->read_rest(), "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
  auto end = reader->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST_P(WarcArchiveTest, BodiesInFilesAreStreamedAndTakenOver) {
  WarcArchive archive(options(), clock);
  const std::string body = noise(3'000'001);
  const auto path = folder / "tmp/body";
  write_file(path, body);
  auto exchange = page("http://example.org/big", "");
  exchange.body_file = path;
  exchange.body_bytes = body.size();
  auto prepared = archive.prepare(std::move(exchange));
  const auto position = archive.append(*prepared);
  EXPECT_TRUE(std::filesystem::exists(path));  // until it can't be wanted again
  prepared.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(stored(position).body == body);
  expect_valid(position.file, 3);
}

TEST_P(WarcArchiveTest, WhatWasSpokenIsNotedBesideHttp11Text) {
  WarcArchive archive(options(), clock);
  using Fields = std::vector<std::string>;
  const auto captured = [&](const std::string& url, const std::string& version,
                            const std::string& tls = "", const std::string& cipher = "") {
    auto exchange = page(url, "x");
    exchange.response.http_version = version;
    exchange.response.tls_version = tls;
    exchange.response.tls_cipher = cipher;
    exchange.response.response_head = "HTTP/2 200 \r\ncontent-type: text/html\r\n\r\n";
    const auto one = stored(append(archive, exchange));
    EXPECT_TRUE(one.head.starts_with("HTTP/1.1 200 \r\n"));
    Fields found;
    for (const auto& [name, value] : one.record.header.fields)
      if (name == "WARC-Protocol" || name == "WARC-Cipher-Suite") found.push_back(value);
    return found;
  };
  EXPECT_EQ(captured("https://example.org/1", "2", "1.3", "TLS_AES_128_GCM_SHA256"),
            (Fields{"h2", "tls/1.3", "TLS_AES_128_GCM_SHA256"}));
  EXPECT_EQ(captured("http://example.org/2", "2"), (Fields{"h2c"}));
  EXPECT_EQ(captured("https://example.org/3", "3"), (Fields{"h3"}));
  EXPECT_EQ(captured("https://example.org/4", "1.1", "1.2"), (Fields{"http/1.1", "tls/1.2"}));
  EXPECT_EQ(captured("http://example.org/5", "1.1"), Fields{});
}

TEST_P(WarcArchiveTest, TheLinksOfAPageAreAMetadataRecordBesideIt) {
  WarcArchive archive(options(), clock);
  auto exchange = page("http://example.org/", "x");
  exchange.response.phases.total = Millis(12);
  exchange.links = {{.url = "http://example.org/a#b",
                     .kind = web::LinkKind::page,
                     .tag = "a",
                     .attribute = "href"},
                    {.url = "http://example.org/i",
                     .kind = web::LinkKind::embed,
                     .tag = "img",
                     .attribute = "src"},
                    {.url = "http://example.org/a#b",
                     .kind = web::LinkKind::page,
                     .tag = "a",
                     .attribute = "href"},
                    {.url = "http://example.org/c",
                     .kind = web::LinkKind::style,
                     .tag = "css",
                     .attribute = "import"},
                    {.url = "http://example.org/r", .kind = web::LinkKind::redirect}};
  const auto position = append(archive, exchange);
  auto reader = WarcReader::open(folder.path() / position.file);
  reader->seek(position.offset);
  const auto response = (**reader->next()).header;
  (void)reader->next();
  const auto metadata = (**reader->next()).header;
  EXPECT_EQ(metadata.type, "metadata");
  EXPECT_EQ(metadata.content_type, "application/warc-fields");
  EXPECT_EQ(metadata.target_uri, "http://example.org/");
  EXPECT_EQ(metadata.field("WARC-Concurrent-To"), response.record_id);
  EXPECT_EQ(metadata.field("WARC-Refers-To"), response.record_id);
  EXPECT_EQ(*reader->read_rest(),
            "fetchTimeMs: 12\r\n"
            "outlink: http://example.org/a#b L a/@href\r\n"
            "outlink: http://example.org/i E img/@src\r\n"
            "outlink: http://example.org/c E =EMBED_MISC\r\n"
            "outlink: http://example.org/r R Location:\r\n");
  expect_valid(position.file, 4);
}

TEST_P(WarcArchiveTest, AFullFileIsFollowedByAnother) {
  WarcOptions small = options();
  small.warc_size_bytes = 2000;
  WarcArchive archive(small, clock);
  std::set<std::string> files;
  for (int i = 0; i < 10; ++i)
    files.insert(
        append(archive, page("http://example.org/" + std::to_string(i), noise(1000))).file);
  EXPECT_GT(files.size(), 3u);
  archive.sync();
  const auto marks = archive.take_marks();
  EXPECT_EQ(marks.size(), files.size());
  for (const auto& mark : marks) {
    EXPECT_EQ(mark.bytes, std::filesystem::file_size(folder.path() / mark.file));
    EXPECT_TRUE(files.contains(mark.file));
    const auto summary = verify_warc(folder.path() / mark.file);
    EXPECT_EQ(summary->fault_count, 0u);
    EXPECT_EQ(summary->types.at("warcinfo"), 1u);
  }
  EXPECT_TRUE(archive.take_marks().empty());
  archive.sync();
  EXPECT_TRUE(archive.take_marks().empty());
}

TEST_P(WarcArchiveTest, MarksAreOnlyOfWhatIsDurable) {
  WarcArchive archive(options(), clock);
  append(archive, page("http://example.org/1", "x"));
  EXPECT_TRUE(archive.take_marks().empty());
  archive.sync();
  const auto marks = archive.take_marks();
  ASSERT_EQ(marks.size(), 1u);
  append(archive, page("http://example.org/2", "x"));
  EXPECT_LT(marks[0].bytes, std::filesystem::file_size(folder.path() / marks[0].file));
  EXPECT_TRUE(archive.take_marks().empty());
}

// The kernel cuts writes off at the process's file size limit: a short write, then an error.
TEST_P(WarcArchiveTest, AFailedAppendLeavesTheFileAsItWas) {
  WarcArchive archive(options(), clock);
  const auto first = append(archive, page("http://example.org/1", "x"));
  const auto path = folder.path() / first.file;
  const std::string before = read_file(path);

  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit tight{before.size() + 300'000, old.rlim_max};
  const auto in_memory = archive.prepare(page("http://example.org/2", noise(900'000)));
  const auto body = folder / "tmp/body";
  write_file(body, noise(900'000));
  auto exchange = page("http://example.org/3", "");
  exchange.body_file = body;
  exchange.body_bytes = 900'000;
  const auto in_file = archive.prepare(std::move(exchange));
  setrlimit(RLIMIT_FSIZE, &tight);
  std::vector<Errc> codes;
  for (crawl::Prepared* prepared : {in_memory.get(), in_file.get()}) {
    try {
      archive.append(*prepared);
    } catch (const Failure& failure) {
      codes.push_back(failure.code());
    }
  }
  setrlimit(RLIMIT_FSIZE, &old);

  EXPECT_EQ(codes, (std::vector{Errc::io, Errc::io}));
  EXPECT_EQ(read_file(path), before);
  EXPECT_TRUE(std::filesystem::exists(body));
  // The same exchanges can be appended once there is room; a file that failed is left alone.
  const auto again = archive.append(*in_memory);
  EXPECT_NE(again.file, first.file);
  archive.append(*in_file);
  archive.sync();
  expect_valid(first.file, 3);
  expect_valid(again.file, 5);
}

TEST_P(WarcArchiveTest, ExchangesWithoutRequestOrBodyAreKept) {
  WarcArchive archive(options(), clock);
  auto exchange = page("http://example.org/", "");
  exchange.response.request_head.clear();
  const auto position = append(archive, exchange);
  EXPECT_EQ(stored(position).body, "");
  expect_valid(position.file, 2);
}

std::string format_name(const testing::TestParamInfo<WarcOptions>& options) {
  const std::string level = options.param.level == crawl::WarcLevel::fast ? "Fast" : "Small";
  if (options.param.compression == crawl::WarcCompression::none) return "Plain";
  return (options.param.compression == crawl::WarcCompression::gzip ? "Gzip" : "Zstd") + level;
}

INSTANTIATE_TEST_SUITE_P(, WarcArchiveTest,
                         testing::Values(WarcOptions{.level = crawl::WarcLevel::fast},
                                         WarcOptions{.level = crawl::WarcLevel::small},
                                         WarcOptions{.compression = crawl::WarcCompression::zstd},
                                         WarcOptions{.compression = crawl::WarcCompression::zstd,
                                                     .level = crawl::WarcLevel::small},
                                         WarcOptions{.compression = crawl::WarcCompression::none}),
                         format_name);

}  // namespace
}  // namespace trawl::storage
