// The names are those of docs/links.md.
#include "service/links/link_lines.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "service/text/csv.hpp"
#include "service/text/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>

namespace trawl::service {
namespace {

// How a line says whether there is a place for the fragment.
std::string_view fragment_words(std::optional<bool> place) {
  if (!place) return "";
  return *place ? "found" : "missing";
}

}  // namespace

std::string_view FoundLink::end_url() const {
  if (!end) return {};
  return end->place.empty() ? url : end->place;
}

bool FoundLink::is_unchecked() const {
  return !end ||
         ((end->state == crawl::UrlState::queued || end->state == crawl::UrlState::excluded) &&
          !end->status);
}

std::string FoundLink::end_word() const {
  if (!end) return "unchecked";
  if (place == false) return "no #" + link.url.substr(link.url.find('#') + 1);
  // Of a page that is kept although nobody answers any more the status says nothing.
  const bool of_answer = end->status && (*end->status >= 400 || !end->error);
  if (of_answer && end->state != crawl::UrlState::failed) return fmt::to_string(*end->status);
  return std::string{end->error ? to_string(*end->error) : crawl::to_string(end->state)};
}

std::vector<web::LinkKind> link_kinds_of(const std::string& words) {
  using enum web::LinkKind;
  constexpr std::array kinds{page,      embed,     style, script, redirect,
                             canonical, alternate, feed,  other};
  std::vector<web::LinkKind> found;
  std::istringstream rest{words};
  for (std::string word; std::getline(rest, word, ',');) {
    const auto* kind =
        std::ranges::find(kinds, word, [](web::LinkKind one) { return web::to_string(one); });
    if (kind == kinds.end()) {
      std::vector<std::string_view> names;
      for (const auto one : kinds) names.push_back(web::to_string(one));
      throw Failure(Errc::usage, fmt::format("--kind: \"{}\" is none; they are {}", printable(word),
                                             fmt::join(names, ", ")));
    }
    found.push_back(*kind);
  }
  return found;
}

std::string link_heading_csv(LinkFields fields) {
  return fmt::format(
      "page,link,url,kind,tag,attribute,rel,state,status,error,redirects{},end_url{}\n",
      fields.fragments ? ",fragment" : "", fields.text ? ",text" : "");
}

void append_link_json(std::string& out, const FoundLink& found, LinkFields fields) {
  JsonWriter json{out};
  const auto number = [&json](std::string_view name, std::optional<int> value) {
    json.key(name);
    value ? json.integer(*value) : json.null();
  };
  const auto& end = found.end;
  json.begin_object().key("page").text_or_null(found.page.url).key("link").text(found.link.url);
  json.key("url").text(found.url).key("kind").text(web::to_string(found.link.kind));
  json.key("tag").text(found.link.tag).key("attribute").text(found.link.attribute);
  json.key("rel").text(found.link.rel);
  json.key("state").text_or_null(end ? crawl::to_string(end->state) : "");
  number("status", end ? end->status : std::nullopt);
  json.key("error").text_or_null(end && end->error ? to_string(*end->error) : "");
  number("redirects", end ? std::optional{end->redirects} : std::nullopt);
  if (fields.fragments) json.key("fragment").text_or_null(fragment_words(found.place));
  json.key("end_url").text_or_null(found.end_url());
  if (fields.text) json.key("text").text_or_null(found.text);
  json.end_object();
  out += '\n';
}

void append_link_csv(std::string& out, const FoundLink& found, LinkFields fields) {
  const auto& end = found.end;
  const auto number = [](std::optional<int> value) {
    return value ? fmt::to_string(*value) : std::string{};
  };
  for (const std::string_view text :
       {std::string_view{found.page.url}, std::string_view{found.link.url}, found.url,
        web::to_string(found.link.kind), found.link.tag, found.link.attribute,
        std::string_view{found.link.rel}}) {
    append_csv_field(out, text);
    out += ',';
  }
  fmt::format_to(std::back_inserter(out), "{},{},{},{}", end ? crawl::to_string(end->state) : "",
                 number(end ? end->status : std::nullopt),
                 end && end->error ? to_string(*end->error) : "",
                 number(end ? std::optional{end->redirects} : std::nullopt));
  if (fields.fragments) fmt::format_to(std::back_inserter(out), ",{}", fragment_words(found.place));
  out += ',';
  append_csv_field(out, found.end_url());
  if (fields.text) append_csv_field(out += ',', found.text);
  out += '\n';
}

}  // namespace trawl::service
