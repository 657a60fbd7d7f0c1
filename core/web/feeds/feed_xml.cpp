// The formats share most names, and feeds mix them (Atom links and podcast pictures in RSS), so
// there is one reader for all: an element counts by its local name and the family of its
// namespace, and by what it is in.
#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/feeds/feed_source.hpp"
#include "core/web/links/link_relations.hpp"
#include "core/web/xml/xml_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace trawl::web {
namespace {

constexpr std::size_t text_bytes_max = 64 * 1024;
constexpr std::string_view xml_space = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view rdf_space = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

enum class Family : std::uint8_t { rss, atom, media, other };

Family family_of(std::string_view space) {
  if (space.empty() || space.starts_with("http://purl.org/rss/1.0/") ||
      space.starts_with("http://my.netscape.com/") ||
      space.starts_with("http://backend.userland.com/")) {
    return space.starts_with("http://purl.org/rss/1.0/modules/") ? Family::other : Family::rss;
  }
  if (space == "http://www.w3.org/2005/Atom" || space.starts_with("http://purl.org/atom/ns#"))
    return Family::atom;
  if (space.starts_with("http://search.yahoo.com/mrss") || space == "media") return Family::media;
  return Family::other;
}

bool is_feed_root(XmlName name) {
  const Family family = family_of(name.space);
  return (family == Family::rss && ascii::equals(name.local, "rss")) ||
         (family == Family::atom && name.local == "feed") ||
         (family == Family::atom && name.local == "entry") ||
         (name.space == rdf_space && name.local == "RDF");
}

// What an Atom link relation leads to (RFC 4287, section 4.2.7.2; RFC 5005; RFC 4685).
LinkKind atom_link_kind(std::string_view rel, std::string_view type) {
  static constexpr std::array feeds =
      std::to_array<std::string_view>({"self", "next", "prev", "previous", "first", "last",
                                       "current", "prev-archive", "next-archive"});
  static constexpr std::array pages =
      std::to_array<std::string_view>({"alternate", "related", "via"});
  const auto is_in = [&rel](const auto& names) {
    return std::ranges::any_of(names, [&rel](auto name) { return ascii::equals(rel, name); });
  };
  if (ascii::equals(rel, "enclosure")) return LinkKind::embed;
  if (is_in(feeds)) return LinkKind::feed;
  const bool replies = ascii::equals(rel, "replies");
  if (!replies && !is_in(pages)) return link_kind(rel, type);
  return link_kind("alternate", type) == LinkKind::feed ? LinkKind::feed : LinkKind::page;
}

class XmlFeed : public FeedSource, private XmlHandler {
 public:
  XmlFeed(std::string_view charset, const Url& url) : url_(url), reader_(*this, charset) {}

  bool feed(std::string_view bytes) override { return reader_.feed(bytes) && !links_.full(); }
  PageLinks finish() override {
    reader_.finish();
    return links_.take(url_);
  }

 private:
  // An element whose text is an address (or the feed's title).
  struct TextLink {
    std::string_view tag;
    LinkKind kind = LinkKind::page;
    std::size_t depth = 0;
    bool title = false;
    bool absolute_only = false;
  };
  struct Base {
    Url url;
    std::size_t depth;
  };
  // The elements that give others their meaning.
  enum class Part : std::uint8_t { image, text_input };
  struct OpenPart {
    Part part;
    std::size_t depth;
  };

  void on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) override;
  void on_text(std::string_view text) override;
  void on_end(XmlName name, std::size_t depth) override;

  void on_rss(std::string_view local, const XmlAttributes& attributes, std::size_t depth);
  void on_atom(std::string_view local, const XmlAttributes& attributes, std::size_t depth);
  void on_atom_link(const XmlAttributes& attributes);
  void on_media(std::string_view local, const XmlAttributes& attributes);
  void on_other(XmlName name, const XmlAttributes& attributes, std::size_t depth);

  const Url& base() const { return bases_.empty() ? url_ : bases_.back().url; }
  bool in(Part part) const { return !parts_.empty() && parts_.back().part == part; }
  void push_base(const XmlAttributes& attributes, std::size_t depth);
  void read_text(std::string_view tag, LinkKind kind, std::size_t depth) {
    text_link_ = TextLink{.tag = tag, .kind = kind, .depth = depth};
    text_.clear();
  }
  void add_attribute(const XmlAttributes& attributes, std::string_view attribute,
                     std::string_view tag, LinkKind kind) {
    if (const auto url = attributes.find(attribute)) links_.add(*url, base(), kind, tag, attribute);
  }

  const Url& url_;
  FeedLinks links_;
  std::vector<Base> bases_;      // of xml:base, innermost last; at most one a level
  std::vector<OpenPart> parts_;  // innermost last; at most one a level
  std::optional<TextLink> text_link_;
  std::string text_;
  XmlReader reader_;
};

