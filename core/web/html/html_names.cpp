// A page has a thousand names, most of them of a dozen elements, so the look-up is one load, one
// multiplication and one comparison: the first eight bytes of a name, folded to lower case, are its
// key. The fold sets bit 5 of every byte; only letters can then be mistaken for letters.

#include "core/web/html/html_names.hpp"

#include "core/web/ascii.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace trawl::web {
namespace {

constexpr std::array element_names = std::to_array<std::string_view>({
    "*",
    "a",
    "annotation-xml",
    "area",
    "audio",
    "base",
    "bgsound",
    "blockquote",
    "body",
    "br",
    "button",
    "del",
    "desc",
    "embed",
    "font",
    "foreignobject",
    "form",
    "frame",
    "html",
    "iframe",
    "image",
    "img",
    "input",
    "ins",
    "link",
    "math",
    "meta",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "noembed",
    "noframes",
    "object",
    "p",
    "plaintext",
    "q",
    "script",
    "source",
    "style",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "video",
    "xmp",
    // Named only.
    "abbr",
    "acronym",
    "address",
    "applet",
    "article",
    "aside",
    "b",
    "basefont",
    "bdi",
    "bdo",
    "big",
    "canvas",
    "caption",
    "center",
    "circle",
    "cite",
    "clippath",
    "code",
    "col",
    "colgroup",
    "datalist",
    "dd",
    "defs",
    "details",
    "dfn",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "ellipse",
    "em",
    "feimage",
    "fieldset",
    "figcaption",
    "figure",
    "filter",
    "footer",
    "frameset",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "i",
    "kbd",
    "label",
    "legend",
    "li",
    "line",
    "lineargradient",
    "listing",
    "main",
    "map",
    "mark",
    "marquee",
    "mask",
    "menu",
    "meter",
    "nav",
    "nobr",
    "noscript",
    "ol",
    "optgroup",
    "option",
    "output",
    "param",
    "path",
    "pattern",
    "picture",
    "polygon",
    "polyline",
    "pre",
    "progress",
    "radialgradient",
    "rect",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "span",
    "stop",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "symbol",
    "text",
    "textpath",
    "time",
    "tspan",
    "tt",
    "u",
    "ul",
    "use",
    "var",
    "wbr",
});

constexpr std::array attribute_names = std::to_array<std::string_view>({
    "",           "action",      "background", "charset", "cite",       "color",
    "content",    "data",        "encoding",   "face",    "formaction", "href",
    "http-equiv", "imagesrcset", "manifest",   "name",    "poster",     "rel",
    "size",       "src",         "srcset",     "style",   "type",       "xlink:href",
});

constexpr std::array breakout_names = std::to_array<std::string_view>({
    "b",      "big",  "blockquote", "body",  "br",   "center", "code",    "dd",   "div",
    "dl",     "dt",   "em",         "embed", "h1",   "h2",     "h3",      "h4",   "h5",
    "h6",     "head", "hr",         "i",     "img",  "li",     "listing", "menu", "meta",
    "nobr",   "ol",   "p",          "pre",   "ruby", "s",      "small",   "span", "strong",
    "strike", "sub",  "sup",        "table", "tt",   "u",      "ul",      "var",
});

constexpr std::uint64_t fold_bits = 0x2020'2020'2020'2020;

constexpr std::uint64_t mask_of(std::size_t length) {
  return length >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * length)) - 1;
}

constexpr std::uint64_t key_by_bytes(std::string_view name) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(name.size(), 8); ++i) {
    key |= std::uint64_t{static_cast<unsigned char>(name[i])} << (8 * i);
  }
  return key | (fold_bits & mask_of(name.size()));
}

std::uint64_t key_of(std::string_view name) {
  if constexpr (std::endian::native != std::endian::little) return key_by_bytes(name);
  // Two overlapping loads of four bytes, or single bytes, never read outside of the name.
  std::uint64_t key = 0;
  if (name.size() >= 8) {
    std::memcpy(&key, name.data(), 8);
  } else if (name.size() >= 4) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, name.data(), 4);
    std::memcpy(&high, name.data() + name.size() - 4, 4);
    key = low | (std::uint64_t{high} << (8 * (name.size() - 4)));
  } else {
    return key_by_bytes(name);
  }
  return key | (fold_bits & mask_of(name.size()));
}

std::uint64_t key_of(std::string_view name, const char* readable_end) {
  if (std::endian::native != std::endian::little || readable_end - name.data() < 8 ||
      name.size() >= 8)
    return key_of(name);
  std::uint64_t key = 0;
  std::memcpy(&key, name.data(), 8);
  const std::uint64_t mask = mask_of(name.size());
  return (key & mask) | (fold_bits & mask);
}

template <std::size_t count>
class NameTable {
 public:
  explicit consteval NameTable(const std::array<std::string_view, count>& names) : names_(names) {
    for (std::size_t i = 1; i < count; ++i) {
      const std::uint64_t key = key_by_bytes(names[i]);
      std::size_t slot = slot_of(key, names[i].size());
      while (indices_[slot] != 0) slot = (slot + 1) % slots;
      indices_[slot] = static_cast<std::uint8_t>(i);
      keys_[slot] = key;
    }
  }

  std::uint8_t find(std::string_view name) const { return find(name, key_of(name)); }

  std::uint8_t find(std::string_view name, std::uint64_t key) const {
    for (std::size_t slot = slot_of(key, name.size()); indices_[slot] != 0;
         slot = (slot + 1) % slots) {
      if (keys_[slot] != key) continue;
      const std::string_view candidate = names_[indices_[slot]];
      if (candidate.size() == name.size() &&
          (name.size() <= 8 || ascii::equals(candidate.substr(8), name.substr(8)))) {
        return indices_[slot];
      }
    }
    return 0;
  }

 private:
  static constexpr std::size_t slots = 1024;

  static constexpr std::size_t slot_of(std::uint64_t key, std::size_t length) {
    return static_cast<std::size_t>(((key + length) * 0x9E37'79B9'7F4A'7C15) >> 54);
  }

  const std::array<std::string_view, count>& names_;
  std::array<std::uint64_t, slots> keys_{};
  std::array<std::uint8_t, slots> indices_{};
};

constexpr NameTable element_table(element_names);
constexpr NameTable attribute_table(attribute_names);

constexpr std::array<bool, element_names.size()> breakouts = [] {
  std::array<bool, element_names.size()> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = std::ranges::find(breakout_names, element_names[i]) != breakout_names.end();
  }
  return table;
}();

// The tables follow the enumerations: the last of each must meet its name.
static_assert(element_names[static_cast<std::size_t>(Element::xmp)] == "xmp");
static_assert(attribute_names[static_cast<std::size_t>(Attribute::xlink_href)] == "xlink:href");
static_assert(element_names.size() < 256);

}  // namespace

Element element_from_name(std::string_view name) {
  return static_cast<Element>(element_table.find(name));
}

Element element_from_name(std::string_view name, const char* readable_end) {
  return static_cast<Element>(element_table.find(name, key_of(name, readable_end)));
}

Attribute attribute_from_name(std::string_view name) {
  return static_cast<Attribute>(attribute_table.find(name));
}

std::string_view to_string(Element element) {
  return element_names[static_cast<std::size_t>(element)];
}

std::string_view to_string(Attribute attribute) {
  return attribute_names[static_cast<std::size_t>(attribute)];
}

bool breaks_out_of_foreign(Element element) {
  return breakouts[static_cast<std::size_t>(element)];
}

}  // namespace trawl::web
