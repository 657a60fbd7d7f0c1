// A file that can't be read to its end is told, and takes no other file's lines away.
#include "service/cli/warc_index.hpp"

#include "core/base/log.hpp"
#include "service/files/line_sorter.hpp"
#include "service/records/cdxj.hpp"

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
