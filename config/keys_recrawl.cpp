// [recrawl]: when pages are fetched again. The interval of one key has two forms, since what is
// said in one line is said more often.
#include "config/key.hpp"

namespace trawl::config {
namespace {

using crawl::JobSpec;
using crawl::RecrawlInterval;
using crawl::RecrawlSpec;

constexpr Duration interval{.min = Millis{1000}};

constexpr std::string_view table_form = "{ min = \"1h\", max = \"30d\" }";

// "off", "7d" or a table. What is wrong in a table is said of its entries.
struct Every {
  void read(const toml::node& node, std::optional<RecrawlInterval>& out, Problems& problems) const {
    if (text_of(node) == "off") return out.reset();
    RecrawlInterval value;
    if (const toml::table* table = node.as_table()) {
      const std::size_t before = problems.size();
      read_table(*table, value, problems);
      if (problems.size() > before) return;
    } else {
      if (!interval.read(node, value.min)) return mismatch(problems, node, expected());
      value.max = value.min;
    }
    out = value;
  }
  std::string expected() const {
    return fmt::format("a duration like \"7d\", at least \"1s\", or a table like {} or \"off\"",
                       table_form);
  }
  std::string print(const std::optional<RecrawlInterval>& value) const {
    if (!value) return "\"off\"";
    if (value->min == value->max) return interval.print(value->min);
    return fmt::format("{{ min = {}, max = {} }}", interval.print(value->min),
                       interval.print(value->max));
  }

 private:
  static void read_table(const toml::table& table, RecrawlInterval& out, Problems& problems) {
    const std::size_t before = problems.size();
    for (const auto& [name, node] : table) {
      if (name.str() != "min" && name.str() != "max")
        problems.push_back({fmt::format(".{}", name.str()), name.source().begin,
                            "unknown key; the table has `min` and `max` alone"});
      else if (!interval.read(node, name.str() == "min" ? out.min : out.max))
        mismatch(problems, node, interval.expected(), fmt::format(".{}", name.str()));
    }
    for (const char* name : {"min", "max"})
      if (!table.contains(name))
        problems.push_back({{},
                            table.source().begin,
                            fmt::format("the table lacks `{}`: expected {}", name, table_form)});
    if (problems.size() == before && out.min > out.max)
      problems.push_back({".min", table.get("min")->source().begin,
                          fmt::format("is longer than max: {}, and max is {}",
                                      interval.print(out.min), interval.print(out.max))});
  }
};

}  // namespace

void add_recrawl_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("recrawl.every",
                          "How long a page is left alone before it is fetched again; with a "
                          "shortest and a longest time, by how often it changes.",
                          Every{}, &JobSpec::recrawl, &RecrawlSpec::every));
  keys.push_back(make_key("recrawl.min",
                          "The shortest time, as that of a table for `recrawl.every`. Needs "
                          "`recrawl.max`.",
                          or_off(interval), &JobSpec::recrawl, &RecrawlSpec::min));
  keys.push_back(make_key("recrawl.max", "The longest time. Needs `recrawl.min`.", or_off(interval),
                          &JobSpec::recrawl, &RecrawlSpec::max));
}

}  // namespace trawl::config
