#pragma once
// A link of a page with where it ends, as lines of `trawl links`.

#include "core/crawl/state/record.hpp"
#include "core/web/links/links.hpp"
#include "service/links/link_targets.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

struct FoundLink {
  const crawl::Record& page;
  const web::Link& link;
  std::string_view url;  // as the crawl has it
  const std::optional<LinkEnd>& end;
  std::optional<bool> place = {};  // whether there is one for the fragment; absent: not known
  std::string_view text = {};      // what readers see of it

  // Where it ends, when that is known.
  std::string_view end_url() const;
  // Nothing is known of its end: it was queued, excluded, or no crawl here knows it.
  bool is_unchecked() const;
  // What it ends with in a word: the status, the error, "no #fragment", the state, or "unchecked".
  std::string end_word() const;
};

struct LinkFields {
  bool fragments = false;
  bool text = false;
};

// "page,canonical": web::to_string() of each. Throws Failure{usage}.
std::vector<web::LinkKind> link_kinds_of(const std::string& words);

std::string link_heading_csv(LinkFields fields);
void append_link_json(std::string& out, const FoundLink& found, LinkFields fields);
void append_link_csv(std::string& out, const FoundLink& found, LinkFields fields);

}  // namespace trawl::service
