// Coded bodies are fed in small blocks, because one of them can be a thousand times as long when it
// is decoded, and all that comes of it is one batch.
#include "core/crawl/pages/sitemap_body.hpp"

#include "core/base/limits.hpp"
#include "core/web/charset/content.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t plain_block_bytes = 64 * 1024;
constexpr std::size_t coded_block_bytes = 512;

web::MediaType media_type(const http::Headers& headers) {
  return web::declared_media_type(headers);
}

}  // namespace

bool may_be_sitemap(const http::Headers& headers) {
  const web::MediaType type = media_type(headers);
  return type.is_xml() && !type.is_html();
}

SitemapBody::SitemapBody(const PageSource& source, bool whole)
    : source_(source),
      whole_(whole),
      reader_(source.url, media_type(source.headers).charset,
              [this](web::SitemapEntry entry) { entries_.push_back(std::move(entry)); }) {
  if (!source_.body_file.empty()) file_.open(source_.body_file, std::ios::binary);
  const std::string coding = http::content_coding(source.headers);
  if (coding.empty()) return;
  auto decoder = web::Decoder::create(coding, {.decoded_bytes_max = limits::sitemap_bytes_max});
  if (decoder)
    decoder_ = std::move(*decoder);
  else
    decoded_ = std::unexpected(decoder.error());
}

std::string_view SitemapBody::next_block() {
  const std::size_t bytes = decoder_ ? coded_block_bytes : plain_block_bytes;
  if (source_.body_file.empty()) {
    const std::string_view block =
        source_.body.substr(std::min(offset_, source_.body.size()), bytes);
    offset_ += block.size();
    return block;
  }
  block_.resize(bytes);
  file_.read(block_.data(), static_cast<std::streamsize>(bytes));
  return std::string_view{block_}.substr(0, static_cast<std::size_t>(file_.gcount()));
}

// False when nothing more will come.
bool SitemapBody::feed(std::string_view block) {
  if (!decoded_ || block.empty()) return false;
  if (!decoder_) return reader_.feed(block);
  bool more = true;
  decoded_ = decoder_->feed(block, [&](std::string_view bytes) {
    more = reader_.feed(bytes);
    return more;
  });
  return more && decoded_;
}

void SitemapBody::finish() {
  ended_ = true;
  if (decoder_ && decoded_)
    decoded_ = decoder_->finish([this](std::string_view bytes) { return reader_.feed(bytes); });
  summary_ = reader_.finish(whole_ && decoded_);
}

std::vector<web::SitemapEntry> SitemapBody::next(std::size_t count) {
  while (!ended_ && entries_.size() < count)
    if (!feed(next_block())) finish();
  return std::exchange(entries_, {});
}

}  // namespace trawl::crawl
