#pragma once
// ExportFile: records into a file that is there whole or not at all. It is written beside its place
// as NAME.part, made durable, and only then renamed; what was there before stays until then.

#include "core/crawl/state/record.hpp"
#include "service/records/record_format.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

enum class ExportFormat : std::uint8_t { jsonl, csv, sqlite };
std::optional<ExportFormat> export_format_from_string(std::string_view name);
// By the end of the name, a suffix of compression left out; jsonl when it says nothing.
ExportFormat export_format_of(const std::filesystem::path& file);

// How records become text, if not by their format alone.
struct TextForm {
  std::function<void(std::string& out, const crawl::Record& record)> append = {};
  std::string heading = {};  // with `append`
};

class ExportFile {
 public:
  // Text is compressed when the name ends in .gz or .zst. Throws Failure{usage} for a compressed
  // database, Failure{io, disk_full} as every call does.
  static std::unique_ptr<ExportFile> create(const std::filesystem::path& file, ExportFormat format,
                                            TextForm form = {});
  virtual ~ExportFile() = default;  // without finish() nothing is left

  virtual void add(const crawl::Record& record) = 0;
  // Durable under its name when it returns.
  virtual void finish() = 0;
};

}  // namespace trawl::service
