#pragma once
// `trawl inspect url|robots|links|sitemap`: the parsers alone. One JSON value a line in, one a line
// out, so that a whole corpus can be piped through; a line that is no valid question gets {"error":
// "…"}.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

namespace trawl::service::cli {

enum class Inspection : std::uint8_t { url, robots, links, sitemap };

inline constexpr std::size_t inspect_line_bytes_max = 256 << 20;

// Appends the answer to one line, without a line feed. Pure.
//   url     {"input", "base": "…"|null} → the members of the URL API, or {"failure": true}
//   robots  {"robots_txt", "user_agent", "url"} → {"allowed", "line", "rule", "crawl_delay",
//           "sitemaps"}; url may be a path
//   links   {"html", "base_url", "content_type"?, "headers"?} → {"links": [{"url", "kind", "tag",
//           "attribute", "rel"}]}; with the content type of a style sheet or feed, html is one.
//           headers: {"name": "value" or a list of them} or [["name", "value"], …]
//   sitemap {"body", "url"} → {"type", "urls": [{"loc", "lastmod"}], "error"}; type is null for
//   what
//           is no sitemap; an entry has "priority" and "changefreq" too where the sitemap has them
// robots_txt, html and body may come as robots_txt_base64 and so on: raw bytes, whose encoding is
// then found out as for a fetched page.
void append_answer(std::string& out, Inspection inspection, std::string_view line);

// Answers to the input's end; flushed whenever the input has nothing more for the moment.
ExitCode run_inspect(Inspection inspection, std::istream& in, Output& out);

}  // namespace trawl::service::cli
