// What a trap answers is a function of the URL alone, as it is with the scripts that are met in the
// wild; the session is the exception, as it is there too.
#include "tests/support/trap_site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <random>

namespace trawl::support {
namespace {

constexpr std::string_view trap_folder = "/trap/";
constexpr int products = 60;
constexpr int dictionary_words = 900;

// "babeci", another word for each number.
std::string word(unsigned number) {
  constexpr std::string_view consonants = "bcdfghklmnprstvz";
  constexpr std::string_view vowels = "aeiou";
  std::string text;
  do {
    text += consonants[number % consonants.size()];
    number /= static_cast<unsigned>(consonants.size());
    text += vowels[number % vowels.size()];
    number /= static_cast<unsigned>(vowels.size());
  } while (number > 0 || text.size() < 4);
  return text;
}

std::string link(std::string_view target) {
  return fmt::format("<a href=\"{}\">next</a> ", target);
}

std::string html(std::string_view title, std::string_view body) {
  return fmt::format("<!DOCTYPE html><title>{}</title><h1>{}</h1><p>{}</p>", title, title, body);
}

int number_behind(std::string_view text, std::string_view name, int otherwise) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return otherwise;
  int value = otherwise;
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
  return value;
}

std::string good_page(int number, int pages, Trap trap) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += word(static_cast<unsigned>(100'000 + number * 30 + i)) + ' ';
  if (number + 1 < pages) text += link(fmt::format("/good/{}", number + 1));
  text += link(fmt::format("{}{}", trap_folder, to_string(trap)));
  return html("An article", text);
}

// The URL says which day it is in a parameter of its own, the page in words and figures.
std::string calendar(std::string_view target) {
  const int day = number_behind(target, "day=", 700'000);
  const auto date = fmt::format("{}. {}. {}", day % 28 + 1, day / 28 % 12 + 1, day / 336);
  return html(
      "Nothing on this day",
      fmt::format("Mon Tue Wed {} {} {}", date, link(fmt::format("/trap/calendar?day={}", day + 1)),
                  link(fmt::format("/trap/calendar?day={}", day - 1))));
}

std::string session(std::string_view target) {
  static std::mt19937 random{7};  // the server's thread
  std::string text;
  const int page = number_behind(target, "item", 0) % products;
  for (const int next : {1, 2, 5})
    text += link(fmt::format("/trap/session_ids/item{}?sid={:08x}{:08x}", (page + next) % products,
                             random(), random()));
  return html("A shop", fmt::format("All about {}: {}", word(static_cast<unsigned>(page)), text));
}

std::string facets(std::string_view target) {
  static constexpr auto names = std::to_array<std::string_view>(
      {"brand", "colour", "material", "price", "rating", "shape", "size", "sort"});
  std::mt19937 random{static_cast<unsigned>(std::hash<std::string_view>{}(target))};
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += fmt::format("<li>The {} in our shop, very good value for you",
                        word(random() % static_cast<unsigned>(products)));
  for (int i = 0; i < 6; ++i) {
    std::string query;
    for (const auto name : names)
      if (random() % 2 == 0) query += fmt::format("&{}=v{}", name, random() % 9);
    text += link(fmt::format("/trap/facets?{}", query.empty() ? query : query.substr(1)));
  }
  return html("All our things", text);
}

std::string growing(std::string_view target) {
  static constexpr auto names = std::to_array<std::string_view>({"left", "right", "up", "down"});
  const std::string_view path = target.substr(0, target.find('?'));
  std::string text;
  for (const auto name : names) text += link(fmt::format("{}/{}{}", path, name, path.size() % 97));
  return html("A folder", text);
}

std::string maze(std::string_view target) {
  std::mt19937 random{static_cast<unsigned>(std::hash<std::string_view>{}(target))};
  const auto any = [&] { return word(random() % static_cast<unsigned>(dictionary_words)); };
  std::string text;
  for (int i = 0; i < 120; ++i) text += any() + ' ';
  for (int i = 0; i < 4; ++i)
    text += link(fmt::format("/trap/text_maze/{}/{}/{}", any(), any(), any()));
  return html(any(), text);
}

std::string soft_404(std::string_view target) {
  const auto seed = static_cast<unsigned>(std::hash<std::string_view>{}(target));
  std::string text = "Sorry, there is no such page. Perhaps one of these? ";
  for (unsigned i = 0; i < 4; ++i) text += link(fmt::format("/trap/soft_404/{}", word(seed + i)));
  return html("Not found", text);
}

std::string echo_404(std::string_view target) {
  std::mt19937 random{static_cast<unsigned>(std::hash<std::string_view>{}(target))};
  const auto made_up = [&] {
    std::string name(12, ' ');
    std::ranges::generate(name, [&] { return static_cast<char>('a' + random() % 26); });
    return name;
  };
  const auto name = target.substr(target.rfind('/') + 1);
  std::string text = fmt::format("Sorry, there is no page of the name {}. Have a look at ", name);
  for (int i = 0; i < 4; ++i)
    text += fmt::format("<a href=\"/trap/echo_404/{}\">another page</a> or ", made_up());
  return html(fmt::format("{} not found", name), text);
}

}  // namespace

std::string_view to_string(Trap trap) {
  switch (trap) {
    case Trap::calendar:
      return "calendar";
    case Trap::session_ids:
      return "session_ids";
    case Trap::facets:
      return "facets";
    case Trap::growing_path:
      return "growing_path";
    case Trap::text_maze:
      return "text_maze";
    case Trap::soft_404:
      return "soft_404";
    case Trap::echo_404:
      return "echo_404";
  }
  return "?";
}

TrapSite::TrapSite(Trap trap, int good_pages) : trap_(trap), good_pages_(good_pages) {
  server_.otherwise([this](const SeenRequest& request) { return answer(request); });
}

std::vector<std::string> TrapSite::good_urls() const {
  std::vector<std::string> urls{server_.url("/")};
  for (int i = 0; i < good_pages_; ++i) urls.push_back(server_.url(fmt::format("/good/{}", i)));
  return urls;
}

std::size_t TrapSite::trapped() const {
  const auto requests = server_.requests();
  return static_cast<std::size_t>(std::ranges::count_if(
      requests, [](const SeenRequest& request) { return request.path.starts_with(trap_folder); }));
}

Reply TrapSite::answer(const SeenRequest& request) const {
  if (request.path == "/")
    return {.body = html("Home", link("/good/0") +
                                     link(fmt::format("{}{}", trap_folder, to_string(trap_))))};
  if (request.path.starts_with("/good/"))
    return {.body = good_page(number_behind(request.path, "/good/", 0), good_pages_, trap_)};
  if (request.path.starts_with(trap_folder)) return trap_page(request);
  return {.status = 404};
}

Reply TrapSite::trap_page(const SeenRequest& request) const {
  switch (trap_) {
    case Trap::calendar:
      return {.body = calendar(request.target)};
    case Trap::session_ids:
      return {.body = session(request.target)};
    case Trap::facets:
      return {.body = facets(request.target)};
    case Trap::growing_path:
      return {.body = growing(request.target)};
    case Trap::text_maze:
      return {.body = maze(request.target)};
    case Trap::soft_404:
      return {.body = soft_404(request.target)};
    case Trap::echo_404:
      return {.body = echo_404(request.target)};
  }
  return {.status = 404};
}

}  // namespace trawl::support
