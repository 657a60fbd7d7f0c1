// Regular expressions over code without comments and strings: coarse, quick, and enough, because a
// wrong finding would be seen at once and each rule is shown to fire in tidy_test.cpp.
#include "tests/tidy/checks.hpp"

#include "tests/tidy/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <span>

namespace trawl::tidy {
namespace {

constexpr std::size_t file_lines_max = 400;
constexpr std::size_t function_lines_max = 70;

std::string finding(const SourceFile& file, std::size_t line, std::string_view what) {
  return fmt::format("{}:{}: {}", file.path, line, what);
}

// Whether the picture has an arrow; a folder that it doesn't name may include what it likes.
bool is_allowed(std::span<const Layer> picture, std::string_view from, std::string_view to) {
  const auto layer = std::ranges::find(picture, from, &Layer::folder);
  return from == to || layer == picture.end() ||
         std::ranges::find(layer->may_include, to) != layer->may_include.end();
}

std::string check_own_include(const std::string& path, const std::string& target) {
  const auto folder = folder_of(path);
  const auto other = folder_of(target);
  if (!other) return fmt::format("\"{}\" is not a path from the root", target);
  if (!is_allowed(layers(), *folder, *other))
    return fmt::format("{} may not include {} (\"{}\")", *folder, *other, target);
  if (*folder == *other && !is_allowed(parts(), part_of(path), part_of(target)))
    return fmt::format("{} may not include {} (\"{}\")", part_of(path), part_of(target), target);
  return {};
}

std::string check_library_include(std::string_view folder, const std::string& target) {
  for (const auto& [prefix, allowed] : homes())
    if (target.starts_with(prefix) && std::ranges::find(allowed, folder) == allowed.end())
      return fmt::format("{} may not include <{}>", folder, target);
  return {};
}

struct Ban {
  std::string_view hint;  // no match without it; std::regex is slow
  std::regex pattern;
  std::string_view what;
  bool (*applies)(const SourceFile&);
};

bool anywhere(const SourceFile&) {
  return true;
}
bool in_program(const SourceFile& file) {
  return !file.is_under("tests");
}
bool outside_coro(const SourceFile& file) {
  return !file.is_under("core/coro") && !file.is_under("tests/coro");
}
bool outside_service(const SourceFile& file) {
  return in_program(file) && !file.is_under("service");
}
bool in_header(const SourceFile& file) {
  return file.is_header() && in_program(file);
}

const std::vector<Ban>& bans() {
  static const std::vector<Ban> all{
      {"detached", std::regex{R"(\basio::detached\b|\bdetached_t\b)"},
       "asio::detached swallows exceptions: spawn in a Group", anywhere},
      {"stop", std::regex{R"((\bio_context|context_?|\bctx_?|\bioc_?|\bio_?)(\.|->)stop\s*\()"},
       "io_context::stop() abandons tasks: cancel the root", anywhere},
      {"co_spawn", std::regex{R"(\bco_spawn\b)"}, "co_spawn belongs to core/coro: spawn in a Group",
       outside_coro},
      {"sleep", std::regex{R"(\bthis_thread\b.*\bsleep_|\b(usleep|nanosleep|sleep)\s*\()"},
       "a sleep: wait on a timer or an Event", in_program},
      {"system", std::regex{R"((^|[^\w.>])system\s*\()"}, "system() runs a shell", anywhere},
      {"std::c", std::regex{R"(\bstd::(cout|cerr)\b)"},
       "only service prints: log, or return the text", outside_service},
      {"printf", std::regex{R"((^|[^\w.>])printf\s*\()"},
       "only service prints: log, or return the text", outside_service},
      {"stderr", std::regex{R"(\bfmt::print\s*\(\s*stderr\b)"},
       "fmt::print(stderr, …) throws when it can't be written: say()", in_program},
      {"namespace", std::regex{R"(\busing\s+namespace\b)"}, "using namespace in a header",
       in_header},
  };
  return all;
}

// Functions at namespace scope start and end in column 0, as clang-format leaves them.
Findings long_functions(const SourceFile& file, std::span<const std::string_view> lines) {
  static const std::regex no_function{
      R"(^(namespace|class|struct|enum|union|extern|using|template|#|\}|\)).*)"};
  Findings found;
  std::optional<std::size_t> start;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string line{lines[i]};
    const bool in_column_0 = !line.empty() && line[0] != ' ';
    if (in_column_0 && line[0] != '}' && line[0] != ')') {
      const bool table = line.find(" = ") < line.find('(');  // of data: may be as long as it is
      start = table || std::regex_match(line, no_function) ? std::nullopt : std::optional{i};
    }
    if (!line.starts_with("}") || !start) continue;
    if (i - *start + 1 > function_lines_max)
      found.push_back(finding(
          file, *start + 1,
          fmt::format("a function of {} lines, over {}", i - *start + 1, function_lines_max)));
    start.reset();
  }
  return found;
}

// Whether a CMake text names the file, as a word of its own.
bool names(std::string_view cmake, std::string_view file) {
  const auto edge = [](char c) {
    return std::string_view{" \t\n()\""}.find(c) != std::string_view::npos;
  };
  for (auto at = cmake.find(file); at != std::string_view::npos; at = cmake.find(file, at + 1)) {
    const auto end = at + file.size();
    if ((at == 0 || edge(cmake[at - 1])) && (end == cmake.size() || edge(cmake[end]))) return true;
  }
  return false;
}

// The text with the variables that it sets to one word filled in.
std::string expanded(std::string text) {
  static const std::regex set{R"(\bset\(\s*(\w+)\s+([^\s()]+)\s*\))"};
  const std::string before = text;
  for (std::sregex_iterator at{before.begin(), before.end(), set}, end; at != end; ++at) {
    const std::string variable = "${" + (*at)[1].str() + "}";
    const std::string value = (*at)[2];
    for (auto found = text.find(variable); found != std::string::npos;
         found = text.find(variable, found + value.size()))
      text.replace(found, variable.size(), value);
  }
  return text;
}

bool is_listed(const SourceFile& source, const SourceFile& cmake) {
  if (names(cmake.text, "${PROJECT_SOURCE_DIR}/" + source.path)) return true;
  const auto folder = cmake.path.substr(0, cmake.path.rfind('/') + 1);  // "" at the root
  if (!source.path.starts_with(folder)) return false;
  const auto relative = std::string_view{source.path}.substr(folder.size());
  const bool globbed = cmake.text.find("GLOB") != std::string::npos && !relative.contains('/');
  return globbed || names(cmake.text, relative);
}

}  // namespace

