// "Zstandard Compression for WARC Files 1.0" (IIPC): dictionaries, extension frames, records in
// several frames, and what every frame must say of itself.
#include "storage/warc/verify.hpp"
#include "storage/warc/writer.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zdict.h>
#include <zstd.h>

#include <numeric>

namespace trawl::storage {
namespace {

using testing::HasSubstr;

std::string record(int number, const std::string& block) {
  return "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:" + std::to_string(number) +
         ">\r\nWARC-Date: 2026-01-31T23:59:58Z\r\nWARC-Target-URI: file:///" +
         std::to_string(number) +
         "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(block.size()) +
         "\r\n\r\n" + block + "\r\n\r\n";
}

struct FrameOptions {
  bool checksum = true;
  bool content_size = true;
  std::string dictionary;
};

std::string frame(const std::string& text, const FrameOptions& options = {}) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, options.checksum);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, options.content_size);
  ZSTD_CCtx_loadDictionary(context, options.dictionary.data(), options.dictionary.size());
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

// RFC 8878, 3.1.2. Variant D is a dictionary.
std::string skippable(unsigned char variant, const std::string& content) {
  std::string out{char(0x50 | variant), 0x2A, 0x4D, 0x18};
  for (int i = 0; i < 4; ++i) out += char(content.size() >> (8 * i) & 0xFF);
  return out + content;
}

std::string dictionary() {
  std::string samples;
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 200; ++i) {
    const std::string sample = record(i * 7919, "page number " + std::to_string(i * i));
    samples += sample;
    sizes.push_back(sample.size());
  }
  std::string out(4096, '\0');
  out.resize(ZDICT_trainFromBuffer(out.data(), out.size(), samples.data(), sizes.data(), 200));
  return out;
}

class WarcZstd : public testing::Test {
 protected:
  WarcSummary verify(const std::string& bytes) {
    write_file(file, bytes);
    offsets.clear();
    return *verify_warc(file,
                        [&](const WarcRecord& r, std::uint64_t) { offsets.push_back(r.offset); });
  }
  // The blocks of the records that were found, each read at its offset, the last one first.
  std::vector<std::string> blocks() {
    std::vector<std::string> found;
    auto reader = WarcReader::open(file);
    for (auto offset = offsets.rbegin(); offset != offsets.rend(); ++offset) {
      reader->seek(*offset);
      EXPECT_TRUE(reader->next());
      found.push_back(reader->read_rest().value_or("unreadable"));
    }
    return found;
  }

  TemporaryFolder folder;
  std::filesystem::path file = folder / "a.warc.zst";
  std::vector<std::uint64_t> offsets;
};

TEST_F(WarcZstd, OurFilesBeginWithAFrameAndDecodeToAPlainFile) {
  FixedClock clock;
  WarcArchive archive(
      {.output_dir = folder.path(), .job_name = "j", .compression = crawl::WarcCompression::zstd},
      clock);
  const auto position = append(archive, page("http://example.org/", std::string(5000, 'x')));
  const std::string packed = read_file(folder.path() / position.file);
  EXPECT_TRUE(packed.starts_with("\x28\xB5\x2F\xFD"));
  std::string plain;
  for (std::size_t at = 0; at < packed.size();) {
    const std::size_t bytes = ZSTD_findFrameCompressedSize(packed.data() + at, packed.size() - at);
    const auto size = ZSTD_getFrameContentSize(packed.data() + at, bytes);
    std::string content(size, '\0');
    ASSERT_EQ(ZSTD_decompress(content.data(), size, packed.data() + at, bytes), size);
    plain += content;
    at += bytes;
  }
  write_file(folder / "plain.warc", plain);
  const auto summary = verify_warc(folder / "plain.warc");
  EXPECT_EQ(summary->records, 3u);
  EXPECT_EQ(summary->fault_count, 0u);
}

