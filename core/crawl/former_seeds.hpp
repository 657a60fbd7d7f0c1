#pragma once
// FormerSeeds: which seeds of a folder are none any more: the job names them no more, or what
// redirected to them doesn't. They are URLs like others. Pure.

#include "core/crawl/named_seeds.hpp"
#include "core/crawl/seed_redirects.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace trawl::crawl {

struct FormerSeeds {
  NamedSeeds named;
  SeedRedirects redirects;

  // As `meta` has them, by their keys; what isn't there is empty.
  static FormerSeeds parse(const std::map<std::string, std::string>& texts) {
    const auto text = [&texts](const char* key) {
      const auto found = texts.find(key);
      return found == texts.end() ? std::string{} : found->second;
    };
    return {NamedSeeds::parse(text(NamedSeeds::named_key), text(NamedSeeds::former_key)),
            SeedRedirects::parse(text(SeedRedirects::ended_key), text(SeedRedirects::asked_key))};
  }
  std::map<std::string, std::string> texts() const {
    return {{NamedSeeds::named_key, named.named_text()},
            {NamedSeeds::former_key, named.former_text()},
            {SeedRedirects::ended_key, redirects.ended_text()},
            {SeedRedirects::asked_key, redirects.asked_text()}};
  }
  static constexpr auto keys = {NamedSeeds::named_key, NamedSeeds::former_key,
                                SeedRedirects::ended_key, SeedRedirects::asked_key};

  bool any() const { return named.has_former() || redirects.any_ended(); }
  // chain: the hops that led to the URL, the seed first; empty: none did.
  bool has(std::uint64_t url, std::span<const std::uint64_t> chain) const {
    if (named.names(url) || redirects.is_asked_for(url)) return false;
    return named.is_former(chain.empty() ? url : chain.front()) || redirects.is_over(url, chain);
  }
  // Somebody else than the job asks for it. Whether that changes anything.
  bool take_back(std::uint64_t url) {
    const bool was_former = named.take_back(url);
    return (!named.names(url) && redirects.ask_for(url)) || was_former;
  }
};

}  // namespace trawl::crawl
