// Checks on calls must not stumble over a comment that explains a ban or a test that quotes it, so
// a small scanner blanks both; it knows just enough C++ for that, raw strings included.
#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace trawl::tidy {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  in.exceptions(std::ios::badbit);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Blanks in place; pos walks over the text.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), out_(text) {}

  std::string run() {
    while (pos_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = text_[pos_];
    if (starts("//")) {
      blank_to(std::min(text_.find('\n', pos_), text_.size()));
    } else if (starts("/*")) {
      const auto end = text_.find("*/", pos_ + 2);
      blank_to(end == std::string_view::npos ? text_.size() : end + 2);
    } else if (c == '#' && at_line_start()) {
      directive();
    } else if (starts("R\"") && (pos_ == 0 || !is_word(text_[pos_ - 1]))) {
      raw_string();
    } else if (c == '"') {
      quoted('"');
    } else if (c == '\'' && (pos_ == 0 || !is_word(text_[pos_ - 1]))) {
      quoted('\'');
    } else {
      ++pos_;
    }
  }

  bool starts(std::string_view what) const { return text_.substr(pos_).starts_with(what); }

  bool at_line_start() const {
    for (auto i = pos_; i > 0 && text_[i - 1] != '\n'; --i)
      if (text_[i - 1] != ' ' && text_[i - 1] != '\t') return false;
    return true;
  }

  void blank_to(std::size_t end) {
    for (; pos_ < end; ++pos_)
      if (out_[pos_] != '\n') out_[pos_] = ' ';
  }

  // An #include keeps its path; other directives are scanned as code.
  void directive() {
    const auto rest = text_.substr(pos_ + 1);
    const auto word = rest.find_first_not_of(" \t");
    if (word != std::string_view::npos && rest.substr(word).starts_with("include"))
      pos_ = std::min(text_.find('\n', pos_), text_.size());
    else
      ++pos_;
  }

  void raw_string() {
    const auto open = text_.find('(', pos_);
    if (open == std::string_view::npos) return blank_to(text_.size());
    const auto name = text_.substr(pos_ + 2, open - pos_ - 2);
    const auto end = text_.find(")" + std::string{name} + "\"", open);
    blank_to(end == std::string_view::npos ? text_.size() : end + name.size() + 2);
  }

  void quoted(char quote) {
    auto end = pos_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
      end += text_[end] == '\\' ? 2 : 1;
    ++pos_;  // the quotes stay, so that an empty pair is left
    blank_to(std::min(end, text_.size()));
    if (pos_ < text_.size() && text_[pos_] == quote) ++pos_;
  }

  std::string_view text_;
  std::string out_;
  std::size_t pos_ = 0;
};

}  // namespace

bool SourceFile::is_under(std::string_view folder) const {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::vector<SourceFile> read_source_tree(const std::string& root) {
  std::vector<SourceFile> files;
  const auto keep = [&](const fs::path& path) {
    SourceFile file{fs::relative(path, root).generic_string(), {}};
    if (!file.is_header() && !file.is_source() && !file.is_cmake()) return;
    file.text = read_file(path);
    files.push_back(std::move(file));
  };
  keep(fs::path{root} / "CMakeLists.txt");
  for (const char* folder : {"cmake", "core", "storage", "config", "service", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator{fs::path{root} / folder})
      if (entry.is_regular_file()) keep(entry.path());
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::string code_only(std::string_view text) {
  return Blanker{text}.run();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace trawl::tidy
