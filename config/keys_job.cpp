// [job] and [seeds]: who crawls, and from where.
#include "config/check.hpp"
#include "config/key.hpp"

namespace trawl::config {

void add_job_keys(std::vector<Key>& keys) {
  using crawl::JobMode;
  using crawl::JobSpec;
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
  keys.push_back(make_key("seeds.urls", "URLs to begin with, http or https.",
                          TextList{check_seed_url}, &JobSpec::seeds, &SeedSpec::urls));
  keys.push_back(make_key(
      "seeds.files",
      "Files of URLs, one a line, `#` begins a comment; read as a stream. In fetch mode a line may "
      "be a JSON object with method, body, mirrors and checksum ([lists](fetch.md)). `.gz` is "
      "decompressed, `\"-\"` is standard input.",
      TextList{check_not_empty}, &JobSpec::seeds, &SeedSpec::files));
  keys.push_back(make_key("seeds.sitemaps",
                          "Sitemaps whose entries are to be fetched: `\"auto\"` (those that the "
                          "seeds' robots.txt name, "
                          "and `/sitemap.xml`), a list of their URLs, or `\"off\"`.",
                          Sitemaps{check_seed_url}, &JobSpec::seeds, &SeedSpec::sitemaps));
}

}  // namespace trawl::config
