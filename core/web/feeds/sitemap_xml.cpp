// Elements are known by their place and local name; namespaces only tell extensions from what is
// meant: <image:loc> is nobody's page. A namespace that is not the protocol's is reported and read
// all the same. An entry that is not closed ends where the next one begins.
#include "core/web/feeds/sitemap_xml.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/web/ascii.hpp"
#include "core/web/timestamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t text_bytes_max = limits::sitemap_loc_bytes_max + 256;  // and white space
constexpr std::string_view dublin_core = "http://purl.org/dc/elements/1.1/";

// The protocol's namespace, as it is also written, and its forerunners at Google.
constexpr auto sitemap_spaces = std::to_array<std::string_view>({
    "http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.sitemaps.org/schemas/sitemap/0.9/",
    "https://www.sitemaps.org/schemas/sitemap/0.9",
    "http://sitemaps.org/schemas/sitemap/0.9",
    "https://sitemaps.org/schemas/sitemap/0.9",
    "http://www.sitemaps.org/schemas/sitemap/0.90",
    "http://www.google.com/schemas/sitemap/0.84",
    "http://www.google.com/schemas/sitemap/0.90",
});

bool is_sitemap_space(std::string_view space) {
  return std::ranges::find(sitemap_spaces, space) != sitemap_spaces.end();
}

void set_date(SitemapEntry& entry, std::string_view text, std::optional<Wall> time) {
  if (!time) return;
  entry.lastmod = text;
  entry.lastmod_time = time;
}

void set_changefreq(SitemapEntry& entry, std::string_view text) {
  constexpr auto words = std::to_array<std::string_view>(
      {"always", "hourly", "daily", "weekly", "monthly", "yearly", "never"});
  for (const std::string_view word : words)
    if (ascii::equals(text, word)) entry.changefreq = word;
}

void set_priority(SitemapEntry& entry, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= 1)
    entry.priority = value;
}

bool begins_with_scheme(std::string_view loc) {
  const auto place = loc.find("://");
  return place != loc.npos && place < loc.find_first_of("/?#");
}

}  // namespace

SitemapXml::SitemapXml(SitemapEntries& entries, std::string_view charset)
    : entries_(entries), reader_(*this, charset) {}

void SitemapXml::on_root(XmlName name) {
  constexpr auto roots = std::to_array<std::pair<std::string_view, SitemapType>>({
      {"urlset", SitemapType::urlset},
      {"sitemapindex", SitemapType::index},
      {"rss", SitemapType::feed},
      {"feed", SitemapType::feed},
      {"RDF", SitemapType::feed},
  });
  const auto* root =
      std::ranges::find(roots, name.local, &std::pair<std::string_view, SitemapType>::first);
  if (type_) return;  // a second root: entries count wherever they are
  if (root == roots.end()) {
    entries_.note(
        fmt::format("not a sitemap: its root element is <{}>", printable(name.local, 40)));
    reader_.stop();
    return;
  }
  type_ = root->second;
  root_space_ = name.space;
  if (type_ != SitemapType::feed && !name.space.empty() && !is_sitemap_space(name.space))
    entries_.note(fmt::format("the namespace of <{}> is not that of sitemaps: {}", name.local,
                              printable(name.space, 100)));
}

bool SitemapXml::is_entry(XmlName name) const {
  switch (*type_) {
    case SitemapType::urlset:
    case SitemapType::index:
      return name.local == (type_ == SitemapType::urlset ? "url" : "sitemap") &&
             (name.space.empty() || name.space == root_space_ || is_sitemap_space(name.space));
    case SitemapType::feed:
      return name.local == "item" || name.local == "entry";
    case SitemapType::text:
      break;
  }
  return false;
}

void SitemapXml::on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) {
  // After a root that was closed too early the entries stand alone.
  if (depth == 1 && !(type_ && is_entry(name))) return on_root(name);
  if (!type_) return;
  if (is_entry(name)) return begin_entry(name, depth);
  if (entry_depth_ == 0) return;
  if (field_ != Field::none && field_ != Field::entry) {
    // <loc>a<loc>b: the first was not closed. Anything else inside of a field is not its text.
    const bool again = field_of(name, attributes) == field_ && depth == field_depth_ + 1;
    if (!again) return;
    end_field();
  } else if (depth != entry_depth_ + 1) {
    return;
  }
  if (field_ == Field::entry) end_field();
  field_ = field_of(name, attributes);
  field_depth_ = depth;
  text_.clear();
  if (field_ == Field::loc && had_loc_) emit();
  // Atom's link has its target in an attribute.
  if (field_ == Field::loc && type_ == SitemapType::feed)
    if (auto href = attributes.find("href")) text_ = std::move(*href);
}