void XmlFeed::on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) {
  if (depth == 1 && !is_feed_root(name)) {
    reader_.stop();
    return;
  }
  // Markup in a text that should have none: a title in XHTML goes on, an address does not.
  if (text_link_ && !text_link_->title) text_link_.reset();
  push_base(attributes, depth);
  switch (family_of(name.space)) {
    case Family::rss:
      return on_rss(name.local, attributes, depth);
    case Family::atom:
      return on_atom(name.local, attributes, depth);
    case Family::media:
      return on_media(name.local, attributes);
    case Family::other:
      return on_other(name, attributes, depth);
  }
}

void XmlFeed::on_text(std::string_view text) {
  if (!text_link_) return;
  if (text_.size() + text.size() <= text_bytes_max)
    text_.append(text);
  else if (!text_link_->title)
    text_link_.reset();  // no address is so long
}

void XmlFeed::on_end(XmlName, std::size_t depth) {
  if (text_link_ && text_link_->depth == depth) {
    const std::string_view text = ascii::trim(text_);
    const bool absolute = ascii::starts_with(text, "http:") || ascii::starts_with(text, "https:");
    if (text_link_->title)
      links_.set_title(text);
    else if (absolute || !text_link_->absolute_only)
      links_.add(text, base(), text_link_->kind, text_link_->tag, {});
    text_link_.reset();
  }
  if (!bases_.empty() && bases_.back().depth == depth) bases_.pop_back();
  if (!parts_.empty() && parts_.back().depth == depth) parts_.pop_back();
}

// XML Base, which Atom demands and RSS allows.
void XmlFeed::push_base(const XmlAttributes& attributes, std::size_t depth) {
  const auto text = attributes.find("base", xml_space);
  if (!text) return;
  Result<Url> url = Url::parse(*text, &base());
  if (!url || url->href().size() > limits::base_bytes_max) return;
  bases_.push_back({std::move(*url), depth});
}

void XmlFeed::on_rss(std::string_view local, const XmlAttributes& attributes, std::size_t depth) {
  if (local == "image") {
    parts_.push_back({Part::image, depth});
  } else if (ascii::equals(local, "textinput")) {
    parts_.push_back({Part::text_input, depth});
  } else if (local == "link") {
    read_text("link", in(Part::text_input) ? LinkKind::other : LinkKind::page, depth);
  } else if (local == "url" && in(Part::image)) {
    read_text("url", LinkKind::embed, depth);
  } else if (local == "guid") {
    // It is an address unless it says that it is none, and many forget to.
    if (ascii::equals(ascii::trim(attributes.find("isPermaLink").value_or("")), "false")) return;
    read_text("guid", LinkKind::page, depth);
    text_link_->absolute_only = true;
  } else if (local == "comments") {
    read_text("comments", LinkKind::page, depth);
  } else if (local == "docs") {
    read_text("docs", LinkKind::other, depth);
  } else if (local == "title" && parts_.empty()) {
    read_text("title", LinkKind::other, depth);
    text_link_->title = true;
  } else if (local == "enclosure") {
    add_attribute(attributes, "url", "enclosure", LinkKind::embed);
  } else if (local == "source") {
    add_attribute(attributes, "url", "source", LinkKind::feed);
  }
}

void XmlFeed::on_atom(std::string_view local, const XmlAttributes& attributes, std::size_t depth) {
  if (local == "link") {
    on_atom_link(attributes);
  } else if (local == "icon" || local == "logo") {
    read_text(local == "icon" ? "icon" : "logo", LinkKind::embed, depth);
  } else if (local == "uri" || local == "url") {  // of a person; url in Atom 0.3
    read_text("uri", LinkKind::page, depth);
  } else if (local == "content") {
    add_attribute(attributes, "src", "content", LinkKind::page);
  } else if (local == "title") {
    read_text("title", LinkKind::other, depth);
    text_link_->title = true;
  }
}

void XmlFeed::on_atom_link(const XmlAttributes& attributes) {
  const auto href = attributes.find("href");
  if (!href) return;
  const std::string rel = attributes.find("rel").value_or("alternate");
  const LinkKind kind = atom_link_kind(ascii::trim(rel), attributes.find("type").value_or(""));
  links_.add(*href, base(), kind, "link", "href", rel);
}

// Media RSS.
void XmlFeed::on_media(std::string_view local, const XmlAttributes& attributes) {
  if (local == "content") add_attribute(attributes, "url", "content", LinkKind::embed);
  if (local == "thumbnail") add_attribute(attributes, "url", "thumbnail", LinkKind::embed);
  if (local == "player") add_attribute(attributes, "url", "player", LinkKind::page);
}

void XmlFeed::on_other(XmlName name, const XmlAttributes& attributes, std::size_t depth) {
  if (name.local == "image" && name.space.contains("itunes")) {
    add_attribute(attributes, "href", "image", LinkKind::embed);
  } else if (name.local == "commentRss" || name.local == "commentRSS") {
    read_text("commentRss", LinkKind::feed, depth);
  } else if (name.local == "origLink") {
    read_text("origLink", LinkKind::page, depth);
  }
}

}  // namespace

std::unique_ptr<FeedSource> make_xml_feed(std::string_view charset, const Url& url) {
  return std::make_unique<XmlFeed>(charset, url);
}

}  // namespace trawl::web
