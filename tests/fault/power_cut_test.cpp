// Power cuts, by replay: a run's calls on its folder are written down, and from every prefix of
// them the states are made that a disk might be left in. What was synced is there; of what was not,
// any part is: whole writes, none of them, or some of their sectors; names of files as far as their
// folder was synced, or further. Each state is opened as the next run would, and must have all that
// was acknowledged: a page's links are only asked for once its record is committed, so the requests
// in the log say what has to be there.
//   TRAWL_POWER_CUTS=5000 TRAWL_SEED=7 build/release/fault_power_tests
#include "core/base/result.hpp"
#include "storage/open.hpp"
#include "storage/warc/writer.hpp"
#include "tests/fault/fault_run.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

namespace trawl::fault {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

constexpr std::size_t sector_bytes = 512;

// One line of the log.
struct Call {
  char op = 0;
  std::uint64_t inode = 0, offset = 0;
  std::string data, path;
};

std::vector<Call> read_log(const std::string& text) {
  std::vector<Call> calls;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    std::istringstream line{text.substr(at, end - at)};
    Call call;
    std::size_t bytes = 0;
    line >> call.op >> call.inode >> call.offset >> bytes;
    line.get();
    std::getline(line, call.path);
    call.data = text.substr(end + 1, bytes);
    at = end + 1 + bytes;
    calls.push_back(std::move(call));
  }
  return calls;
}

// A file's bytes: what is durable, and what was done since.
struct File {
  std::string durable;
  std::vector<const Call*> pending;
};

void write_into(std::string& bytes, const Call& call) {
  if (call.op == 't') return bytes.resize(call.offset);
  bytes.resize(std::max<std::size_t>(bytes.size(), call.offset + call.data.size()));
  bytes.replace(call.offset, call.data.size(), call.data);
}

// Some of its sectors.
void tear(std::string& bytes, const Call& call, Random& random) {
  Call part = call;
  for (std::size_t at = 0; at < call.data.size();) {
    const std::size_t size =
        std::min(call.data.size() - at, sector_bytes - (call.offset + at) % sector_bytes);
    part.offset = call.offset + at;
    part.data = call.data.substr(at, size);
    if (random() % 2 == 0) write_into(bytes, part);
    at += size;
  }
}

enum class Luck { nothing, everything, chance };

class Disk {
 public:
  void run(const Call& call) {
    const std::string folder = fs::path{call.path}.parent_path();
    switch (call.op) {
      case 'w':
      case 't':
        files_[call.inode].pending.push_back(&call);
        break;
      case 's':
        sync(call);
        break;
      case 'c':
      case 'm':
      case 'u':
      case 'r':
        names_pending_[folder].push_back(&call);
        break;
      default:
        break;
    }
  }

  void write_to(const fs::path& folder, const std::string& from, Luck luck, Random& random) const {
    auto names = names_;
    auto folders = folders_;
    for (const auto& [parent, calls] : names_pending_) {
      std::size_t kept = luck == Luck::everything ? calls.size() : 0;
      if (luck == Luck::chance) kept = random() % (calls.size() + 1);
      for (std::size_t i = 0; i < kept; ++i) rename_as(names, folders, *calls[i]);
    }
    fs::create_directories(folder);
    for (const auto& name : folders) fs::create_directories(folder / relative(name, from));
    for (const auto& [name, inode] : names) {
      if (name.ends_with("-shm")) continue;
      const fs::path path = folder / relative(name, from);
      if (!fs::exists(path.parent_path())) continue;
      std::ofstream{path, std::ios::binary} << contents(inode, luck, random);
    }
  }

 private:
  using Names = std::map<std::string, std::uint64_t>;

  static fs::path relative(const std::string& name, const std::string& from) {
    return fs::path{name}.lexically_relative(from);
  }

  void sync(const Call& call) {
    if (const auto pending = names_pending_.find(call.path); pending != names_pending_.end()) {
      for (const Call* one : pending->second) rename_as(names_, folders_, *one);
      names_pending_.erase(pending);
    }
    const auto file = files_.find(call.inode);
    if (file == files_.end()) return;
    for (const Call* one : file->second.pending) write_into(file->second.durable, *one);
    file->second.pending.clear();
  }

  static void rename_as(Names& names, std::set<std::string>& folders, const Call& call) {
    if (call.op == 'm') folders.insert(call.path);
    if (call.op == 'c') names[call.path] = call.inode;
    if (call.op == 'u') names.erase(call.path);
    if (call.op != 'r') return;
    const auto tab = call.path.find('\t');
    const auto old = names.extract(call.path.substr(0, tab));
    if (!old.empty()) names[call.path.substr(tab + 1)] = old.mapped();
  }

  std::string contents(std::uint64_t inode, Luck luck, Random& random) const {
    const auto found = files_.find(inode);
    if (found == files_.end()) return {};
    std::string bytes = found->second.durable;
    for (const Call* call : found->second.pending) {
      const auto choice = luck == Luck::chance ? random() % 3 : luck == Luck::everything ? 0 : 1;
      if (choice == 0) write_into(bytes, *call);
      if (choice == 2 && call->op == 'w') tear(bytes, *call, random);
    }
    return bytes;
  }

  std::map<std::uint64_t, File> files_;                            // by inode
  Names names_;                                                    // durable
  std::set<std::string> folders_;                                  // durable
  std::map<std::string, std::vector<const Call*>> names_pending_;  // by folder
};

