#pragma once
// LinkReport: links by where they lead, for people and for CI: a menu's dead link on a thousand
// pages is one line, and says where it is.

#include "service/links/link_lines.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

enum class LinkReportFormat : std::uint8_t {
  text,
  github,  // a GitHub workflow command for each target: ::error title=404::…
  junit,   // a JUnit report, a failed test case for each target
};
std::optional<LinkReportFormat> link_report_format_from_string(std::string_view name);

class LinkReport {
 public:
  explicit LinkReport(LinkReportFormat format) : format_(format) {}

  void add(const FoundLink& found);
  // By how they end, then by target. Memory of all: some 200 bytes a target and its first pages.
  std::string take() const;

 private:
  struct Place {
    std::string page, text;
  };
  struct Target {
    std::uint64_t links = 0;
    std::string end_url;        // where redirects lead to; empty: nowhere else
    std::vector<Place> places;  // the first of them, of different pages
  };

  void append_text(std::string& out, const std::string& word, const std::string& link,
                   const Target& target) const;
  void append_github(std::string& out, const std::string& word, const std::string& link,
                     const Target& target) const;
  void append_junit(std::string& out, const std::string& word, const std::string& link,
                    const Target& target) const;

  LinkReportFormat format_;
  std::map<std::pair<std::string, std::string>, Target> targets_;  // by how it ends, and the link
};

}  // namespace trawl::service
