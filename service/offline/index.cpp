// Names follow from URL and type, so a fingerprint and a byte a URL are enough: the index of ten
// million pages fits into memory where a query a link would scan the host's URLs each time.
#include "service/offline/index.hpp"

#include "core/web/digest.hpp"

#include <utility>

namespace trawl::service {
namespace {

constexpr int redirects_max = 20;

}  // namespace

void OfflineIndex::add_file(std::string_view url, OfflineType type) {
  files_.insert_or_assign(web::fingerprint(url), type);
}

void OfflineIndex::add_redirect(std::string_view url, std::string target) {
  redirects_.insert_or_assign(web::fingerprint(url), std::move(target));
}

std::optional<std::string> OfflineIndex::file_of(const web::Url& url) const {
  auto canonical = web::canonicalise(url, rules_);
  for (int hops = 0; canonical && hops <= redirects_max; ++hops) {
    const std::uint64_t fingerprint = web::fingerprint(canonical->href());
    if (const auto file = files_.find(fingerprint); file != files_.end())
      return offline_name(canonical->href(), file->second);
    const auto redirect = redirects_.find(fingerprint);
    if (redirect == redirects_.end()) return std::nullopt;
    const auto target = web::Url::parse(redirect->second);
    if (!target) return std::nullopt;
    canonical = web::canonicalise(*target, rules_);
  }
  return std::nullopt;
}

web::NewLink OfflineIndex::link_from(std::string_view from, const web::Url& target,
                                     web::LinkUse use) const {
  // A form's answer is made by the server.
  if (use == web::LinkUse::action) return {.text = target.href()};
  const auto file = file_of(target);
  if (!file) return {.text = target.href()};
  const std::string_view hash = target.hash();
  std::string text = *file == from && !hash.empty() ? std::string{} : relative_link(from, *file);
  return {.text = text.append(hash), .local = true};
}

}  // namespace trawl::service
