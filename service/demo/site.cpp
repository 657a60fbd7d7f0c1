// Page numbers are the model: page 0 is the home page, and every ten that follow are a chapter, its
// index first. Everything else is derived from the number, so nothing is stored.
#include "service/demo/site.hpp"

#include "service/demo/prose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace trawl::service::demo {
namespace {

constexpr std::size_t chapter_pages = 10;
constexpr std::string_view html_type = "text/html; charset=utf-8";

constexpr std::string_view robots = R"(# The harbour master's notes are nobody's business.
User-agent: *
Disallow: /private/
Allow: /

)";

constexpr std::string_view style =
    R"(body { font: 16px/1.5 Georgia, serif; max-width: 44em; margin: 2em auto; color: #1b2b34; }
header { background: url("mark.png") no-repeat left center; padding-left: 2em; }
nav a { margin-right: 1em; }
figure { margin: 1em 0; }
)";

constexpr std::string_view changes =
    "Changes of libharbour\n\n2.1  Readings keep the time zone of their gauge.\n"
    "2.0  A lock may have two gates.\n1.0  First release.\n";

// An anchor, 16 by 16 pixels in two colours.
constexpr auto mark_png = std::to_array<unsigned char>(
    {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
     0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x10, 0x01, 0x03, 0x00, 0x00, 0x00, 0x25, 0x3d, 0x6d,
     0x22, 0x00, 0x00, 0x00, 0x06, 0x50, 0x4c, 0x54, 0x45, 0xf4, 0xf1, 0xe8, 0x1b, 0x4b, 0x66, 0xea,
     0xd4, 0xec, 0xc8, 0x00, 0x00, 0x00, 0x21, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x80,
     0x83, 0x03, 0x0c, 0x8c, 0x0f, 0x18, 0x18, 0x15, 0x40, 0x24, 0x90, 0xcd, 0x76, 0x83, 0x81, 0xe9,
     0x02, 0x03, 0xf3, 0x07, 0x28, 0x17, 0x06, 0x00, 0xae, 0x03, 0x07, 0xa8, 0xcd, 0x14, 0x43, 0x5a,
     0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82});

struct Asset {
  std::string_view path;
  std::string_view content_type;
  std::string_view body;
};

std::string_view mark() {
  return {reinterpret_cast<const char*>(mark_png.data()), mark_png.size()};
}

std::array<Asset, 3> assets() {
  return {{{"/static/site.css", "text/css; charset=utf-8", style},
           {"/static/mark.png", "image/png", mark()},
           {"/downloads/changes.txt", "text/plain; charset=utf-8", changes}}};
}

std::size_t chapter_of(std::size_t page) {
  return (page - 1) / chapter_pages + 1;
}
std::size_t section_of(std::size_t page) {
  return (page - 1) % chapter_pages;
}

std::string title_of(std::size_t page) {
  if (page == 0) return "The libharbour manual";
  Dice dice{page};
  const auto text = topic(dice);
  if (section_of(page) == 0) return fmt::format("{}. {}", chapter_of(page), text);
  return fmt::format("{}.{} {}", chapter_of(page), section_of(page), text);
}

std::string link_to(std::size_t page) {
  return fmt::format(R"(<a href="{}">{}</a>)", Site::page_path(page), title_of(page));
}

std::string document(std::string_view title, std::string_view body) {
  return fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{}</title>
<link rel="stylesheet" href="/static/site.css">
<link rel="icon" href="/static/mark.png">
</head>
<body>
{}
</body>
</html>
)",
                     title, body);
}

std::string figure_path(std::size_t chapter) {
  return fmt::format("/figures/chapter-{}.svg", chapter);
}

// The tide of a chapter: a polyline of its own.
std::string figure(std::size_t chapter) {
  Dice dice{chapter * 7919};
  std::string points;
  for (int x = 0; x <= 400; x += 20) points += fmt::format("{},{} ", x, 20 + dice.below(80));
  return fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 120">)"
                     R"(<polyline fill="none" stroke="#1b4b66" points="{}"/></svg>)",
                     points);
}

// The number in "PREFIXnSUFFIX" without leading zeros, if it has that form.
std::optional<std::size_t> number_between(std::string_view text, std::string_view prefix,
                                          std::string_view suffix) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix) ||
      text.size() <= prefix.size() + suffix.size())
    return std::nullopt;
  const auto digits = text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits[0] == '0')
    return std::nullopt;
  return value;
}

// The page with that path, below `pages`.
std::optional<std::size_t> page_at(std::string_view path, std::size_t pages) {
  if (path == "/") return 0;
  constexpr std::string_view folder = "/guide/chapter-";
  if (!path.starts_with(folder)) return std::nullopt;
  const auto slash = path.find('/', folder.size());
  if (slash == std::string_view::npos) return std::nullopt;
  const auto chapter = number_between(path.substr(0, slash + 1), folder, "/");
  if (!chapter || *chapter > pages) return std::nullopt;
  const auto rest = path.substr(slash + 1);
  const auto section =
      rest.empty() ? std::optional<std::size_t>{0} : number_between(rest, "section-", ".html");
  if (!section || *section >= chapter_pages) return std::nullopt;
  const auto page = (*chapter - 1) * chapter_pages + *section + 1;
  return page < pages ? std::optional{page} : std::nullopt;
}