Findings check_includes(const SourceFile& file) {
  static const std::regex include{R"(^\s*#\s*include\s*(["<])([^">]+)[">].*)"};
  Findings found;
  const auto folder = folder_of(file.path);
  if (!folder || *folder == "tests" || *folder == "cmake") return found;
  std::size_t number = 0;
  const std::string code = code_only(file.text);
  for (const auto line : lines_of(code)) {
    ++number;
    std::cmatch match;
    if (!std::regex_match(line.data(), line.data() + line.size(), match, include)) continue;
    const auto problem = match[1] == "\"" ? check_own_include(file.path, match[2])
                                          : check_library_include(*folder, match[2]);
    if (!problem.empty()) found.push_back(finding(file, number, problem));
  }
  return found;
}

Findings check_banned_calls(const SourceFile& file) {
  Findings found;
  if (file.is_cmake()) return found;
  std::size_t number = 0;
  const std::string code = code_only(file.text);
  for (const auto line : lines_of(code)) {
    ++number;
    if (line.starts_with('#')) continue;  // headers are named after what they declare
    for (const auto& ban : bans())
      if (ban.applies(file) && line.contains(ban.hint) &&
          std::regex_search(line.data(), line.data() + line.size(), ban.pattern))
        found.push_back(finding(file, number, ban.what));
  }
  return found;
}

Findings check_form(const SourceFile& file) {
  static const std::regex unfinished{R"(\b(TO[D]O|FIX[M]E|XX[X])\b)"};
  Findings found;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (std::regex_search(lines[i].begin(), lines[i].end(), unfinished))
      found.push_back(finding(file, i + 1, "a mark of unfinished work: do it, or file an issue"));
  if (file.is_cmake()) return found;
  if (lines.size() > file_lines_max)
    found.push_back(
        finding(file, lines.size(),
                fmt::format("a file of over {} lines: it misses a noun", file_lines_max)));
  if (file.is_header() && (lines.empty() || lines[0] != "#pragma once"))
    found.push_back(finding(file, 1, "a header begins with #pragma once"));
  if (file.is_source() && !file.is_under("tests") && (lines.empty() || !lines[0].starts_with("//")))
    found.push_back(finding(file, 1, "a .cpp opens with a comment that says why"));
  const std::string code = code_only(file.text);
  std::ranges::copy(long_functions(file, lines_of(code)), std::back_inserter(found));
  return found;
}

Findings check_listed(const std::vector<SourceFile>& tree) {
  Findings found;
  std::vector<SourceFile> lists;
  for (const auto& file : tree)
    if (file.is_cmake()) lists.push_back({file.path, expanded(file.text)});
  for (const auto& source : tree) {
    if (!source.is_source()) continue;
    if (std::ranges::none_of(lists, [&](const auto& list) { return is_listed(source, list); }))
      found.push_back(finding(source, 1, "is in no CMakeLists.txt, so it is never compiled"));
  }
  return found;
}

}  // namespace trawl::tidy
