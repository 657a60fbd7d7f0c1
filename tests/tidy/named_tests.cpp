// A definition is searched for as it is written, across the line break that a long one has.
#include "tests/tidy/named_tests.hpp"

#include <fmt/format.h>

#include <regex>
#include <set>

namespace trawl::tidy {

std::vector<std::string> tests_named_in(std::string_view document) {
  static const std::regex name{"`([A-Z][A-Za-z0-9]*\\.[A-Z][A-Za-z0-9]*)`"};
  const std::string text{document};
  std::vector<std::string> names;
  for (std::sregex_iterator match{text.begin(), text.end(), name}, end; match != end; ++match)
    names.push_back((*match)[1]);
  return names;
}

Findings check_named_tests(std::string_view document, const std::vector<SourceFile>& tree) {
  static const std::regex definition{"TEST(_F|_P)?\\(\\s*(\\w+),\\s*(\\w+)\\)"};
  std::set<std::string> defined;
  for (const SourceFile& file : tree) {
    if (!file.is_under("tests") || !file.is_source()) continue;
    for (std::sregex_iterator match{file.text.begin(), file.text.end(), definition}, end;
         match != end; ++match)
      defined.insert((*match)[2].str() + "." + (*match)[3].str());
  }
  Findings missing;
  for (const auto& name : tests_named_in(document))
    if (!defined.contains(name)) missing.push_back(fmt::format("docs: no test {}", name));
  return missing;
}

}  // namespace trawl::tidy
