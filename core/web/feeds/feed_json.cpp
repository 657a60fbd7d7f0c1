// JSON Feed has few members, and what each means depends on the object it is in, so the names on
// the way down are kept. The version member may come last: whether it is a feed is known at the
// end.
#include "core/web/ascii.hpp"
#include "core/web/feeds/feed_source.hpp"
#include "core/web/xml/json_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace trawl::web {
namespace {

enum class Place : std::uint8_t { feed, item, attachment, author, hub, unknown };

// The objects of a feed: which member of which object holds them.
struct Part {
  Place in;
  std::string_view member;
  Place place;
};
constexpr std::array parts = std::to_array<Part>({
    {Place::feed, "items", Place::item},
    {Place::feed, "author", Place::author},
    {Place::feed, "authors", Place::author},
    {Place::feed, "hubs", Place::hub},
    {Place::item, "attachments", Place::attachment},
    {Place::item, "author", Place::author},
    {Place::item, "authors", Place::author},
});

struct Address {
  Place in;
  std::string_view member;
  LinkKind kind;
};
constexpr std::array addresses = std::to_array<Address>({
    {Place::feed, "home_page_url", LinkKind::page},
    {Place::feed, "feed_url", LinkKind::feed},
    {Place::feed, "next_url", LinkKind::feed},
    {Place::feed, "icon", LinkKind::embed},
    {Place::feed, "favicon", LinkKind::embed},
    {Place::item, "url", LinkKind::page},
    {Place::item, "external_url", LinkKind::page},
    {Place::item, "image", LinkKind::embed},
    {Place::item, "banner_image", LinkKind::embed},
    {Place::attachment, "url", LinkKind::embed},
    {Place::author, "url", LinkKind::page},
    {Place::author, "avatar", LinkKind::embed},
    {Place::hub, "url", LinkKind::other},
});

constexpr std::array place_names =
    std::to_array<std::string_view>({"feed", "item", "attachment", "author", "hub", "unknown"});

class JsonFeed : public FeedSource, private JsonHandler {
 public:
  JsonFeed(const Url& url, bool sure) : url_(url), is_feed_(sure), reader_(*this) {}

  // A feed is an object; of a list nothing more need be read.
  bool feed(std::string_view bytes) override { return reader_.feed(bytes) && !is_list_; }
  PageLinks finish() override {
    reader_.finish();
    PageLinks links = links_.take(url_);
    if (is_feed_) return links;
    return {.links = {}, .title = {}, .base_url = std::move(links.base_url), .robots = {}};
  }

 private:
  struct Level {
    bool array = false;
    Place place = Place::unknown;  // of the object, or of a list's items
  };

  void on_open(bool array) override {
    is_list_ = is_list_ || (array && levels_.empty());
    levels_.push_back({.array = array, .place = place_of_value(array)});
    if (!array) member_.clear();
  }
  void on_close() override {
    levels_.pop_back();
    member_.clear();
  }
  void on_key(std::string_view name) override { member_ = name; }
  void on_other() override {}

  void on_string(std::string_view text) override {
    if (levels_.empty() || levels_.back().array) return;
    const Place place = levels_.back().place;
    if (place == Place::feed && member_ == "title") links_.set_title(text);
    if (place == Place::feed && member_ == "version") {
      is_feed_ = is_feed_ || text.contains("jsonfeed.org/version/");
    }
    for (const Address& address : addresses) {
      if (address.in != place || address.member != member_) continue;
      links_.add(text, url_, address.kind, place_names[static_cast<std::size_t>(place)],
                 address.member);
    }
  }

  Place place_of_value(bool array) const {
    if (levels_.empty()) return array ? Place::unknown : Place::feed;
    if (levels_.back().array) return levels_.back().place;
    const auto found = std::ranges::find_if(parts, [this](const Part& part) {
      return part.in == levels_.back().place && part.member == member_;
    });
    return found == parts.end() ? Place::unknown : found->place;
  }

  const Url& url_;
  bool is_feed_;
  bool is_list_ = false;
  FeedLinks links_;
  std::vector<Level> levels_;  // at most JsonReader::depth_max
  std::string member_;         // whose value comes next
  JsonReader reader_;
};

}  // namespace

std::unique_ptr<FeedSource> make_json_feed(const Url& url, bool sure) {
  return std::make_unique<JsonFeed>(url, sure);
}

}  // namespace trawl::web
