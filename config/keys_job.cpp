// [job] and [seeds]: who crawls, and from where.
#include "config/check.hpp"
#include "config/key.hpp"
#include "core/base/log.hpp"
#include "core/base/schedule.hpp"
#include "core/crawl/job/list_line.hpp"

namespace trawl::config {
namespace {

using crawl::JobSpec;

// Read here only to be checked; the daemon reads it again, with its time zone.
std::string check_schedule(std::string& text) {
  const auto schedule = Schedule::parse(text);
  if (schedule) return {};
  return fmt::format("\"off\", \"every 6h\" or a cron expression like \"0 3 * * *\" ({})",
                     printable(schedule.error().detail, 120));
}

std::string check_zone(std::string& text) {
  return TimeZone::find(text) ? std::string{} : "a time zone like \"Europe/Berlin\" or \"UTC\"";
}

void add_schedule_keys(std::vector<Key>& keys) {
  using crawl::CatchUp;
  using crawl::ScheduleSpec;
  keys.push_back(make_key("job.schedule",
                          "When a daemon runs the job again: a cron expression, `\"every 6h\"`, or "
                          "`\"off\"`: once. `trawl run` does not look at it.",
                          Text{check_schedule}, &JobSpec::schedule, &ScheduleSpec::when));
  keys.push_back(make_key(
      "job.schedule_timezone",
      "Whose clocks a cron expression means, unless it begins with `CRON_TZ=Europe/Berlin`.",
      Text{check_zone}, &JobSpec::schedule, &ScheduleSpec::timezone));
  keys.push_back(make_key("job.catch_up",
                          "When scheduled times passed without a run: `\"once\"` runs the job as "
                          "soon as it can be, `\"skip\"` waits for the next time.",
                          Choice<CatchUp>{{{"once", CatchUp::once}, {"skip", CatchUp::skip}}, {}},
                          &JobSpec::schedule, &ScheduleSpec::catch_up));
  keys.push_back(make_key("job.weight",
                          "How large the job's share of a daemon's fetches at once is, against the "
                          "weights of the other jobs.",
                          Count{.min = 1, .max = 1000}, &JobSpec::schedule, &ScheduleSpec::weight));
}

}  // namespace

void add_job_keys(std::vector<Key>& keys) {
  using crawl::JobMode;
  using crawl::SeedSpec;
  keys.push_back(make_key(
      "job.name",
      "The job's name, in messages and archive file names: letters, digits, `-` and `_`. Without "
      "it, the job file's name.",
      Text{check_name}, &JobSpec::name));
  keys.push_back(make_key(
      "job.mode",
      "`\"crawl\"` follows links within the scope; `\"fetch\"` fetches the seeds and nothing else.",
      Choice<JobMode>{{{"crawl", JobMode::crawl}, {"fetch", JobMode::fetch}}}, &JobSpec::mode));
  keys.push_back(make_key("job.contact",
                          "A URL or mail address where a server's operator can reach you; it is "
                          "sent with every request.",
                          Text{check_contact}, &JobSpec::contact));
  keys.push_back(make_key(
      "job.user_agent",
      "The User-Agent header. `{version}` and `{contact}` are filled in; without a contact "
      "` (+{contact})` is left out. Its first word is the name that robots.txt rules address.",
      Text{check_user_agent}, &JobSpec::user_agent));
  keys.push_back(make_key("job.grace",
                          "How long fetches in flight may take to finish after the first Ctrl-C.",
                          Duration{.max = Millis{std::chrono::hours{1}}}, &JobSpec::grace));
  add_schedule_keys(keys);
  keys.push_back(make_key("seeds.urls", "URLs to begin with, http or https.",
                          TextList{check_seed_url}, &JobSpec::seeds, &SeedSpec::urls));
  keys.push_back(make_key("seeds.files",
                          "Files of URLs, one a line, but for lines that begin with `#`; read as a "
                          "stream. In fetch mode "
                          "a line may be a JSON object with method, body, mirrors and checksum "
                          "([lists](fetch.md)). `.gz` is "
                          "decompressed, `\"-\"` is standard input. Files of checksums "
                          "(`SHA256SUMS`) and Metalink documents (`.meta4`) are read, too.",
                          TextList{check_not_empty}, &JobSpec::seeds, &SeedSpec::files));
  keys.push_back(make_key("seeds.requests",
                          "Requests, each a JSON object in a text, as in a line of a list "
                          "([lists](fetch.md)); in fetch mode.",
                          TextList{check_request, &crawl::hide_request_secrets}, &JobSpec::seeds,
                          &SeedSpec::requests));
  keys.push_back(make_key("seeds.base",
                          "The URL that relative lines of `seeds.files` are relative to, and the "
                          "files that a list of checksums names.",
                          Text{check_base_url}, &JobSpec::seeds, &SeedSpec::base));
  keys.push_back(make_key("seeds.sitemaps",
                          "Sitemaps whose entries are to be fetched: `\"auto\"` (those that the "
                          "seeds' robots.txt name, "
                          "and `/sitemap.xml`), a list of their URLs, or `\"off\"`.",
                          Sitemaps{check_seed_url}, &JobSpec::seeds, &SeedSpec::sitemaps));
  keys.push_back(make_key("seeds.sitemap_priority",
                          "Whether the `priority` that a sitemap gives to a URL decides when it is "
                          "fetched among those of its host ([priorities](#priority)).",
                          Flag{}, &JobSpec::seeds, &SeedSpec::sitemap_priority));
}

}  // namespace trawl::config
