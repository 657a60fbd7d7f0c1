// The library is preloaded into trawl alone; the test itself, which is the oracle, reads the folder
// with healthy calls.
#include "tests/fault/fault_run.hpp"

#include "core/base/result.hpp"

#include <fmt/format.h>

#include <random>

namespace trawl::fault {

namespace fs = std::filesystem;
using crawl::UrlState;

Command with_fault(Command command, const fs::path& folder, const DiskFault& fault) {
  command.env["LD_PRELOAD"] = TRAWL_DISK_FAULTS;
  command.env["TRAWL_FAULT_DIR"] = folder.string();
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) command.env[name] = value;
  };
  set("TRAWL_FAULT_KIND", fault.kind);
  set("TRAWL_FAULT_AT", std::to_string(fault.at));
  set("TRAWL_FAULT_TIMES", std::to_string(fault.times));
  set("TRAWL_FAULT_MATCH", fault.match);
  set("TRAWL_FAULT_OPS", fault.ops);
  set("TRAWL_FAULT_DELAY", std::to_string(fault.delay_us));
  set("TRAWL_FAULT_LOG", fault.log.string());
  return command;
}

namespace {

// Incompressible and no markup.
std::string filler(std::size_t bytes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::string text(bytes, '\0');
  for (char& c : text) c = "abcdefghijklmnopqrstuvwxyz012345"[random() % 32];
  return text;
}

}  // namespace

SmallSite::SmallSite() {
  server_.on("/", Reply{.body = page("home", {"/p1", "/p2", "/same1", "/moved", "/missing"})});
  for (int i = 1; i <= 12; ++i) {
    std::vector<std::string> links{"/"};
    if (i <= 10) links.push_back(fmt::format("/p{}", i + 2));
    if (i == 5) links.insert(links.end(), {"/same2", "/large1"});
    if (i == 8) links.emplace_back("/large2");
    server_.on(fmt::format("/p{}", i),
               Reply{.body = page(fmt::format("page {}", i), links) + filler(2000, i)});
  }
  for (const char* path : {"/same1", "/same2"})
    server_.on(path, Reply{.body = page("the same", {}) + filler(5000, 99)});
  for (const char* path : {"/large1", "/large2"})  // over what is kept in memory
    server_.on(path, Reply{.body = page(path, {}) + filler(300'000, path[6])});
  server_.on("/moved", support::redirect_to("/p3"));
}

Arguments SmallSite::crawl(const fs::path& folder, const Arguments& more) const {
  return Arguments{"crawl", server_.url()} +
         loopback(folder, {"--set", "output.shards=1", "--set", "politeness.per_host=2", "--set",
                           "limits.memory=128MiB", "--set", "output.warc_size=200KiB"}) +
         more;
}

void expect_same(const Records& records, const Records& expected) {
  EXPECT_EQ(records.size(), expected.size());
  for (const auto& [url, record] : expected) {
    const auto found = records.find(url);
    ASSERT_NE(found, records.end()) << url << " is lost";
    EXPECT_EQ(found->second.outcome.state, record.outcome.state) << url;
    EXPECT_EQ(found->second.outcome.status, record.outcome.status) << url;
    EXPECT_EQ(found->second.outcome.digest, record.outcome.digest) << url;
  }
}

Records expect_committed_whole(const fs::path& folder, const fs::path& copy) {
  fs::remove_all(copy);
  if (!fs::exists(folder)) return {};
  fs::copy(folder, copy, fs::copy_options::recursive);
  Records records;
  try {
    records = read_records(copy);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::not_found) << failure.what();  // killed before the first commit
    return {};
  }
  expect_archived(copy, records);
  std::erase_if(records,
                [](const auto& item) { return item.second.outcome.state == UrlState::queued; });
  return records;
}

void expect_kept(const Records& before, const Records& after) {
  for (const auto& [url, record] : before) {
    const auto found = after.find(url);
    ASSERT_NE(found, after.end()) << url << " was committed and is lost";
    const auto& was = record.outcome;
    const auto& is = found->second.outcome;
    EXPECT_EQ(is.state, was.state) << url;
    EXPECT_EQ(is.fetched_at, was.fetched_at) << url;
    EXPECT_EQ(is.archive.has_value(), was.archive.has_value()) << url;
    if (!is.archive || !was.archive) continue;
    EXPECT_EQ(is.archive->file, was.archive->file) << url;
    EXPECT_EQ(is.archive->offset, was.archive->offset) << url;
  }
}

}  // namespace trawl::fault
