// [recrawl]: when pages are fetched again. The interval of one key has two forms, since what is
// said in one line is said more often.
#include "config/key.hpp"

namespace trawl::config {
namespace {

using crawl::JobSpec;
using crawl::RecrawlInterval;
using crawl::RecrawlSpec;

constexpr Duration interval{.min = Millis{1000}};

// "7d" or { min = "1h", max = "30d" }.
struct Every {
  bool read(const toml::node& node, RecrawlInterval& out) const {
    RecrawlInterval value;
    if (const toml::table* table = node.as_table()) {
      const auto *min = table->get("min"), *max = table->get("max");
      if (min == nullptr || max == nullptr || table->size() != 2) return false;
      if (!interval.read(*min, value.min) || !interval.read(*max, value.max)) return false;
      if (value.min > value.max) return false;
    } else {
      if (!interval.read(node, value.min)) return false;
      value.max = value.min;
    }
    out = value;
    return true;
  }
  std::string expected() const {
    return "a duration like \"7d\", at least \"1s\", or a table like { min = \"1h\", max = "
           "\"30d\" }";
  }
  std::string print(const RecrawlInterval& value) const {
    if (value.min == value.max) return interval.print(value.min);
    return fmt::format("{{ min = {}, max = {} }}", interval.print(value.min),
                       interval.print(value.max));
  }
};

}  // namespace

void add_recrawl_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("recrawl.every",
                          "How long a page is left alone before it is fetched again; with a "
                          "shortest and a longest time, by how often it changes.",
                          or_off(Every{}), &JobSpec::recrawl, &RecrawlSpec::every));
  keys.push_back(make_key("recrawl.min",
                          "The shortest time, as that of a table for `recrawl.every`. Needs "
                          "`recrawl.max`.",
                          or_off(interval), &JobSpec::recrawl, &RecrawlSpec::min));
  keys.push_back(make_key("recrawl.max", "The longest time. Needs `recrawl.min`.", or_off(interval),
                          &JobSpec::recrawl, &RecrawlSpec::max));
}

}  // namespace trawl::config
