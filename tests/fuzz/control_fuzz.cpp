// What clients of the control API write: queries, filters, changes, lists of URLs, heads that say
// where a request comes from. Any bytes are read or refused with a reason, and what is read holds
// its promises.
#include "service/control/bodies.hpp"
#include "service/control/guard.hpp"
#include "service/control/query_string.hpp"
#include "service/control/results_query.hpp"
#include "service/control/routes.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

void check_query(std::string_view text) {
  using namespace trawl::service::control;
  const auto query = QueryString::parse(text);
  if (!query) return expect(!query.error().detail.empty());
  const auto results = read_results_query(*query, trawl::Wall{});
  if (!results) expect(!results.error().detail.empty());
}

void check_bodies(std::string_view text) {
  using namespace trawl::service::control;
  if (const auto changes = read_changes(text)) {
    expect(!changes->empty());
    for (const auto& change : *changes) expect(!change.key.empty() && !change.value.empty());
  }
  (void)read_urls_json(text);
  if (const auto urls = read_urls_text(text))
    for (const auto& url : *urls) expect(!url.empty() && !url.contains('\n'));
  if (const auto fetch = read_fetch(text)) expect(fetch->timeout.count() > 0);
}

void check_guard(std::string_view text) {
  using namespace trawl::service::control;
  const std::vector<std::string> names{"crawler.example"};
  const std::size_t half = text.size() / 2;
  const std::string_view host = text.substr(0, half), origin = text.substr(half);
  // Of one origin with a name of ours is one of ours.
  if (is_own_host(host, names) && is_same_origin(origin, host)) expect(origin.starts_with("http"));
  const Claims claims{.host = host, .origin = origin, .changes_state = true};
  if (judge(claims, names, "token") == GuardVerdict::pass) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_query(text);
  check_bodies(text);
  check_guard(text);
  const auto match = trawl::service::control::find_route("GET", text);
  if (match.route != nullptr) expect(!match.allow.empty());
  return 0;
}
