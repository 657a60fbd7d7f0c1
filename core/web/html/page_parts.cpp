// Tables, looked through one after the other: a page has few tags beside its text.
#include "core/web/html/page_parts.hpp"

#include "core/web/ascii.hpp"
#include "core/web/html/html_names.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace trawl::web {
namespace {

struct Word {
  std::string_view name;
  std::uint8_t value;
};

// By elements, and by roles. Scripts and the like are told by how their text is read.
constexpr std::array elements{
    Word{"noscript", hidden},    Word{"select", hidden},     Word{"object", hidden},
    Word{"audio", hidden},       Word{"video", hidden},      Word{"canvas", hidden},
    Word{"datalist", hidden},    Word{"rp", hidden},         Word{"nav", around},
    Word{"header", around},      Word{"footer", around},     Word{"aside", around},
    Word{"main", in_main},       Word{"pre", preserved},     Word{"listing", preserved},
    Word{"article", in_article}, Word{"section", in_section}};
constexpr std::array roles{Word{"navigation", around},    Word{"banner", around},
                           Word{"contentinfo", around},   Word{"search", around},
                           Word{"complementary", around}, Word{"main", in_main},
                           Word{"article", in_article}};

// Blocks, with the line ends that they want before and after them.
constexpr std::array blocks{
    Word{"p", 2},        Word{"h1", 2},      Word{"h2", 2},         Word{"h3", 2},
    Word{"h4", 2},       Word{"h5", 2},      Word{"h6", 2},         Word{"pre", 2},
    Word{"listing", 2},  Word{"xmp", 2},     Word{"blockquote", 2}, Word{"table", 2},
    Word{"ul", 2},       Word{"ol", 2},      Word{"dl", 2},         Word{"figure", 2},
    Word{"hr", 2},       Word{"div", 1},     Word{"li", 1},         Word{"dt", 1},
    Word{"dd", 1},       Word{"section", 1}, Word{"article", 1},    Word{"main", 1},
    Word{"header", 1},   Word{"footer", 1},  Word{"nav", 1},        Word{"aside", 1},
    Word{"address", 1},  Word{"form", 1},    Word{"fieldset", 1},   Word{"legend", 1},
    Word{"details", 1},  Word{"summary", 1}, Word{"figcaption", 1}, Word{"caption", 1},
    Word{"body", 1},     Word{"option", 1},  Word{"center", 1},     Word{"hgroup", 1},
    Word{"dialog", 1},   Word{"tr", 1},      Word{"search", 1},     Word{"td", 0},
    Word{"th", 0},       Word{"tbody", 0},   Word{"thead", 0},      Word{"tfoot", 0},
    Word{"html", 0},     Word{"head", 0},    Word{"select", 0},     Word{"object", 0},
    Word{"noscript", 0}, Word{"dir", 2},     Word{"menu", 2},       Word{"optgroup", 1}};

constexpr std::array voids{Element::area,  Element::base,  Element::bgsound, Element::br,
                           Element::embed, Element::frame, Element::img,     Element::source,
                           Element::input, Element::link,  Element::meta,    Element::track};
constexpr std::array<std::string_view, 4> other_voids{"col", "hr", "param", "wbr"};

template <std::size_t N>
const Word* find_in(const std::array<Word, N>& words, std::string_view name) {
  const auto found = std::ranges::find_if(
      words, [name](const Word& word) { return ascii::equals(name, word.name); });
  return found == words.end() ? nullptr : &*found;
}

template <std::size_t N>
std::uint8_t value_in(const std::array<Word, N>& words, std::string_view name) {
  const Word* word = find_in(words, name);
  return word == nullptr ? std::uint8_t{0} : word->value;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names,
                             [name](std::string_view one) { return ascii::equals(name, one); });
}

bool is_of_table(std::string_view name) {
  return is_one_of(name, {"table", "tr", "td", "th", "caption", "tbody", "thead", "tfoot"});
}

}  // namespace

std::uint8_t page_parts_of(const HtmlToken& start_tag, std::uint8_t outer) {
  std::uint8_t own = value_in(elements, start_tag.text);
  // A part of the page may have a header of its own (HTML Accessibility API Mappings, 4.1).
  if ((outer & (in_main | in_article | in_section)) != 0 &&
      is_one_of(start_tag.text, {"header", "footer"}))
    own = 0;
  for (const HtmlAttribute& attribute : start_tag.attributes) {
    if (ascii::equals(attribute.name, "hidden") ||
        (ascii::equals(attribute.name, "aria-hidden") && ascii::equals(attribute.value, "true")))
      own |= hidden;
    std::string_view words = attribute.value;
    if (ascii::equals(attribute.name, "role")) own |= value_in(roles, ascii::next_token(words));
  }
  return own;
}

bool is_block(std::string_view name) {
  return find_in(blocks, name) != nullptr;
}

int block_lines(std::string_view name) {
  return value_in(blocks, name);
}

bool is_void(const HtmlToken& start_tag) {
  return std::ranges::find(voids, start_tag.element) != voids.end() ||
         std::ranges::any_of(other_voids, [&start_tag](std::string_view name) {
           return ascii::equals(start_tag.text, name);
         });
}

int heading_level(std::string_view name) {
  return name.size() == 2 && ascii::lower(name[0]) == 'h' && name[1] >= '1' && name[1] <= '6'
             ? name[1] - '0'
             : 0;
}

bool ends_open(std::string_view open, std::string_view tag) {
  if (ascii::equals(open, "p")) return block_lines(tag) > 0;
  if (ascii::equals(open, "li")) return ascii::equals(tag, "li");
  if (is_one_of(open, {"dt", "dd"})) return is_one_of(tag, {"dt", "dd"});
  if (is_one_of(open, {"td", "th"})) return is_one_of(tag, {"td", "th", "tr", "tbody"});
  if (ascii::equals(open, "tr")) return is_one_of(tag, {"tr", "tbody"});
  if (ascii::equals(open, "option")) return is_one_of(tag, {"option", "optgroup"});
  return ascii::equals(open, "head") && ascii::equals(tag, "body");
}

TagReach reach_of(std::string_view end_tag) {
  if (!is_block(end_tag)) return TagReach::blocks;
  return is_of_table(end_tag) ? TagReach::tables : TagReach::cells;
}

bool is_boundary(std::string_view open_block, TagReach reach) {
  if (reach == TagReach::blocks || ascii::equals(open_block, "table")) return true;
  return reach == TagReach::cells && is_one_of(open_block, {"td", "th", "caption"});
}

}  // namespace trawl::web
