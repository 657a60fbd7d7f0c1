// The serial counts on through all runs of a job, so that names sort in the order of writing.
#include "storage/warc/file_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace trawl::storage {
namespace {

std::string_view suffix_of(crawl::WarcCompression compression) {
  switch (compression) {
    case crawl::WarcCompression::gzip:
      return ".warc.gz";
    case crawl::WarcCompression::zstd:
      return ".warc.zst";
    case crawl::WarcCompression::none:
      break;
  }
  return ".warc";
}

}  // namespace

std::string warc_job(std::string_view job) {
  std::string safe(job);
  for (char& c : safe) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_';
    if (!plain) c = '_';
  }
  return safe.empty() ? "job" : safe;
}

std::string warc_file_name(std::string_view job, Wall time, std::uint64_t serial,
                           crawl::WarcCompression compression) {
  return fmt::format("{}-{}-{:05}{}", warc_job(job), format_compact(time), serial,
                     suffix_of(compression));
}

bool is_warc_name(std::string_view name) {
  if (!name.starts_with(warc_folder_name)) return false;
  name.remove_prefix(warc_folder_name.size());
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view{"/\0", 2}) == name.npos;
}

std::optional<WarcName> parse_warc_name(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".zst")) name.remove_suffix(4);
  if (!name.ends_with(".warc")) return std::nullopt;
  name.remove_suffix(5);
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash < 16 || name[dash - 15] != '-') return std::nullopt;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view time = name.substr(dash - 14, 14), digits = name.substr(dash + 1);
  if (!std::ranges::all_of(time, is_digit) || digits.size() < 5) return std::nullopt;
  std::uint64_t serial = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), serial);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return WarcName{name.substr(0, dash - 15), serial};
}

std::optional<std::uint64_t> warc_serial(std::string_view name) {
  const auto parsed = parse_warc_name(name);
  return parsed ? std::optional{parsed->serial} : std::nullopt;
}

}  // namespace trawl::storage
