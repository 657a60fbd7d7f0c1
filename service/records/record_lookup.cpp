// The job's own rules come first; a folder may have been filled by several jobs, so what common
// rules make of a URL is tried too.
#include "service/records/record_lookup.hpp"

#include "core/base/log.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/crawl/scope/admission.hpp"
#include "core/web/ascii.hpp"
#include "core/web/url/canonical.hpp"
#include "core/web/url/host.hpp"
#include "service/records/stored_job.hpp"
#include "storage/sqlite/queries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t scanned_records_max = 50'000;
constexpr std::size_t batch_records = 512;

struct Form {
  std::string url;
  std::string host;
  bool operator==(const Form&) const = default;
};

void add_forms(std::vector<Form>& forms, std::string_view text, const web::Url& url,
               const crawl::UrlSpec& job) {
  const auto add = [&](std::string form, std::string host) {
    Form added{std::move(form), std::move(host)};
    if (std::ranges::find(forms, added) == forms.end()) forms.push_back(std::move(added));
  };
  const std::string host = web::host_key(url);
  add(std::string{text}, host);
  add(std::string{url.without_fragment()}, host);
  const crawl::UrlSpec usual, nothing_stripped{.strip_params = {}, .strip_path_params = {}};
  for (const crawl::UrlSpec* urls : {&job, &usual, &nothing_stripped}) {
    auto rules = crawl::canonical_rules(*urls);
    rules.max_length = std::numeric_limits<std::size_t>::max();
    const auto canonical = web::canonicalise(url, rules);
    if (canonical) add(canonical->href(), web::host_key(*canonical));
  }
}

Result<std::vector<Form>> forms_of(storage::Db& db, std::string_view text) {
  const StoredJob job = read_stored_job(db);
  std::vector<Form> forms;
  const auto spellings = spellings_of(text);
  if (!spellings) return std::unexpected(spellings.error());
  for (const std::string& spelling : *spellings) {
    const auto url = web::Url::parse(spelling);
    if (!url) return std::unexpected(url.error());
    if (!url->is_http())
      return fail(Errc::bad_url, fmt::format("{} is no http or https URL", spelling));
    add_forms(forms, spelling, *url, job.spec.urls);
  }
  return forms;
}

// Bytes that two URLs have in common at both ends; a difference in the middle is what a slip is.
std::size_t likeness(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t front = 0;
  while (front < shorter && a[front] == b[front]) ++front;
  std::size_t back = 0;
  while (back < shorter - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
  return front + back;
}

// Of links in pages. Others can't be told from a name with a port: example.org:8080.
constexpr std::array other_schemes{
    "mailto:", "tel:", "javascript:", "data:", "sms:", "about:", "blob:"};

}  // namespace

Result<std::vector<std::string>> spellings_of(std::string_view text) {
  if (text.contains("://")) return std::vector<std::string>{std::string{text}};
  for (const std::string_view scheme : other_schemes)
    if (web::ascii::equals(text.substr(0, scheme.size()), scheme))
      return fail(Errc::bad_url, fmt::format("{} is no http or https URL", printable(text, 200)));
  return std::vector<std::string>{fmt::format("https://{}", text), fmt::format("http://{}", text)};
}

Result<std::vector<std::string>> url_forms(storage::Db& db, std::string_view text) {
  auto forms = forms_of(db, text);
  if (!forms) return std::unexpected(forms.error());
  std::vector<std::string> urls;
  for (Form& form : *forms)
    if (std::ranges::find(urls, form.url) == urls.end()) urls.push_back(std::move(form.url));
  return urls;
}

Result<std::optional<crawl::Record>> look_up(storage::Db& db, std::string_view text,
                                             std::string_view method) {
  // What is no URL has a record of no host.
  for (const std::string& spelling : {std::string{text}, crawl::line_shown(text)})
    if (auto record = storage::find_record(db, spelling, {}, method)) return record;
  const auto forms = forms_of(db, text);
  if (!forms) return std::unexpected(forms.error());
  for (const Form& form : *forms)
    if (auto record = storage::find_record(db, form.url, form.host, method)) return record;
  return std::nullopt;
}

std::vector<std::string> similar_urls(storage::Db& db, std::string_view text,
                                      std::size_t count_max) {
  const auto forms = forms_of(db, text);
  if (!forms || forms->empty()) return {};
  const Form& wanted = forms->front();
  std::vector<std::pair<std::ptrdiff_t, std::string>> likest;
  storage::RecordQuery query{db, {.host = wanted.host, .limit = scanned_records_max}};
  for (;;) {
    const auto batch = query.next_batch(batch_records);
    if (batch.empty()) break;
    for (const crawl::Record& record : batch) {
      const auto common = static_cast<std::ptrdiff_t>(likeness(wanted.url, record.url));
      const auto longer =
          static_cast<std::ptrdiff_t>(std::max(record.url.size(), wanted.url.size()));
      likest.emplace_back(longer - common, record.url);
    }
    std::ranges::sort(likest);
    if (likest.size() > count_max) likest.resize(count_max);
  }
  std::vector<std::string> urls;
  urls.reserve(likest.size());
  for (auto& [distance, url] : likest) urls.push_back(std::move(url));
  return urls;
}

}  // namespace trawl::service
