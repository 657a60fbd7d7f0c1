// What a run archives for a URL that an earlier run has archived with the same body.
#include "storage/warc/revisit.hpp"
#include "storage/warc/verify.hpp"
#include "storage/warc/writer.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace trawl::storage {
namespace {

class WarcLaterRun : public testing::TestWithParam<crawl::WarcCompression> {
 protected:
  // Whose text doesn't compress to next to nothing.
  static std::string text_of(std::size_t bytes, std::uint32_t seed = 0) {
    std::string text;
    for (std::uint32_t number = seed + 1; text.size() < bytes; number *= 2654435761U)
      text += std::to_string(number) + '\n';
    text.resize(bytes);
    return text;
  }
  WarcOptions options() const {
    return {.output_dir = folder.path(), .job_name = "j", .compression = GetParam()};
  }
  web::WarcHeader header_at(const crawl::ArchivePosition& position) {
    auto reader = WarcReader::open(folder.path() / position.file);
    reader->seek(position.offset);
    return (**reader->next()).header;
  }
  std::string type_at(const crawl::ArchivePosition& position) { return header_at(position).type; }

  TemporaryFolder folder;
  FixedClock clock;
};

// A later run knows where the URL's record before stands, and whether its body was the same.
TEST_P(WarcLaterRun, ALaterRunRefersToTheRecordOfTheOneBefore) {
  const std::string body = text_of(5000);
  const auto later = [&](const crawl::ArchivePosition& before, const std::string& path) {
    auto again = page("http://example.org/" + path, body);
    again.same_before = before;
    return again;
  };
  const auto first =
      append(*std::make_unique<WarcArchive>(options(), clock), page("http://example.org/1", body));
  WarcArchive second_run(options(), clock);
  const auto second = append(second_run, later(first, "1"));
  const auto beside = append(second_run, page("http://example.org/2", body));
  WarcArchive third_run(options(), clock);
  const auto third = append(third_run, later(second, "1"));
  const web::WarcHeader original = header_at(first);
  for (const auto& position : {second, beside, third}) {
    const web::WarcHeader header = header_at(position);
    EXPECT_EQ(header.type, "revisit");
    EXPECT_EQ(header.field("WARC-Refers-To"), original.record_id);
    EXPECT_EQ(header.field("WARC-Refers-To-Target-URI"), "http://example.org/1");
    EXPECT_EQ("warc/" + header.field("WARC-Refers-To-Filename"), first.file);
    EXPECT_EQ(header.field("WARC-Refers-To-File-Offset"), std::to_string(first.offset));
    const auto place = referred_place(header);
    ASSERT_TRUE(place);
    auto found = open_original(folder / "warc" / place->file, place->offset, header);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found->reader.read_rest(), body);
    EXPECT_EQ(verify_warc(folder.path() / position.file)->fault_count, 0u);
  }
}

// Nothing is left out for what can't be read back.
TEST_P(WarcLaterRun, ARecordThatIsDamagedOrAnotherIsNoReasonToLeaveOutABody) {
  const std::string body = text_of(5000);
  WarcArchive first_run(options(), clock);
  const auto other = append(first_run, page("http://example.org/0", text_of(4000, 1)));
  const auto first = append(first_run, page("http://example.org/1", body));
  const auto type_with = [&](crawl::ArchivePosition before) {
    WarcArchive archive(options(), clock);
    auto again = page("http://example.org/1", body);
    again.same_before = std::move(before);
    return type_at(append(archive, again));
  };
  EXPECT_EQ(type_with(first), "revisit");
  EXPECT_EQ(type_with(other), "response");
  EXPECT_EQ(type_with({"warc/missing.warc.gz", 0, 10}), "response");
  EXPECT_EQ(type_with({"files/example.org/1", 0, 10}), "response");
  std::string bytes = read_file(folder.path() / first.file);
  bytes[first.offset + first.length / 2] ^= 0x10;
  write_file(folder.path() / first.file, bytes);
  EXPECT_EQ(type_with(first), "response");
}

TEST(RevisitPlace, NamesAFileBesideItsOwnOnly) {
  const auto place = [](std::string file, std::string offset) {
    return referred_place({.fields = {{"WARC-Refers-To-Filename", std::move(file)},
                                      {"WARC-Refers-To-File-Offset", std::move(offset)}}});
  };
  ASSERT_TRUE(place("a.warc.gz", "17"));
  EXPECT_EQ(place("a.warc.gz", "17")->offset, 17u);
  for (const char* file : {"", ".", "..", "../a.warc.gz", "/etc/passwd", "sub/a.warc"})
    EXPECT_FALSE(place(file, "17")) << file;
  for (const char* offset : {"", "-1", "1x", " 1", "99999999999999999999"})
    EXPECT_FALSE(place("a.warc.gz", offset)) << offset;
}

INSTANTIATE_TEST_SUITE_P(, WarcLaterRun,
                         testing::Values(crawl::WarcCompression::gzip, crawl::WarcCompression::zstd,
                                         crawl::WarcCompression::none),
                         [](const auto& param_info) -> std::string {
                           if (param_info.param == crawl::WarcCompression::none) return "Plain";
                           return param_info.param == crawl::WarcCompression::gzip ? "Gzip"
                                                                                   : "Zstd";
                         });

}  // namespace
}  // namespace trawl::storage
