// The form is told by the body alone: servers send sitemaps as text/plain, text/html and
// application/octet-stream. The first bytes say gzip or not, the first kilobytes XML or text.
#include "core/web/feeds/sitemap.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/charset/text_stream.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/feeds/sitemap_entries.hpp"
#include "core/web/feeds/sitemap_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t head_bytes_max = 4096;
constexpr std::size_t coded_block_bytes = 4096;  // at most 4 MiB decoded, at a thousandfold
constexpr std::string_view gzip_magic = "\x1F\x8B";

// Markup, whatever stands before it (warnings of scripts, mostly).
bool looks_like_xml(std::string_view text) {
  text = trim_unicode(text);
  if (text.starts_with('<')) return true;
  constexpr auto beginnings = std::to_array<std::string_view>(
      {"<?xml", "<urlset", "<sitemapindex", "<rss", "<feed", "<rdf:RDF"});
  return std::ranges::any_of(beginnings, [&](std::string_view tag) { return text.contains(tag); });
}

// One URL a line (sitemaps.org, "Text file").
class SitemapText {
 public:
  SitemapText(SitemapEntries& entries, std::string_view charset)
      : entries_(entries), text_(charset) {}

  bool feed(std::string_view bytes) {
    read(text_.feed(bytes));
    return !entries_.full();
  }
  void finish(bool whole) {
    read(text_.finish());
    if (whole) add(line_);  // half of a URL is another URL
    line_.clear();
  }

 private:
  void read(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find_first_of("\r\n");
      if (line_.size() <= limits::sitemap_loc_bytes_max)
        line_.append(text.substr(0, std::min(end, limits::sitemap_loc_bytes_max + 1)));
      if (end == text.npos) return;
      text.remove_prefix(end + 1);
      add(line_);
      line_.clear();
    }
  }
  void add(std::string_view line) {
    if (entries_.full())
      entries_.note(
          fmt::format("more than {} URLs; the rest is left out", limits::sitemap_urls_max));
    else
      entries_.add(line, {}, false);
  }

  SitemapEntries& entries_;
  TextStream text_;
  std::string line_;
};

}  // namespace

std::string_view to_string(SitemapType type) {
  switch (type) {
    case SitemapType::urlset:
      return "urlset";
    case SitemapType::index:
      return "index";
    case SitemapType::feed:
      return "feed";
    case SitemapType::text:
      break;
  }
  return "text";
}

class SitemapReader::Body {
 public:
  Body(const Url& url, std::string_view charset, OnEntry on_entry)
      : charset_(charset), entries_(url, std::move(on_entry)) {}

  bool feed(std::string_view bytes);
  SitemapSummary finish(bool whole);
  std::optional<SitemapType> type() const;

 private:
  void begin_coding();
  void pass_on(std::string_view bytes);
  void feed_coded(std::string_view bytes);
  void begin();
  void read(std::string_view bytes);
  void parse(std::string_view bytes);

  std::string charset_;
  SitemapEntries entries_;
  std::string magic_;  // until it is known whether it is gzip
  bool coding_known_ = false;
  std::unique_ptr<Decoder> decoder_;  // of a gzip file
  std::string head_;                  // until the form is known
  std::unique_ptr<SitemapXml> xml_;
  std::unique_ptr<SitemapText> text_;
  std::uint64_t bytes_ = 0;  // uncompressed
  bool done_ = false;
  bool cut_ = false;
};

std::optional<SitemapType> SitemapReader::Body::type() const {
  if (xml_) return xml_->type();
  // Prose is a text too, and no sitemap.
  return text_ && entries_.count() > 0 ? std::optional{SitemapType::text} : std::nullopt;
}

void SitemapReader::Body::begin_coding() {
  coding_known_ = true;
  if (!magic_.starts_with(gzip_magic)) return;
  auto decoder = Decoder::create("gzip", {.decoded_bytes_max = limits::sitemap_bytes_max});
  if (decoder) decoder_ = std::move(*decoder);
}

