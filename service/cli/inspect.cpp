// The answers are in inspect_answer.cpp; this is only lines in and lines out.
#include "service/cli/inspect.hpp"

#include "service/cli/command.hpp"
#include "service/text/json_writer.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <array>
#include <iostream>
#include <utility>

namespace trawl::service::cli {
namespace {

// The next line without its end; false at the input's end. Of a line over the limit only the
// beginning is kept, and whole is false.
bool read_line(std::istream& in, std::string& line, bool& whole) {
  static constexpr std::size_t piece_bytes = 64 * 1024;
  std::array<char, piece_bytes> piece;
  line.clear();
  whole = true;
  for (bool begun = false;; begun = true) {
    in.getline(piece.data(), piece.size());
    auto count = static_cast<std::size_t>(in.gcount());
    // The line feed is counted, but not stored.
    const bool at_line_feed = in.good();
    if (at_line_feed) --count;
    if (line.size() + count <= inspect_line_bytes_max)
      line.append(piece.data(), count);
    else
      whole = false;
    if (at_line_feed) return true;
    if (in.eof() || in.bad()) return begun || count > 0;
    in.clear();  // the piece was full
  }
}

}  // namespace

ExitCode run_inspect(Inspection inspection, std::istream& in, Output& out) {
  std::string line, answer;
  for (bool whole = true; read_line(in, line, whole);) {
    answer.clear();
    if (whole) {
      append_answer(answer, inspection, line);
    } else {
      JsonWriter json{answer};
      json.begin_object().key("error").text("the line is longer than 256 MiB").end_object();
    }
    answer += '\n';
    if (!out.write(answer)) break;
    if (in.rdbuf()->in_avail() <= 0 && !out.flush()) break;
  }
  out.flush();
  return ExitCode::ok;
}

void add_inspect(CLI::App& app, Invocation& invocation) {
  auto* inspect = app.add_subcommand(
      "inspect", "the parsers alone: a JSON value a line on standard input, an answer a line out");
  inspect->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, Inspection inspection) {
    inspect->add_subcommand(name, text)->callback([inspection, &invocation] {
      invocation.run = [inspection] {
        // Else the stream has no buffer that could be asked for what it holds.
        std::ios::sync_with_stdio(false);
        DescriptorOutput out{STDOUT_FILENO};
        return run_inspect(inspection, std::cin, out);
      };
    });
  };
  add("url", R"({"input", "base"} as the URL API reads it)", Inspection::url);
  add("robots", R"({"robots_txt", "user_agent", "url"}: is it allowed, and by which line)",
      Inspection::robots);
  add("links", R"({"html", "base_url", "headers"?}: the links of a page)", Inspection::links);
  add("sitemap", R"({"body", "url"}: the entries of a sitemap)", Inspection::sitemap);
}

}  // namespace trawl::service::cli
