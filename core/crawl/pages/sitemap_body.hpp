#pragma once
// SitemapBody: the entries of a fetched sitemap, batch by batch, so that a sitemap of any size
// costs one batch of memory. Blocking; small pieces of work for a worker thread.

#include "core/base/result.hpp"
#include "core/crawl/pages/page_reader.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/feeds/sitemap.hpp"

#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

class SitemapBody {
 public:
  // source: outlives this. whole: all of the body was received.
  SitemapBody(const PageSource& source, bool whole);

  // At least so many, apart from the last batch; empty at the end. A batch can be larger by what a
  // block of the body holds.
  std::vector<web::SitemapEntry> next(std::size_t count);

  // Known from the first batch on, once it has an entry.
  std::optional<web::SitemapType> type() const { return reader_.type(); }
  // After the last batch.
  const web::SitemapSummary& summary() const { return summary_; }

 private:
  std::string_view next_block();
  bool feed(std::string_view block);
  void finish();

  const PageSource& source_;
  bool whole_;
  std::unique_ptr<web::Decoder> decoder_;  // of the content coding; absent for none
  Result<> decoded_;
  std::ifstream file_;
  std::string block_;
  std::size_t offset_ = 0;  // in a body in memory
  bool ended_ = false;
  std::vector<web::SitemapEntry> entries_;
  web::SitemapReader reader_;
  web::SitemapSummary summary_;
};

// Whether an answer may be a sitemap that nobody announced: it is XML by its type.
bool may_be_sitemap(const http::Headers& headers);

}  // namespace trawl::crawl
