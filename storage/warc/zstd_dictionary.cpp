// 110 KiB is what the zstd program trains, too: five times as much was measured to win a few per
// cent on pages of 60 KB and to lose on small ones.
#include "storage/warc/zstd_dictionary.hpp"

#include "core/base/result.hpp"
#include "storage/warc/member.hpp"
#include "storage/warc/reader.hpp"

#include <fmt/format.h>
#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

constexpr std::size_t dictionary_bytes = 110 * 1024;
// The start of a record is where a dictionary helps.
constexpr std::size_t sample_bytes_max = 128 << 10, samples_bytes_max = 16 << 20;
constexpr std::uint32_t dictionary_magic = 0x184D2A5D;

struct Samples {
  std::string text;  // one after the other
  std::vector<std::size_t> sizes;
};

// What can't be read is left out.
Samples read_samples(const std::filesystem::path& file) {
  Samples samples;
  auto reader = WarcReader::open(file);
  if (!reader) return samples;
  while (samples.text.size() < samples_bytes_max) {
    const auto record = reader->next();
    if (!record || !*record) break;
    std::string sample = (*record)->header_text;
    while (sample.size() < sample_bytes_max) {
      const auto piece = reader->read();
      if (!piece || piece->empty()) break;
      sample.append(*piece);
    }
    sample.resize(std::min(sample.size(), sample_bytes_max));
    samples.sizes.push_back(sample.size());
    samples.text += sample;
  }
  return samples;
}

void append_little_endian_32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += char(value >> shift & 0xFF);
}

}  // namespace

void ZstdDictionary::Free::operator()(ZSTD_CDict* compressor) const {
  ZSTD_freeCDict(compressor);
}

ZstdDictionary::ZstdDictionary(std::string bytes, int level)
    : bytes_(std::move(bytes)), compressor_(ZSTD_createCDict(bytes_.data(), bytes_.size(), level)) {
  if (!compressor_) throw Failure(Errc::internal, "zstd can't take its own dictionary");
}

std::shared_ptr<const ZstdDictionary> ZstdDictionary::learn(const std::filesystem::path& file,
                                                            crawl::WarcLevel level) {
  const Samples samples = read_samples(file);
  std::string bytes(dictionary_bytes, '\0');
  const std::size_t size =
      ZDICT_trainFromBuffer(bytes.data(), bytes.size(), samples.text.data(), samples.sizes.data(),
                            unsigned(samples.sizes.size()));
  if (ZDICT_isError(size)) return nullptr;
  bytes.resize(size);
  return std::shared_ptr<const ZstdDictionary>(
      new ZstdDictionary(std::move(bytes), zstd_level(level)));
}

std::string ZstdDictionary::file_frame() const {
  std::string packed;
  append_member(packed, {crawl::WarcCompression::zstd, crawl::WarcLevel::small}, {bytes_});
  std::string frame;
  append_little_endian_32(frame, dictionary_magic);
  append_little_endian_32(frame, std::uint32_t(packed.size()));
  return frame += packed;
}

std::string take_zstd_frame(std::string_view& frames, const ZstdDictionary* dictionary) {
  const std::size_t bytes = ZSTD_findFrameCompressedSize(frames.data(), frames.size());
  if (ZSTD_isError(bytes)) throw Failure(Errc::internal, "a prepared record is no zstd frame");
  std::string content(ZSTD_getFrameContentSize(frames.data(), bytes), '\0');
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  const std::string_view words = dictionary ? std::string_view(dictionary->bytes()) : "";
  const std::size_t size =
      ZSTD_decompress_usingDict(context.get(), content.data(), content.size(), frames.data(), bytes,
                                words.data(), words.size());
  if (size != content.size()) throw Failure(Errc::internal, "a prepared zstd frame is damaged");
  frames.remove_prefix(bytes);
  return content;
}

}  // namespace trawl::storage
