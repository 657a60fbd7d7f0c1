#pragma once
// The archive of a crawl as one WACZ file (Web Archive Collection Zipped 1.1.1,
// specs.webrecorder.net/wacz/1.1.1): the WARC files, an index of them, a list of pages. It may be
// made while the job runs, and has what was committed by then.

#include "core/base/result.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace trawl::service {

struct WaczOptions {
  std::filesystem::path folder;
  std::filesystem::path file;
  std::string title;        // empty: what output.warcinfo says, or the job's name
  std::string description;  // likewise
};

struct WaczFigures {
  std::uint64_t archives = 0;
  std::uint64_t captures = 0;  // in the index
  std::uint64_t pages = 0;     // in the lists
  bool damaged = false;        // a part of an archive could not be indexed
};

// How far it is: of the bytes of the archives, each read twice. Any thread.
struct WaczProgress {
  std::atomic<std::uint64_t> bytes = 0, bytes_all = 0;
};

// on_damage: told of each part of an archive that is in the file and can't be found through its
// index. Throws Failure{not_found} when the folder has no WARC files, usage when these are zstd,
// which no reader of WACZ knows, damaged when one is not whole or its name leads out of the folder,
// io and disk_full; then what was under the file's name stays.
WaczFigures write_wacz(const WaczOptions& options, WaczProgress& progress,
                       const std::function<void(const Error&)>& on_damage);

}  // namespace trawl::service
