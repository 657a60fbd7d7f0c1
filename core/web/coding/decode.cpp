// A chain of codings in reverse order of the header, with the limits at each output: bytes are
// counted after decoding, so neither a bomb nor a bomb within a coding gets past them.
#include "core/web/coding/decode.hpp"

#include "core/base/limits.hpp"
#include "core/web/coding/decode_coding.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace trawl::web {
namespace {

constexpr std::uint64_t ratio_free_bytes = 1 << 20;  // small bodies may have any ratio

std::uint64_t ratio_limit(std::uint64_t received) {
  return std::max(ratio_free_bytes, received * limits::decode_ratio_max);
}

// The names of a Content-Encoding value in the order applied; "identity" and gaps left out.
Result<std::vector<std::string>> coding_names(std::string_view header) {
  std::vector<std::string> names;
  std::size_t count = 0;
  while (!header.empty()) {
    const auto comma = header.find(',');
    std::string_view item = header.substr(0, comma);
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    const auto first = item.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    item = item.substr(first, item.find_last_not_of(" \t") - first + 1);
    if (++count > limits::content_codings_max)
      return fail(Errc::decode, "the body has more content codings than trawl undoes");
    std::string name(item);
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    if (name != "identity") names.push_back(std::move(name));
  }
  return names;
}

bool is_gzip(std::string_view name) {
  return name == "gzip" || name == "x-gzip";
}

Result<std::unique_ptr<Coding>> make_coding(std::string_view name) {
  if (is_gzip(name)) return make_gzip_coding();
  if (name == "deflate") return make_deflate_coding();
  if (name == "br") return make_brotli_coding();
  if (name == "zstd") return make_zstd_coding();
  return fail(Errc::decode, "unknown content coding '" + std::string(name.substr(0, 64)) + "'");
}

class Chain final : public Decoder {
 public:
  Chain(std::vector<std::unique_ptr<Coding>> codings, DecodeLimits limits) : limits_(limits) {
    stages_.reserve(codings.size());
    for (auto& coding : codings) stages_.emplace_back(*this, stages_.size(), std::move(coding));
  }

  Result<> feed(std::string_view input, const DecodeOutput& output) override {
    if (done_) return *done_;
    output_ = &output;
    received_ += input.size();
    return settle(put(0, input));
  }

  Result<> finish(const DecodeOutput& output) override {
    if (done_) return *done_;
    output_ = &output;
    for (Stage& stage : stages_)
      if (auto result = stage.coding->finish(stage); !result) return settle(std::move(result));
    done_ = Result<>{};
    return {};
  }

  bool has_trailing_data() const override {
    return std::ranges::any_of(
        stages_, [](const Stage& stage) { return stage.coding->has_trailing_data(); });
  }

 private:
  struct Stage final : CodingOutput {
    Stage(Chain& owner, std::size_t number, std::unique_ptr<Coding> c)
        : chain(owner), index(number), coding(std::move(c)) {}

    Result<> take(std::string_view bytes) override {
      // What fits under the ratio goes on, so that the prefix of a bomb is delivered.
      const std::uint64_t room = ratio_limit(chain.received_) - produced;
      const bool over = bytes.size() > room;
      if (over) bytes = bytes.substr(0, room);
      produced += bytes.size();
      if (auto result = chain.put(index + 1, bytes); !result) return result;
      if (over) return fail(Errc::limit_exceeded, "the body expands more than a thousandfold");
      return {};
    }

    Chain& chain;
    std::size_t index;
    std::unique_ptr<Coding> coding;
    std::uint64_t produced = 0;
  };

  Result<> put(std::size_t index, std::string_view bytes) {
    if (bytes.empty()) return {};
    if (index < stages_.size()) return stages_[index].coding->feed(bytes, stages_[index]);
    const std::uint64_t room = limits_.decoded_bytes_max - delivered_;
    const bool over = bytes.size() > room;
    if (over) bytes = bytes.substr(0, room);
    delivered_ += bytes.size();
    if (!bytes.empty() && !(*output_)(bytes)) return fail(Errc::cancelled);
    if (over) return fail(Errc::limit_exceeded, "the body is larger than the limit");
    return {};
  }

  // An error is final; a stop asked for by the receiver is none.
  Result<> settle(Result<> result) {
    if (result) return result;
    done_ = result.error().code == Errc::cancelled ? Result<>{} : result;
    return *done_;
  }

  const DecodeLimits limits_;
  std::vector<Stage> stages_;
  const DecodeOutput* output_ = nullptr;
  std::uint64_t received_ = 0;
  std::uint64_t delivered_ = 0;
  std::optional<Result<>> done_;
};

// A gzip body that is one member decodes three times as fast in one piece; its last four bytes give
// the size. Anything unusual returns false and takes the chain.
bool gunzip_at_once(std::string_view body, std::uint64_t decoded_bytes_max, std::string& out) {
  if (body.size() < 18 || !body.starts_with("\x1f\x8b")) return false;
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size |= std::uint32_t(static_cast<unsigned char>(body[body.size() - 4 + i])) << (8 * i);
  if (size > decoded_bytes_max || size > ratio_limit(body.size())) return false;
  struct Free {
    void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  };
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) return false;
  std::size_t used = 0;
  auto status = LIBDEFLATE_BAD_DATA;
  out.resize_and_overwrite(size, [&](char* data, std::size_t) {
    std::size_t written = 0;
    status = libdeflate_gzip_decompress_ex(decompressor.get(), body.data(), body.size(), data, size,
                                           &used, &written);
    return status == LIBDEFLATE_SUCCESS ? written : 0;
  });
  return status == LIBDEFLATE_SUCCESS && used == body.size();
}

}  // namespace

Result<std::unique_ptr<Decoder>> Decoder::create(std::string_view content_encoding,
                                                 DecodeLimits limits) {
  auto names = coding_names(content_encoding);
  if (!names) return std::unexpected(std::move(names.error()));
  std::vector<std::unique_ptr<Coding>> codings;
  for (auto name = names->rbegin(); name != names->rend(); ++name) {
    auto coding = make_coding(*name);
    if (!coding) return std::unexpected(std::move(coding.error()));
    codings.push_back(std::move(*coding));
  }
  return std::make_unique<Chain>(std::move(codings), limits);
}

Result<Decoded> decode_all(std::string_view content_encoding, std::string_view body,
                           DecodeLimits limits) {
  Decoded decoded;
  const auto names = coding_names(content_encoding);
  if (!names) return std::unexpected(names.error());
  if (names->size() == 1 && is_gzip(names->front()) &&
      gunzip_at_once(body, limits.decoded_bytes_max, decoded.body))
    return decoded;
  decoded.body.clear();

  auto decoder = Decoder::create(content_encoding, limits);
  if (!decoder) return std::unexpected(std::move(decoder.error()));
  const DecodeOutput append = [&](std::string_view bytes) {
    decoded.body.append(bytes);
    return true;
  };
  auto result = (*decoder)->feed(body, append);
  if (result) result = (*decoder)->finish(append);
  if (result) return decoded;
  decoded.truncated = result.error().code == Errc::limit_exceeded;
  decoded.incomplete = result.error().code == Errc::body_truncated;
  if (!decoded.truncated && !decoded.incomplete) return std::unexpected(std::move(result.error()));
  return decoded;
}

std::string_view accept_encoding() {
  return "gzip, deflate, br, zstd";
}

}  // namespace trawl::web