// FNV-1a: the same on every machine, which std::hash is not.
std::string etag_of(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return fmt::format("\"{:016x}\"", hash);
}

Answer ok(std::string_view content_type, std::string body) {
  auto etag = etag_of(body);
  return {200, std::string{content_type}, std::move(body), {}, std::move(etag)};
}

}  // namespace

Site::Site(std::size_t pages) : pages_(std::clamp<std::size_t>(pages, 1, pages_max)) {}

std::size_t Site::chapters() const {
  return pages_ == 1 ? 0 : chapter_of(pages_ - 1);
}

std::string Site::page_path(std::size_t page) {
  if (page == 0) return "/";
  const auto folder = fmt::format("/guide/chapter-{}/", chapter_of(page));
  return section_of(page) == 0 ? folder
                               : fmt::format("{}section-{}.html", folder, section_of(page));
}

Answer Site::answer(std::string_view target, std::string_view origin) const {
  const auto path = target.substr(0, target.find_first_of("?#"));
  if (const auto number = page_at(path, pages_)) return ok(html_type, page(*number));
  for (const auto& asset : assets())
    if (asset.path == path) return ok(asset.content_type, std::string{asset.body});
  if (const auto chapter = number_between(path, "/figures/chapter-", ".svg");
      chapter && *chapter <= chapters())
    return ok("image/svg+xml", figure(*chapter));
  if (path == "/robots.txt")
    return ok("text/plain; charset=utf-8",
              fmt::format("{}Sitemap: {}/sitemap.xml\n", robots, origin));
  if (path == "/sitemap.xml") return ok("application/xml", sitemap(origin));
  if (path == "/private/notes.html")
    return ok(html_type, document("Private", "<p>robots.txt asked you not to read this.</p>"));
  if (path == "/latest")
    return {301, std::string{html_type}, document("Moved", "<p>Moved.</p>"), "/", {}};
  return {404,
          std::string{html_type},
          document("Not found", "<h1>Not found</h1><p><a href=\"/\">Back to the manual</a></p>"),
          {},
          {}};
}

std::string Site::page(std::size_t number) const {
  if (number == 0) return home();
  Dice dice{number * 104'729};
  const auto chapter = chapter_of(number);
  std::string body = "<header><nav>";
  body += fmt::format(R"(<a rel="prev" href="{}">Previous</a>)", page_path(number - 1));
  body +=
      fmt::format(R"(<a href="/guide/chapter-{}/">Chapter</a><a href="/">Contents</a>)", chapter);
  if (number + 1 < pages_)
    body += fmt::format(R"(<a rel="next" href="{}">Next</a>)", page_path(number + 1));
  body += fmt::format("</nav></header>\n<h1>{}</h1>\n", title_of(number));
  if (section_of(number) == 0) {
    body +=
        fmt::format("<figure><img src=\"{}\" alt=\"The tide of this chapter\"></figure>\n<ol>\n",
                    figure_path(chapter));
    for (auto page = number + 1; page < std::min(number + chapter_pages, pages_); ++page)
      body += fmt::format("<li>{}</li>\n", link_to(page));
    body += "</ol>\n";
  }
  const auto paragraphs = 4 + dice.below(8);
  for (std::uint64_t i = 0; i < paragraphs; ++i)
    body += fmt::format("<p>{}</p>\n", paragraph(dice));
  body += fmt::format("<p>See also {} and {}.</p>", link_to(dice.below(pages_)),
                      link_to(dice.below(pages_)));
  return document(title_of(number), body);
}

std::string Site::home() const {
  std::string body = fmt::format("<header><h1>{}</h1></header>\n", title_of(0));
  body +=
      "<p>libharbour reads tides. It does not exist; this site does, so that a crawler has "
      "something to fetch.</p>\n<ol>\n";
  for (std::size_t page = 1; page < pages_; page += chapter_pages)
    body += fmt::format("<li>{}</li>\n", link_to(page));
  body += R"(</ol>
<p><a href="/latest">Latest edition</a> · <a href="/downloads/changes.txt">Changes</a> ·
<a href="/guide/removed.html">A page that was removed</a> ·
<a href="/private/notes.html">The harbour master's notes</a></p>)";
  return document(title_of(0), body);
}

std::string Site::sitemap(std::string_view origin) const {
  std::string text = R"(<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
)";
  // The protocol allows 50,000 URLs in a file; the first ones will do.
  for (std::size_t page = 0; page < std::min<std::size_t>(pages_, 50'000); ++page)
    text += fmt::format("<url><loc>{}{}</loc></url>\n", origin, page_path(page));
  return text + "</urlset>\n";
}

std::vector<std::string> Site::reachable() const {
  std::vector<std::string> paths;
  paths.reserve(pages_ + chapters() + 8);
  for (std::size_t page = 0; page < pages_; ++page) paths.push_back(page_path(page));
  for (std::size_t chapter = 1; chapter <= chapters(); ++chapter)
    paths.push_back(figure_path(chapter));
  for (const auto& asset : assets()) paths.emplace_back(asset.path);
  paths.emplace_back("/latest");
  paths.emplace_back("/guide/removed.html");
  return paths;
}

}  // namespace trawl::service::demo
