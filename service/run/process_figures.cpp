// /proc rather than getrusage for memory: the latter knows only the peak.
#include "service/run/process_figures.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace trawl::service {
namespace {

constexpr int stat_threads = 20;  // proc(5), counted from 1
constexpr int stat_start_ticks = 22;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_fds() {
  std::error_code error;
  std::filesystem::directory_iterator entry{"/proc/self/fd", error};
  const auto count = error ? 0 : std::distance(entry, std::filesystem::directory_iterator{});
  return static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(count - 1, 0));  // not the listing's
}

// Of the boot: a service may see nothing of /proc but processes.
double boot_unix_s() {
  timespec wall{}, since_boot{};
  if (::clock_gettime(CLOCK_REALTIME, &wall) != 0) return 0;
  if (::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return 0;
  return static_cast<double>(wall.tv_sec - since_boot.tv_sec) +
         static_cast<double>(wall.tv_nsec - since_boot.tv_nsec) / 1e9;
}

// The program's name is in parentheses and may have anything in it, spaces too.
void read_stat(ProcessFigures& figures) {
  std::ifstream file{"/proc/self/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields{text.substr(name_end + 1)};
  std::string field;
  for (int number = 3; number <= stat_start_ticks && fields >> field; ++number) {
    if (number == stat_threads) figures.threads = std::stoull(field);
    if (number == stat_start_ticks)
      figures.started_unix_s =
          boot_unix_s() + std::stod(field) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
}

}  // namespace

std::chrono::nanoseconds process_cpu() {
  timespec time{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return {};
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

ProcessFigures read_process_figures() {
  ProcessFigures figures{.resident_bytes = resident_bytes(), .open_fds = open_fds()};
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.max_fds = limit.rlim_cur;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    figures.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  read_stat(figures);
  return figures;
}

}  // namespace trawl::service
