#pragma once
// SitemapXml: the XML forms of a sitemap, from the events of XmlReader.

#include "core/web/feeds/sitemap_entries.hpp"
#include "core/web/xml/xml_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

class SitemapXml : public XmlHandler {
 public:
  SitemapXml(SitemapEntries& entries, std::string_view charset);

  bool feed(std::string_view bytes) { return reader_.feed(bytes); }
  void finish();
  std::optional<SitemapType> type() const { return type_; }

  void on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) override;
  void on_text(std::string_view text) override;
  void on_end(XmlName name, std::size_t depth) override;

 private:
  // What the text that is being read belongs to.
  enum class Field : std::uint8_t {
    none,
    entry,  // the entry itself: some indexes have no <loc>
    loc,
    guid,
    lastmod,
    published,  // only when there is no lastmod
    date,       // RFC 822
    changefreq,
    priority
  };

  void on_root(XmlName name);
  bool is_entry(XmlName name) const;
  Field field_of(XmlName name, const XmlAttributes& attributes) const;
  Field feed_field(XmlName name) const;
  void begin_entry(XmlName name, std::size_t depth);
  void end_field();
  void end_entry();
  void emit();

  SitemapEntries& entries_;
  std::optional<SitemapType> type_;
  std::string root_space_;

  // The open entry.
  std::size_t entry_depth_ = 0;  // 0: none is open
  std::string entry_space_;
  std::string loc_, guid_, entry_text_;
  bool had_loc_ = false;
  std::optional<Wall> published_;
  std::string published_text_;
  SitemapEntry entry_;

  // The open field.
  Field field_ = Field::none;
  std::size_t field_depth_ = 0;
  std::string text_;
  XmlReader reader_;  // last: it calls the others
};

}  // namespace trawl::web
