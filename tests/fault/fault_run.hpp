#pragma once
// trawl on a folder whose disk fails on command, and a small site that uses all of the storage:
// bodies in memory and in files, revisits, redirects, several archive files.

#include "tests/e2e/program.hpp"

#include <filesystem>
#include <string>

namespace trawl::fault {

using namespace trawl::e2e;  // NOLINT: the same kind of tests, with a worse disk

// One fault of the calls that change the folder; tests/fault/disk_faults.cpp has the words.
struct DiskFault {
  std::string kind;   // kill, torn, short, EIO, ENOSPC, EINTR; empty: none
  long at = 0;        // the how manieth call, from 1
  long times = 1;     // 0: from then on
  std::string match;  // only calls on paths with this in them
  std::string ops;    // only these kinds of calls
  long delay_us = 0;
  std::filesystem::path log = {};
};

// The command with its disk calls on the folder under the fault.
Command with_fault(Command command, const std::filesystem::path& folder, const DiskFault& fault);

// 20 URLs; every page is found by a link of another one, so that their commits come one by one.
class SmallSite {
 public:
  SmallSite();
  LoopbackServer& server() { return server_; }
  // "crawl URL -o FOLDER …" with small archive files.
  Arguments crawl(const std::filesystem::path& folder, const Arguments& more = {}) const;

 private:
  LoopbackServer server_;
};

// Fails the test unless both runs have the same URLs with the same state, status and body.
void expect_same(const Records& records, const Records& expected);

// A copy of the folder as a crash has left it, with the records that are committed in it: each must
// be whole, its body readable where it says. Empty before there is a database.
Records expect_committed_whole(const std::filesystem::path& folder,
                               const std::filesystem::path& copy);

// What was committed before is still there, fetched at the same time and archived at the same
// place.
void expect_kept(const Records& before, const Records& after);

}  // namespace trawl::fault
