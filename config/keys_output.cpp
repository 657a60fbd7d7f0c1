// [urls] and [output]: what counts as one URL, and where results go.
#include "config/check.hpp"
#include "config/key.hpp"
#include "config/warcinfo_table.hpp"

namespace trawl::config {
namespace {

using crawl::JobSpec;

void add_url_keys(std::vector<Key>& keys) {
  using crawl::UrlSpec;
  keys.push_back(make_key("urls.strip_params",
                          "Query parameters that are removed before URLs are compared. With "
                          "`job.mode = \"fetch\"` the default is `[]`.",
                          TextList{check_param}, &JobSpec::urls, &UrlSpec::strip_params));
  keys.push_back(make_key("urls.strip_path_params",
                          "Parameters behind a `;` in the path that are removed before URLs are "
                          "compared. With `job.mode = \"fetch\"` the default is `[]`.",
                          TextList{check_param}, &JobSpec::urls, &UrlSpec::strip_path_params));
  keys.push_back(make_key("urls.sort_query",
                          "Query parameters are sorted by name before URLs are compared; they are "
                          "sent so, too.",
                          Flag{}, &JobSpec::urls, &UrlSpec::sort_query));
  keys.push_back(make_key("urls.max_length", "Longer URLs are not fetched.",
                          Count{.min = 16, .max = 1 << 20}, &JobSpec::urls, &UrlSpec::max_length));
  keys.push_back(make_key("urls.max_segment_repeats",
                          "A URL whose path has one segment more often than this counts as a trap.",
                          or_off(Count{.min = 1, .max = 1000}), &JobSpec::urls,
                          &UrlSpec::max_segment_repeats));
  keys.push_back(make_key("urls.calendar_years",
                          "A URL with a date more years ahead than this counts as a trap.",
                          or_off(Count{.max = 1000}), &JobSpec::urls, &UrlSpec::calendar_years));
  keys.push_back(make_key("urls.pattern_budget",
                          "Pages of one kind on a host that are fetched before it is asked whether "
                          "they bring anything new; those that don't count as a trap.",
                          or_off(Count{.min = 8}), &JobSpec::urls, &UrlSpec::pattern_budget));
}

}  // namespace

void add_output_keys(std::vector<Key>& keys) {
  using crawl::BodyMode;
  using crawl::FileNames;
  using crawl::OutputSpec;
  using crawl::WarcCompression;
  using crawl::WarcLevel;
  add_url_keys(keys);
  keys.push_back(make_key("output.dir",
                          "The output folder, relative to where trawl runs. Empty: `out/` and the "
                          "job's name.",
                          Text{check_text}, &JobSpec::output, &OutputSpec::dir));
  keys.push_back(make_key(
      "output.bodies",
      "Bodies go to WARC archives (`\"warc\"`), to plain files (`\"files\"`) or nowhere "
      "(`\"none\"`).",
      Choice<BodyMode>{
          {{"warc", BodyMode::warc}, {"files", BodyMode::files}, {"none", BodyMode::none}}},
      &JobSpec::output, &OutputSpec::bodies));
  keys.push_back(make_key(
      "output.names",
      "Names of files: `\"portable\"` for every file system, or `\"server\"`, as in the URL where "
      "that can be ([archives](archives.md)).",
      Choice<FileNames>{{{"portable", FileNames::portable}, {"server", FileNames::server}}, {}},
      &JobSpec::output, &OutputSpec::names));
  keys.push_back(
      make_key("output.types",
               "Content types of the bodies that are kept: `text/html`, `image/*`, `pdf`. "
               "Others are read for their links alone; redirects are kept. Empty: all.",
               TextList{.check = check_type, .entries_max = types_max}, &JobSpec::output,
               &OutputSpec::types));
  keys.push_back(make_key("output.convert_links",
                          "At the end of a run, makes `offline/` in the output folder: the pages "
                          "with their links made relative where their target was fetched.",
                          Flag{}, &JobSpec::output, &OutputSpec::convert_links));
  keys.push_back(make_key("output.warc_size",
                          "An archive file of this size is closed, and the next begun.",
                          Bytes{.min = 1024}, &JobSpec::output, &OutputSpec::warc_size_bytes));
  keys.push_back(make_key("output.warc_compress",
                          "Each record on its own: `\"gzip\"`, `\"zstd\"` or `\"none\"`.",
                          Choice<WarcCompression>{{{"gzip", WarcCompression::gzip},
                                                   {"zstd", WarcCompression::zstd},
                                                   {"none", WarcCompression::none}}},
                          &JobSpec::output, &OutputSpec::warc_compress));
  keys.push_back(
      make_key("output.warc_level", "`\"fast\"` spends less time, `\"small\"` less space.",
               Choice<WarcLevel>{{{"fast", WarcLevel::fast}, {"small", WarcLevel::small}}},
               &JobSpec::output, &OutputSpec::warc_level));
  keys.push_back(make_key("output.warc_dictionary",
                          "zstd archives learn a dictionary from the run's first pages.", Flag{},
                          &JobSpec::output, &OutputSpec::warc_dictionary));
  keys.push_back(make_key("output.warc_dedup",
                          "A body that this run has kept before, or that the URL had when it was "
                          "fetched before, becomes a revisit record.",
                          Flag{}, &JobSpec::output, &OutputSpec::warc_dedup));
  keys.push_back(make_key("output.warc_links",
                          "The links of each page go into a metadata record beside it.", Flag{},
                          &JobSpec::output, &OutputSpec::warc_links));
  keys.push_back(warcinfo_key());
  keys.push_back(make_key("output.shards",
                          "Threads that fetch, each with its share of the hosts; `\"auto\"` is one "
                          "per core.",
                          Or{"auto", Count{.min = 1, .max = 1024}}, &JobSpec::output,
                          &OutputSpec::shards));
}

}  // namespace trawl::config
