// The table of behaviours says what is right, so the report can say where a crawl differs.
#include "service/demo/hostile_report.hpp"

#include "storage/open.hpp"
#include "storage/sqlite/queries.hpp"

#include <fmt/format.h>

namespace trawl::service::demo {
namespace {

constexpr std::size_t batch_records = 1000;
constexpr int hops_max = 32;

const crawl::Outcome* outcome_of(const RecordsByUrl& records, const std::string& url) {
  const auto found = records.find(url);
  return found == records.end() ? nullptr : &found->second.outcome;
}

std::string words(const Observed& seen) {
  std::string text = seen.state;
  if (seen.status) text += fmt::format(" {}", *seen.status);
  if (!seen.error.empty()) text += " " + seen.error;
  if (!seen.note.empty()) text += fmt::format(" [{}]", seen.note);
  if (seen.truncated) text += fmt::format(", {} bytes of the body kept", seen.bytes_body);
  return text;
}

}  // namespace

bool Observed::as_expected(const Expected& expected) const {
  return state == expected.state && error == expected.error && note == expected.note &&
         truncated == expected.truncated;
}

Observed observe(const RecordsByUrl& records, const std::string& url) {
  const crawl::Outcome* outcome = outcome_of(records, url);
  if (outcome == nullptr) return {.state = "no record"};
  Observed seen{.state = std::string{crawl::to_string(outcome->state)},
                .note = outcome->note,
                .truncated = outcome->truncated,
                .status = outcome->status,
                .bytes_body = outcome->bytes_body};
  for (int hop = 0; hop < hops_max && outcome != nullptr; ++hop) {
    if (outcome->error) {
      seen.error = to_string(*outcome->error);
      break;
    }
    outcome = outcome->redirect_to.empty() ? nullptr : outcome_of(records, outcome->redirect_to);
  }
  return seen;
}

RecordsByUrl read_all_records(const std::filesystem::path& folder) {
  auto db = storage::open_results(folder);
  storage::RecordQuery query{db, {}};
  RecordsByUrl records;
  for (;;) {
    auto batch = query.next_batch(batch_records);
    if (batch.empty()) return records;
    for (auto& record : batch) {
      std::string url = record.url;
      records.emplace(std::move(url), std::move(record));
    }
  }
}

HostileReport report_hostile(const RecordsByUrl& records, std::string_view origin) {
  HostileReport report{
      .text = fmt::format("{:>2} {:<20} {:<56} {}\n", "#", "page", "the server", "recorded")};
  std::size_t listed = 0;
  for (const Behaviour& behaviour : behaviours()) {
    if (!behaviour.listed) continue;
    ++listed;
    const Observed seen = observe(records, fmt::format("{}/{}", origin, behaviour.name));
    const bool right = seen.as_expected(behaviour.expected);
    report.unexpected += right ? 0 : 1;
    report.text += fmt::format("{:>2} {:<20} {:<56} {}{}\n", behaviour.row, behaviour.name,
                               behaviour.what, words(seen), right ? "" : "   (not as expected)");
  }
  std::size_t good = 0;
  for (int i = 1; i <= good_pages; ++i)
    good += observe(records, fmt::format("{}/good-{}", origin, i)).as_expected({}) ? 1 : 0;
  report.text +=
      fmt::format("{} of {} behaviours recorded as expected; {} of {} good pages fetched\n",
                  listed - report.unexpected, listed, good, good_pages);
  report.unexpected += static_cast<std::size_t>(good_pages) - good;
  return report;
}

}  // namespace trawl::service::demo
