// An object's meaning depends on the member that it is the value of: "url" in an "image" is the
// picture's, "@id" in an "item" is the page's. So the member names on the way down are kept, and
// only those.
#include "core/web/links/json_ld.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/xml/json_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ranges>
#include <utility>

namespace trawl::web {
namespace {

enum class Role : std::uint8_t {
  none,
  context,  // @context: names of vocabularies
  base,     // @base in a context
  picture,  // a picture, or an object that stands for one
  page,     // a page, or an object that stands for one
  url,      // the page of the object
  id,       // the name of the object
  same,     // other names of it
};

struct Key {
  std::string_view name;
  Role role;
};

constexpr std::array keys = std::to_array<Key>({
    {"@base", Role::base},
    {"@context", Role::context},
    {"@id", Role::id},
    {"contentUrl", Role::picture},
    {"discussionUrl", Role::page},
    {"embedUrl", Role::page},
    {"image", Role::picture},
    {"item", Role::page},
    {"logo", Role::picture},
    {"mainEntityOfPage", Role::page},
    {"photo", Role::picture},
    {"primaryImageOfPage", Role::picture},
    {"relatedLink", Role::page},
    {"sameAs", Role::same},
    {"significantLink", Role::page},
    {"thumbnail", Role::picture},
    {"thumbnailUrl", Role::picture},
    {"url", Role::url},
});

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::lower_bound(keys, name, {}, &Key::name);
  return found != keys.end() && found->name == name ? &*found : nullptr;
}

// A template ("/search?q={term}"), a blank node ("_:b0") and a sentence are no addresses.
bool may_be_url(std::string_view text) {
  const std::string_view trimmed = ascii::trim(text);
  return !trimmed.empty() && !trimmed.starts_with("_:") &&
         trimmed.find_first_of("{} \t\n\r\"<>") == std::string_view::npos;
}

class UrlCollector : public JsonHandler {
 public:
  void on_open(bool array) override {
    const bool in_context = !levels_.empty() && levels_.back().role == Role::context;
    const Role own = key_ == nullptr ? Role::none : key_->role;
    levels_.push_back({.array = array, .role = in_context ? Role::context : own, .key = key_});
    if (!array) key_ = nullptr;  // items of a list are values of the list's member
  }
  void on_close() override {
    levels_.pop_back();
    key_ = !levels_.empty() && levels_.back().array ? levels_.back().key : nullptr;
  }
  void on_key(std::string_view name) override { key_ = find_key(name); }
  void on_other() override {}

  void on_string(std::string_view text) override {
    if (key_ == nullptr || urls.size() == limits::links_per_page_max) return;
    const Role object = object_role();
    if (key_->role == Role::base && object == Role::context) base = text;
    if (object == Role::context || key_->role == Role::context || key_->role == Role::base) return;
    if (may_be_url(text)) {
      urls.push_back({.url = std::string(text), .kind = kind_in(object), .key = key_->name});
    }
  }

  std::vector<JsonLdUrl> urls;
  std::string base;

 private:
  struct Level {
    bool array = false;
    Role role = Role::none;  // what the object stands for
    const Key* key = nullptr;
  };

  // Of the innermost object.
  Role object_role() const {
    for (const Level& level : std::views::reverse(levels_)) {
      if (!level.array) return level.role;
    }
    return Role::none;
  }

  LinkKind kind_in(Role object) const {
    switch (key_->role) {
      case Role::picture:
        return LinkKind::embed;
      case Role::page:
        return LinkKind::page;
      case Role::url:
        return object == Role::picture ? LinkKind::embed : LinkKind::page;
      case Role::id:
        return object == Role::page ? LinkKind::page : LinkKind::other;
      default:
        return LinkKind::other;
    }
  }

  std::vector<Level> levels_;  // at most JsonReader::depth_max
  const Key* key_ = nullptr;   // the member whose value comes next
};

// A context's @base stands for all its document (JSON-LD 1.1, section 4.1.3). One that is relative
// itself can't be told from none here: the page's base is not known before its end.
void resolve_all(std::vector<JsonLdUrl>& urls, std::string_view base) {
  const Result<Url> absolute = Url::parse(base);
  if (!absolute || absolute->href().size() > limits::base_bytes_max) return;
  std::size_t bytes = 0;
  for (JsonLdUrl& found : urls) {
    if (Result<Url> url = Url::parse(found.url, &*absolute))
      found.url = std::move(*url).take_href();
    bytes += found.url.size();
    if (bytes > limits::link_bytes_per_page_max) return urls.clear();
  }
}

}  // namespace

bool is_json_ld(std::string_view type) {
  return ascii::equals(ascii::trim(type.substr(0, type.find(';'))), "application/ld+json");
}

std::vector<JsonLdUrl> json_ld_urls(std::string_view text) {
  UrlCollector collector;
  JsonReader reader(collector);
  if (!reader.feed(text) || !reader.finish()) return {};
  if (!collector.base.empty()) resolve_all(collector.urls, collector.base);
  return std::move(collector.urls);
}

}  // namespace trawl::web