bool SitemapReader::Body::feed(std::string_view bytes) {
  if (!coding_known_) {
    const std::size_t missing = std::min(gzip_magic.size() - magic_.size(), bytes.size());
    magic_.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    if (magic_.size() < gzip_magic.size()) return true;
    begin_coding();
    pass_on(magic_);
  }
  pass_on(bytes);
  return !done_;
}

void SitemapReader::Body::pass_on(std::string_view bytes) {
  if (decoder_)
    feed_coded(bytes);
  else
    read(bytes);
}

void SitemapReader::Body::feed_coded(std::string_view bytes) {
  const auto read_decoded = [this](std::string_view decoded) {
    read(decoded);
    return !done_;
  };
  for (; !bytes.empty() && !done_; bytes.remove_prefix(std::min(coded_block_bytes, bytes.size()))) {
    const auto state = decoder_->feed(bytes.substr(0, coded_block_bytes), read_decoded);
    if (state || done_) continue;
    cut_ = true;
    done_ = true;
    entries_.note(state.error().code == Errc::limit_exceeded
                      ? fmt::format("more than {} MiB uncompressed; the rest is left out",
                                    limits::sitemap_bytes_max >> 20)
                      : "the gzip file is damaged");
  }
}

void SitemapReader::Body::begin() {
  const std::string charset = xml_charset(head_, charset_);
  std::string storage;
  if (looks_like_xml(to_utf8(head_, charset, storage)))
    xml_ = std::make_unique<SitemapXml>(entries_, charset_);
  else
    text_ = std::make_unique<SitemapText>(entries_, charset);
  std::string head;
  head.swap(head_);
  parse(head);  // also of a file whose damage ended it before its form was known
}

void SitemapReader::Body::read(std::string_view bytes) {
  if (!xml_ && !text_) {
    const std::size_t missing = std::min(head_bytes_max - head_.size(), bytes.size());
    head_.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    if (head_.size() < head_bytes_max) return;
    begin();
  }
  if (!done_) parse(bytes);
}

void SitemapReader::Body::parse(std::string_view bytes) {
  const std::uint64_t left = limits::sitemap_bytes_max - bytes_;
  if (bytes.size() > left) {
    entries_.note(fmt::format("more than {} MiB uncompressed; the rest is left out",
                              limits::sitemap_bytes_max >> 20));
    bytes = bytes.substr(0, left);
    cut_ = true;
  }
  bytes_ += bytes.size();
  const bool more = xml_ ? xml_->feed(bytes) : text_->feed(bytes);
  done_ = cut_ || !more;
}

SitemapSummary SitemapReader::Body::finish(bool whole) {
  if (!coding_known_) {
    begin_coding();
    read(magic_);
  }
  if (decoder_ && !done_ && !decoder_->finish([this](std::string_view decoded) {
        read(decoded);
        return !done_;
      })) {
    entries_.note("the gzip file ends early");
    cut_ = true;
  }
  if (!xml_ && !text_) begin();
  if (!whole) entries_.note("it was cut before its end");
  if (xml_)
    xml_->finish();
  else
    text_->finish(whole && !cut_);
  if (!type() && text_) {
    constexpr std::string_view nothing = "not a sitemap: neither XML nor a list of URLs";
    return {.type = {},
            .error = std::string{entries_.fault().empty() ? nothing : entries_.fault()}};
  }
  return {.type = type(), .entries = entries_.count(), .error = entries_.error()};
}

SitemapReader::SitemapReader(const Url& url, std::string_view charset, OnEntry on_entry)
    : body_(std::make_unique<Body>(url, charset, std::move(on_entry))) {}
SitemapReader::~SitemapReader() = default;

bool SitemapReader::feed(std::string_view bytes) {
  return body_->feed(bytes);
}
SitemapSummary SitemapReader::finish(bool whole) {
  return body_->finish(whole);
}
std::optional<SitemapType> SitemapReader::type() const {
  return body_->type();
}

Sitemap parse_sitemap(std::string_view body, const Url& url, std::string_view charset) {
  Sitemap sitemap;
  SitemapReader reader{url, charset, [&sitemap](SitemapEntry entry) {
                         sitemap.entries.push_back(std::move(entry));
                       }};
  reader.feed(body);
  sitemap.summary = reader.finish();
  return sitemap;
}

}  // namespace trawl::web
