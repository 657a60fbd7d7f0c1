// The fields, their order and their being texts are pywb's; absent fields are left out.
#include "service/cli/warc_index.hpp"

#include "core/base/log.hpp"
#include "service/json_writer.hpp"
#include "service/line_sorter.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace trawl::service::cli {
namespace {

// Set by the files that could not be indexed to their end.
ExitCode worse(ExitCode code, Errc error) {
  if (error == Errc::damaged || code == ExitCode::damaged) return ExitCode::damaged;
  return ExitCode::environment;
}

}  // namespace

std::string cdxj_line(const storage::CdxEntry& entry, std::string_view file_name) {
  std::string line = fmt::format("{} {} ", entry.key, entry.timestamp);
  JsonWriter json{line};
  const auto field = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) json.key(name).text(value);
  };
  json.begin_object();
  field("url", entry.url);
  field("mime", entry.mime);
  field("status", entry.status);
  field("digest", entry.digest);
  field("length", std::to_string(entry.length));
  field("offset", std::to_string(entry.offset));
  field("filename", file_name);
  json.end_object();
  return line;
}

ExitCode run_warc_index(const WarcIndexOptions& options, Output& out, Output& err) {
  ExitCode code = ExitCode::ok;
  LineSorter sorter;
  for (const std::string& file : options.files) {
    const std::string name = std::filesystem::path{file}.filename().string();
    const auto tell = [&](const Error& error) {
      code = worse(code, error.code);
      const std::string where = error.detail.contains(file) ? "" : file + ", ";
      err.write(fmt::format(
          "trawl: {}{}{}\n", printable(where, 4096), printable(error.detail, 4096),
          error.code == Errc::damaged ? "; what can be read behind it is indexed" : ""));
      err.flush();
    };
    const auto indexed = storage::index_warc(
        file,
        [&](const storage::CdxEntry& entry) {
          std::string line = cdxj_line(entry, name);
          if (!options.sort) return out.write(line += '\n');
          sorter.add(std::move(line));
          return true;
        },
        tell);
    if (!out.flush()) return code;
    if (!indexed) tell(indexed.error());
  }
  if (options.sort) sorter.finish([&](std::string_view line) { return out.write(line); });
  out.flush();
  return code;
}

}  // namespace trawl::service::cli