// Numbers of files that are gone are given to new ones; here each file has one of its own, so that
// no file begins with what another one had.
void number_files(std::vector<Call>& calls) {
  std::map<std::uint64_t, std::uint64_t> numbers;
  std::uint64_t next = 0;
  for (Call& call : calls) {
    const auto known = numbers.find(call.inode);
    if (known == numbers.end() || call.op == 'c') numbers[call.inode] = ++next;
    call.inode = numbers[call.inode];
  }
}

// Pages that must be recorded, since a page that only they link to was asked for.
std::set<std::string> acknowledged(const std::vector<Call>& calls, std::size_t count) {
  std::set<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) {
    if (calls[i].op != 'G' || !calls[i].path.starts_with("/p")) continue;
    int page = 0;
    const std::string digits = calls[i].path.substr(2);
    std::from_chars(digits.data(), digits.data() + digits.size(), page);
    if (page >= 4) paths.insert(fmt::format("/p{}", page - 2));
  }
  return paths;
}

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What the next run does before it fetches.
void recover(const fs::path& folder) {
  const auto output = storage::OutputFolder::open(folder);
  const auto store = output.open_store();
  storage::WarcArchive archive{{.output_dir = folder, .job_name = "j"}, system_clock()};
  archive.recover(store->marks());
}

class PowerCut : public testing::Test {
 protected:
  // The first start of a folder, and a second run over an unfinished one: its log begins where the
  // first one's ends, so both are one history.
  void SetUp() override {
    for (const char* pages : {"8", "100"}) {
      const auto run =
          support::run(with_fault(trawl(site_.crawl(dir_ / "out", {"--max-pages", pages})),
                                  dir_ / "out", {.log = dir_ / "log"}));
      ASSERT_TRUE(run.exit_code == 0 || run.exit_code == 11) << run.err;
    }
    calls_ = read_log(dir_.read("log"));
    number_files(calls_);
    ASSERT_GT(calls_.size(), 300U);
    ASSERT_EQ(acknowledged(calls_, calls_.size()).size(), 9U);
  }

  // The folder after the first calls; those on files with `unheard` in their name are not synced.
  void cut_after(std::size_t count, Luck luck, Random& random, std::string_view unheard = {}) {
    Disk disk;
    for (std::size_t i = 0; i < count; ++i)
      if (unheard.empty() || calls_[i].op != 's' || !calls_[i].path.contains(unheard))
        disk.run(calls_[i]);
    std::filesystem::remove_all(dir_ / "cut");
    disk.write_to(dir_ / "cut", (dir_ / "out").string(), luck, random);
  }

  // Acknowledged pages that are not recorded after recovery, or can't be recovered at all.
  std::size_t lost(std::size_t count) {
    try {
      recover(dir_ / "cut");
      const auto records = read_records(dir_ / "cut");
      std::size_t number = 0;
      for (const auto& path : acknowledged(calls_, count))
        number += state_of(records, site_.server().url(path)) == "fetched" ? 0 : 1;
      return number;
    } catch (const Failure&) {
      return 1;
    }
  }

  void expect_kept(std::size_t count, Luck luck, Random& random) {
    SCOPED_TRACE(fmt::format("cut after {} calls, luck {}", count, static_cast<int>(luck)));
    cut_after(count, luck, random);
    ASSERT_NO_THROW(recover(dir_ / "cut"));
    const auto records = read_records(dir_ / "cut");
    expect_sound(dir_ / "cut");
    for (const auto& path : acknowledged(calls_, count))
      EXPECT_EQ(state_of(records, site_.server().url(path)), "fetched") << path;
  }

  SmallSite site_;
  TempDir dir_;
  std::vector<Call> calls_;
};

// The replay can tell: a disk that takes no notice of the syncs of the database's log, or of the
// archive, loses what was acknowledged.
TEST_F(PowerCut, IsNoticedWhereNothingIsSynced) {
  Random random{1};
  for (const char* unheard : {"-wal", "warc"}) {
    std::size_t noticed = 0;
    for (std::size_t count = calls_.size() / 4; count < calls_.size(); count += 10) {
      cut_after(count, Luck::nothing, random, unheard);
      noticed += lost(count) > 0 ? 1 : 0;
    }
    EXPECT_GT(noticed, 3U) << unheard;
  }
}

// docs/faults.md row 69.
TEST_F(PowerCut, LosesNothingThatWasAcknowledged) {
  const auto cuts = setting("TRAWL_POWER_CUTS", sanitized ? 60 : 200);
  const auto seed = setting("TRAWL_SEED", std::random_device{}());
  std::printf("TRAWL_POWER_CUTS=%llu TRAWL_SEED=%llu, %zu calls\n",
              static_cast<unsigned long long>(cuts), static_cast<unsigned long long>(seed),
              calls_.size());
  Random random{seed};
  for (std::uint64_t i = 0; i < cuts && !testing::Test::HasFailure(); ++i) {
    const auto luck = i % 4 == 0 ? Luck::nothing : i % 4 == 1 ? Luck::everything : Luck::chance;
    expect_kept(random() % (calls_.size() + 1), luck, random);
  }
}

// While a folder's database is made: the calls on it before its log begins.
TEST_F(PowerCut, LeavesAFolderThatCanBeBegun) {
  const auto log = std::ranges::find_if(
      calls_, [](const Call& call) { return call.op == 'w' && call.path.ends_with("-wal"); });
  const auto made = static_cast<std::size_t>(log - calls_.begin());
  ASSERT_GT(made, 10U);
  ASSERT_LT(made, 100U);
  Random random{1};
  for (std::size_t count = 0; count <= made && !testing::Test::HasFailure(); ++count)
    for (int i = 0; i < (sanitized ? 3 : 10); ++i) expect_kept(count, Luck::chance, random);
}

}  // namespace
}  // namespace trawl::fault
