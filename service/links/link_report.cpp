// What pages are called and say is theirs: it is made printable, and escaped as each format has it.
#include "service/links/link_report.hpp"

#include "core/base/log.hpp"
#include "service/text/progress.hpp"

#include <fmt/format.h>

#include <iterator>

namespace trawl::service {
namespace {

constexpr std::size_t places_max = 5;
constexpr std::size_t url_bytes_max = 4096;
constexpr std::size_t text_bytes_max = 200;

std::string url_text(const std::string& url) {
  return printable(url, url_bytes_max);
}

std::string page_text(const std::string& page) {
  return page.empty() ? "(a seed)" : url_text(page);
}

// https://docs.github.com/actions/reference/workflow-commands-for-github-actions: a line, with
// these encoded; in a property also the two that end it.
std::string command_text(std::string_view text, bool property = false) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

// What is no character of XML 1.0 (section 2.2) is U+FFFD. text: printable.
std::string xml_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view three = text.substr(i, 3);
    const bool surrogate =
        three.size() == 3 && c == '\xED' && static_cast<unsigned char>(three[1]) >= 0xA0;
    if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF" || surrogate) {
      out += "\xEF\xBF\xBD";
      i += 2;
      continue;
    }
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<LinkReportFormat> link_report_format_from_string(std::string_view name) {
  if (name == "text") return LinkReportFormat::text;
  if (name == "github") return LinkReportFormat::github;
  if (name == "junit") return LinkReportFormat::junit;
  return std::nullopt;
}

void LinkReport::add(const FoundLink& found) {
  Target& target = targets_[{found.end_word(), found.link.url}];
  ++target.links;
  if (found.end && !found.end->place.empty()) target.end_url = found.end->place;
  const bool known = !target.places.empty() && target.places.back().page == found.page.url;
  if (target.places.size() < places_max && !known)
    target.places.push_back({found.page.url, std::string{found.text}});
}

std::string LinkReport::take() const {
  std::string out;
  if (format_ == LinkReportFormat::junit)
    out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites><testsuite name=\"links\" tests=\"{0}\" failures=\"{0}\">\n",
        targets_.size());
  for (const auto& [key, target] : targets_) {
    const auto& [word, link] = key;
    if (format_ == LinkReportFormat::text) append_text(out, word, link, target);
    if (format_ == LinkReportFormat::github) append_github(out, word, link, target);
    if (format_ == LinkReportFormat::junit) append_junit(out, word, link, target);
  }
  if (format_ == LinkReportFormat::junit) out += "</testsuite></testsuites>\n";
  return out;
}

void LinkReport::append_text(std::string& out, const std::string& word, const std::string& link,
                             const Target& target) const {
  fmt::format_to(std::back_inserter(out), "{}  {}{}\n", printable(word), url_text(link),
                 target.end_url.empty() ? "" : " -> " + url_text(target.end_url));
  for (const Place& place : target.places)
    fmt::format_to(
        std::back_inserter(out), "    on {}{}\n", page_text(place.page),
        place.text.empty() ? "" : fmt::format("  \"{}\"", printable(place.text, text_bytes_max)));
  if (target.links > target.places.size())
    fmt::format_to(std::back_inserter(out), "    {} in all\n", counted(target.links, "link"));
}

void LinkReport::append_github(std::string& out, const std::string& word, const std::string& link,
                               const Target& target) const {
  std::string text = fmt::format("{} ({}), on {}", url_text(link), counted(target.links, "link"),
                                 page_text(target.places.front().page));
  fmt::format_to(std::back_inserter(out), "::error title={}::{}\n",
                 command_text("Broken link: " + printable(word), true), command_text(text));
}

void LinkReport::append_junit(std::string& out, const std::string& word, const std::string& link,
                              const Target& target) const {
  std::string places;
  for (const Place& place : target.places) places += page_text(place.page) + "\n";
  fmt::format_to(std::back_inserter(out),
                 "<testcase classname=\"links\" name=\"{}\"><failure message=\"{}, {}\">{}"
                 "</failure></testcase>\n",
                 xml_text(url_text(link)), xml_text(printable(word)), counted(target.links, "link"),
                 xml_text(places));
}

}  // namespace trawl::service
