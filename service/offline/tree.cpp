// Two passes over the records: the first learns which URLs have a file, the second makes the files.
// Converted pages are made from the stored body every time, never from their own last version, so
// there is no conversion of a conversion.
#include "service/offline/tree.hpp"

#include "core/base/log.hpp"
#include "core/crawl/scope/admission.hpp"
#include "service/offline/convert.hpp"
#include "service/offline/index.hpp"
#include "service/offline/place.hpp"
#include "service/records/each_record.hpp"
#include "service/records/stored_body.hpp"
#include "storage/files/stored_name.hpp"
#include "storage/open.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t converted_bytes_max = 64 * 1024 * 1024;

// One that was announced to be over fetch.max_body was not fetched at all.
bool has_page(const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  return has_stored_page(outcome) && outcome.status == 200 &&
         !(outcome.truncated && outcome.bytes_body == 0);
}

class TreeMaker {
 public:
  TreeMaker(const crawl::JobSpec& job, const std::atomic<bool>& stop)
      : folder_(job.output.dir),
        stop_(stop),
        db_(storage::open_results(folder_)),
        index_(crawl::canonical_rules(job.urls)),
        place_(folder_) {}

  OfflineSummary run() {
    each_record(db_, [this](const crawl::Record& record) { return learn(record); });
    if (!stop_) each_record(db_, [this](const crawl::Record& record) { return keep(record); });
    summary_.whole = !stop_;
    return summary_;
  }

 private:
  bool learn(const crawl::Record& record) {
    const crawl::Outcome& outcome = record.outcome;
    if (has_page(record))
      index_.add_file(record.url, offline_type(outcome.content_type));
    else if (!outcome.redirect_to.empty())
      index_.add_redirect(record.url, outcome.redirect_to);
    return !stop_;
  }

  bool keep(const crawl::Record& record) {
    if (!has_page(record)) return !stop_;
    const OfflineType type = offline_type(record.outcome.content_type);
    const std::string name = offline_name(record.url, type);
    const bool text =
        type == OfflineType::html || type == OfflineType::xhtml || type == OfflineType::css;
    const bool done = text && record.outcome.bytes_body <= converted_bytes_max
                          ? convert(record, type, name)
                          : copy(record, name);
    if (!done) ++summary_.unreadable;
    return !stop_;
  }

  bool convert(const crawl::Record& record, OfflineType type, const std::string& name) {
    std::string body;
    if (!read(record, [&body](std::string_view piece) {
          body.append(piece);
          return body.size() <= 2 * converted_bytes_max;
        }))
      return false;
    const auto url = web::Url::parse(record.url);
    if (!url) return false;
    const auto converted =
        convert_links({.body = body, .charset = record.outcome.charset, .url = *url, .type = type},
                      [this, &name](const web::Url& target, web::LinkUse use) {
                        return index_.link_from(name, target, use);
                      });
    ++summary_.converted;
    summary_.written += place_.put(name, converted) ? 1 : 0;
    return true;
  }

  bool copy(const crawl::Record& record, const std::string& name) {
    const std::string& file = record.outcome.archive->file;
    if (!storage::lies_inside(file))
      return report(record, {Errc::damaged, "the record names a file outside the folder: " + file});
    if (file.starts_with("files/")) {
      const auto linked = place_.link(name, file);
      if (!linked) return report(record, linked.error());
      summary_.written += *linked ? 1 : 0;
    } else {
      auto writing = place_.begin(name);
      if (!read(record, [&writing](std::string_view piece) { return writing.write(piece); }))
        return false;
      summary_.written += writing.finish() ? 1 : 0;
    }
    ++summary_.copied;
    return true;
  }

  bool read(const crawl::Record& record, const BodyOutput& output) {
    try {
      const auto result = read_stored_body(folder_, record, {}, output);
      return result || report(record, result.error());
    } catch (const Failure& failure) {  // a file of files/ that is gone
      if (failure.code() != Errc::io) throw;
      return report(record, failure.error());
    }
  }

  static bool report(const crawl::Record& record, const Error& error) {
    log("offline")->warn("{}: {}", printable(record.url), printable(error.message()));
    return false;
  }

  const fs::path folder_;
  const std::atomic<bool>& stop_;
  storage::Db db_;
  OfflineIndex index_;
  OfflinePlace place_;
  OfflineSummary summary_;
};

}  // namespace

OfflineSummary make_offline_tree(const crawl::JobSpec& job, const std::atomic<bool>& stop) {
  return TreeMaker{job, stop}.run();
}

}  // namespace trawl::service
