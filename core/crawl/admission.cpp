// Excluded URLs are admitted too, as records with a reason, so that "why was this not fetched?" has
// an answer.
#include "core/crawl/admission.hpp"

#include "core/crawl/traps.hpp"
#include "core/web/host.hpp"

#include <mutex>

namespace trawl::crawl {

Admission::Admission(const JobSpec& job, Scope scope)
    : job_(job),
      rules_{.strip_params = job.urls.strip_params,
             .max_length = static_cast<std::size_t>(job.urls.max_length),
             .sort_query = job.urls.sort_query},
      scope_(std::move(scope)) {}

Result<std::unique_ptr<Admission>> Admission::create(const JobSpec& job) {
  auto scope = Scope::create(job.scope);
  if (!scope) return std::unexpected(scope.error());
  return std::unique_ptr<Admission>{new Admission{job, std::move(*scope)}};
}

Result<web::Url> Admission::canonical(const web::Url& url) const {
  return web::canonicalise(url, rules_);
}

Result<NewUrl> Admission::seed(std::string_view text) {
  const auto parsed = web::Url::parse(text);
  if (!parsed) return std::unexpected(parsed.error());
  const auto url = canonical(*parsed);
  if (!url) return std::unexpected(url.error());
  widen(*url);
  return NewUrl{.url = url->href(), .host = web::host_key(*url)};
}

void Admission::widen(const web::Url& url) {
  const std::unique_lock lock{mutex_};
  scope_.add_seed(url);
}

std::optional<NewUrl> Admission::found(const web::Url& url, int depth, UrlId via) const {
  if (!url.is_http()) return std::nullopt;
  const auto target = canonical(url);
  if (!target) return std::nullopt;
  NewUrl found{.url = target->href(), .host = web::host_key(*target), .depth = depth, .via = via};
  if (job_.mode == JobMode::fetch) return found;
  if (const auto trap = trap_rule(*target, job_.urls)) {
    found.excluded = Errc::trap;
    found.excluded_detail = *trap;
    return found;
  }
  const std::shared_lock lock{mutex_};
  const auto verdict = scope_.check(*target, depth);
  if (!verdict.inside) {
    found.excluded = verdict.rule == "depth" ? Errc::depth : Errc::scope;
    found.excluded_detail = verdict.rule;
  }
  return found;
}

}  // namespace trawl::crawl
