// [fetch]: one exchange with a server, its bounds and its repetition.
#include "config/check.hpp"
#include "config/header_table.hpp"
#include "config/key.hpp"

namespace trawl::config {
namespace {

using crawl::FetchSpec;
using crawl::JobSpec;
using http::Timeouts;

constexpr Duration timeout{.min = Millis{1}};

void add_timeout_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("fetch.timeout_dns", "For resolving the host's name.", timeout,
                          &JobSpec::fetch, &FetchSpec::timeouts, &Timeouts::dns));
  keys.push_back(make_key("fetch.timeout_connect", "For connecting, TLS included.", timeout,
                          &JobSpec::fetch, &FetchSpec::timeouts, &Timeouts::connect));
  keys.push_back(make_key("fetch.timeout_first_byte",
                          "From the request to the first byte of its answer.", timeout,
                          &JobSpec::fetch, &FetchSpec::timeouts, &Timeouts::first_byte));
  keys.push_back(make_key("fetch.timeout_total", "For the whole fetch.", timeout, &JobSpec::fetch,
                          &FetchSpec::timeouts, &Timeouts::total));
  keys.push_back(make_key("fetch.min_speed",
                          "Give up when the answer has been slower than this for so long.",
                          MinSpeed{}, &JobSpec::fetch, &FetchSpec::timeouts));
}

void add_attempt_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("fetch.max_redirects", "Redirects followed in a row from one URL.",
                          Count{.max = 100}, &JobSpec::fetch, &FetchSpec::max_redirects));
  keys.push_back(make_key("fetch.attempts",
                          "Tries of one URL, the first included, before it counts as failed.",
                          Count{.min = 1, .max = 1000}, &JobSpec::fetch, &FetchSpec::attempts));
  keys.push_back(make_key("fetch.backoff",
                          "The pause before another try doubles from the first time to the second, "
                          "with a random part.",
                          Backoff{}, &JobSpec::fetch));
  add_breaker_key(keys);
}

Key headers_key() {
  return {.path = "fetch.headers",
          .doc = "Request headers to add, as a table of names and values.",
          .read = [](const toml::node&, JobSpec& job, Problems&) { job.fetch.headers.clear(); },
          .print = [](const JobSpec& job) { return print_headers(job.fetch.headers); },
          .read_entry =
              [](std::string_view name, const toml::node& node, JobSpec& job, Problems& problems) {
                read_header(name, node, job.fetch.headers, problems);
              }};
}

}  // namespace

void add_fetch_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("fetch.concurrency", "Fetches in flight, the whole job.",
                          Count{.min = 1, .max = 65'536}, &JobSpec::fetch,
                          &FetchSpec::concurrency));
  keys.push_back(http_version_key());
  add_timeout_keys(keys);
  keys.push_back(make_key("fetch.max_body",
                          "The longest decoded body that is kept; the record of a longer one says "
                          "truncated, with the note `max_body`, and a run with a higher limit "
                          "fetches it again. One whose Content-Length is over "
                          "it is not fetched. With `job.mode = \"fetch\"` the default is "
                          "`\"off\"`.",
                          or_off(Bytes{}), &JobSpec::fetch, &FetchSpec::max_body_bytes));
  add_attempt_keys(keys);
  keys.push_back(make_key("fetch.tls_verify", "Refuse servers whose certificate is not valid.",
                          Flag{}, &JobSpec::fetch, &FetchSpec::tls_verify));
  keys.push_back(headers_key());
  keys.push_back(make_key(
      "fetch.allow_private_networks",
      "Networks in CIDR form that may be fetched from although they are loopback, private or "
      "link-local; all others of those are refused when connecting.",
      TextList{check_network}, &JobSpec::fetch, &FetchSpec::allow_private_networks));
}

}  // namespace trawl::config