SitemapXml::Field SitemapXml::field_of(XmlName name, const XmlAttributes& attributes) const {
  const bool own = name.space == entry_space_ || name.space.empty() || is_sitemap_space(name.space);
  if (type_ == SitemapType::feed) {
    if (name.space == dublin_core && name.local == "date") return Field::lastmod;
    if (!own) return Field::none;
    const auto rel = attributes.find("rel");
    if (name.local == "link" && rel && *rel != "alternate") return Field::none;
    return feed_field(name);
  }
  if (!own) return Field::none;
  if (name.local == "loc") return Field::loc;
  if (name.local == "lastmod") return Field::lastmod;
  if (name.local == "changefreq") return Field::changefreq;
  return name.local == "priority" ? Field::priority : Field::none;
}

SitemapXml::Field SitemapXml::feed_field(XmlName name) const {
  if (name.local == "link") return had_loc_ ? Field::none : Field::loc;
  if (name.local == "guid") return Field::guid;
  if (name.local == "pubDate") return Field::date;
  if (name.local == "updated" || name.local == "modified") return Field::lastmod;
  const bool published = name.local == "published" || name.local == "issued";
  return published ? Field::published : Field::none;
}

void SitemapXml::begin_entry(XmlName name, std::size_t depth) {
  if (entry_depth_ != 0) end_entry();
  entry_depth_ = depth;
  entry_space_ = name.space;
  field_ = Field::entry;
  field_depth_ = depth;
  text_.clear();
}

void SitemapXml::on_text(std::string_view text) {
  // One byte more than can be of use tells that it is too long.
  if (field_ == Field::none || text_.size() > text_bytes_max) return;
  text_.append(text.substr(0, text_bytes_max + 1 - text_.size()));
}

void SitemapXml::on_end(XmlName /*name*/, std::size_t depth) {
  if (entry_depth_ == 0) return;
  if (depth <= entry_depth_) return end_entry();
  if (field_ != Field::none && depth == field_depth_) end_field();
}

void SitemapXml::end_field() {
  const Field field = std::exchange(field_, Field::none);
  const std::string_view text = trim_unicode(text_);
  switch (field) {
    case Field::none:
      break;
    case Field::entry:
      entry_text_ = text;
      break;
    case Field::loc:
      loc_ = text;
      had_loc_ = had_loc_ || !loc_.empty();
      break;
    case Field::guid:
      guid_ = text;
      break;
    case Field::lastmod:
      set_date(entry_, text, parse_w3c_datetime(text));
      break;
    case Field::published:
      published_ = parse_w3c_datetime(text);
      published_text_ = text;
      break;
    case Field::date:
      if (const auto time = parse_rfc822_date(text)) set_date(entry_, format_seconds(*time), time);
      break;
    case Field::changefreq:
      set_changefreq(entry_, text);
      break;
    case Field::priority:
      set_priority(entry_, text);
      break;
  }
}

void SitemapXml::emit() {
  if (!entry_.lastmod_time) set_date(entry_, published_text_, published_);
  const bool taken = entries_.add(loc_, std::exchange(entry_, {}));
  // The protocol wants whole URLs; feeds have a base.
  if (taken && type_ != SitemapType::feed && !begins_with_scheme(loc_))
    entries_.note_relative(loc_);
  loc_.clear();
  if (entries_.full()) {
    entries_.note(fmt::format("more than {} URLs; the rest is left out", limits::sitemap_urls_max));
    reader_.stop();
  }
}

void SitemapXml::end_entry() {
  if (field_ != Field::none) end_field();
  // Without a link: a text that is a URL in itself.
  const std::string& stand_in = type_ == SitemapType::feed ? guid_ : entry_text_;
  const auto url = Url::parse(stand_in);
  if (!had_loc_ && url && url->is_http()) loc_ = stand_in;
  if (!loc_.empty()) emit();
  entry_depth_ = 0;
  had_loc_ = false;
  loc_.clear();
  guid_.clear();
  entry_text_.clear();
  published_.reset();
  entry_ = {};
}

void SitemapXml::finish() {
  reader_.finish();
  if (entry_depth_ != 0) {
    if (reader_.ended_in_text()) field_ = Field::none;  // half of a URL is another URL
    end_entry();
  }
  if (!type_) entries_.note("not a sitemap: it has no root element");
  entries_.note(reader_.error());
}

}  // namespace trawl::web