std::string site_page(int number) {
  std::string text = "<!DOCTYPE html><html><head><link rel=stylesheet href=/site.css><title>Page ";
  text += std::to_string(number) + "</title></head><body><nav><a href=/>Home</a></nav><main>";
  for (int i = 0; i < 40; ++i)
    text += "<p class=line>" + std::to_string(number * i * 7919) + "</p>";
  return text + "</main><footer>The same words at the foot of every page</footer></body></html>";
}

TEST_F(WarcZstd, AfterTheFirstPagesFilesHaveADictionary) {
  FixedClock clock;
  WarcOptions options{.output_dir = folder.path(),
                      .job_name = "j",
                      .compression = crawl::WarcCompression::zstd,
                      .dictionary_after_bytes = 100'000};
  WarcArchive archive(options, clock);
  const auto url = [](int i) { return "http://example.org/" + std::to_string(i); };
  // Prepared before there is a dictionary, and written behind it.
  auto early = page(url(1000), site_page(1000));
  early.links = {{.url = "http://example.org/", .kind = web::LinkKind::page}};
  const auto late = archive.prepare(early);
  const auto large_late = archive.prepare([&] {
    auto exchange = page(url(1001), "");
    exchange.body_file = folder / "tmp/body";
    exchange.body_bytes = 300'000;
    write_file(exchange.body_file, std::string(300'000, 'x'));
    return exchange;
  }());
  std::vector<crawl::ArchivePosition> positions;
  for (int i = 0; i < 900; ++i) positions.push_back(append(archive, page(url(i), site_page(i))));
  const auto early_position = archive.append(*late);
  const auto large_position = archive.append(*large_late);
  archive.sync();
  EXPECT_EQ(archive.take_marks().size(), 2u);
  const std::string first = positions.front().file, second = positions.back().file;
  EXPECT_EQ(first, "warc/j-20260131235958-00000.warc.zst");
  EXPECT_EQ(second, "warc/j-20260131235958-00001.warc.zst");
  EXPECT_EQ(early_position.file, second);
  EXPECT_EQ(large_position.file, second);
  EXPECT_TRUE(read_file(folder.path() / second).starts_with("\x5D\x2A\x4D\x18"));
  // Their ids are random: single records may be a few bytes longer or shorter.
  const auto length_of = [](std::uint64_t sum, const auto& one) { return sum + one.length; };
  const auto without = std::accumulate(positions.begin(), positions.begin() + 50, 0ULL, length_of);
  const auto with = std::accumulate(positions.end() - 50, positions.end(), 0ULL, length_of);
  EXPECT_LT(with * 10, without * 9);
  for (const auto& name : {first, second})
    EXPECT_EQ(verify_warc(folder.path() / name)->fault_count, 0u) << name;
  const auto body_at = [&](const crawl::ArchivePosition& position) {
    auto reader = WarcReader::open(folder.path() / position.file);
    reader->seek(position.offset);
    EXPECT_TRUE(reader->next());
    EXPECT_TRUE(reader->read_http_head());
    const std::string body = *reader->read_rest();
    EXPECT_EQ(reader->finish()->length, position.length);
    return body;
  };
  for (const int i : {0, 100, 450, 899}) EXPECT_EQ(body_at(positions[i]), site_page(i));
  EXPECT_EQ(body_at(early_position), site_page(1000));
  EXPECT_EQ(body_at(large_position), std::string(300'000, 'x'));
}

TEST_F(WarcZstd, WithNothingToLearnTheFileGoesOn) {
  FixedClock clock;
  WarcOptions options{.output_dir = folder.path(),
                      .job_name = "j",
                      .compression = crawl::WarcCompression::zstd,
                      .dictionary_after_bytes = 1};
  WarcArchive archive(options, clock);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(append(archive, page("http://example.org/" + std::to_string(i), "x")).file,
              "warc/j-20260131235958-00000.warc.zst");
  options.dictionary = false;
  options.dictionary_after_bytes = 10'000;
  options.job_name = "off";
  WarcArchive without(options, clock);
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(append(without, page("http://example.org/" + std::to_string(i), site_page(i))).file,
              "warc/off-20260131235958-00000.warc.zst");
}

TEST_F(WarcZstd, DictionariesAreReadPlainAndCompressed) {
  const std::string words = dictionary();
  const FrameOptions with{.dictionary = words};
  const std::string records = frame(record(1, "one"), with) + frame(record(2, "two"), with);
  for (const auto& kept : {words, frame(words)}) {
    const auto summary = verify(skippable(0xD, kept) + records);
    EXPECT_EQ(summary.fault_count, 0u);
    EXPECT_EQ(offsets.at(0), kept.size() + 8);
    EXPECT_EQ(blocks(), (std::vector<std::string>{"two", "one"}));
  }
  EXPECT_EQ(verify(records).records, 0u);  // lost with their dictionary
}

TEST_F(WarcZstd, ADamagedDictionaryIsSaid) {
  const std::string words = dictionary(), one = frame(record(1, "one"), {.dictionary = words});
  const auto fault = [&](const std::string& kept) {
    const auto summary = verify(skippable(0xD, kept) + one);
    return summary.faults.empty() ? "" : summary.faults[0].what;
  };
  EXPECT_THAT(fault("no dictionary"), HasSubstr("dictionary frame holds no dictionary"));
  EXPECT_THAT(fault(frame(words).substr(0, 50)), HasSubstr("compressed dictionary is damaged"));
  EXPECT_THAT(fault(frame(std::string(9 << 20, 'x'))), HasSubstr("more than 8 MiB"));
  EXPECT_THAT(fault(std::string(9 << 20, 'x')), HasSubstr("more than 8 MiB"));
}

TEST_F(WarcZstd, ExtensionFramesAreSkipped) {
  const auto summary = verify(frame(record(1, "one")) + skippable(0, "x") +
                              skippable(0xF, std::string(100'000, 'y')) + frame(record(2, "two")) +
                              skippable(3, ""));
  EXPECT_EQ(summary.fault_count, 0u);
  EXPECT_EQ(blocks(), (std::vector<std::string>{"two", "one"}));
  const auto cut = verify(frame(record(1, "one")) + skippable(0, "xyz").substr(0, 9));
  EXPECT_EQ(cut.records, 1u);
  EXPECT_THAT(cut.faults.at(0).what, HasSubstr("skippable zstd frame is cut off"));
}

TEST_F(WarcZstd, ARecordMayBeSeveralFrames) {
  const std::string block(300'000, 'b'), whole = record(1, block);
  std::string bytes = frame("");
  for (std::size_t at = 0; at < whole.size(); at += 99'999)
    bytes += frame(whole.substr(at, 99'999)) + skippable(1, "between");
  const auto summary = verify(bytes + frame(record(2, "two")));
  EXPECT_EQ(summary.fault_count, 0u);
  EXPECT_EQ(blocks(), (std::vector<std::string>{"two", block}));
}

TEST_F(WarcZstd, AFrameMustNotHoldTwoRecords) {
  const auto summary = verify(frame(record(1, "one") + record(2, "two")));
  EXPECT_EQ(summary.records, 2u);
  EXPECT_THAT(summary.faults.at(0).what, HasSubstr("not a gzip member or zstd frame of its own"));
}

TEST_F(WarcZstd, AFrameMustHaveItsSizeAndAChecksum) {
  const std::string one = record(1, "one");
  EXPECT_EQ(verify(frame(one, {.checksum = false})).faults.at(0).what,
            "the zstd frame has no checksum");
  EXPECT_EQ(verify(frame(one, {.content_size = false})).faults.at(0).what,
            "the zstd frame does not say its content's size");
  std::string damaged = frame(one);
  damaged.back() ^= 1;
  EXPECT_THAT(verify(damaged).faults.at(0).what, HasSubstr("the zstd frame is damaged"));
}

}  // namespace
}  // namespace trawl::storage
