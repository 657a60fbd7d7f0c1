#pragma once
// What the names of elements say of the text in them: which part of the page it stands in, where
// its lines end, and which tags end an element that nobody closed. For page_text.cpp.

#include "core/web/html/html_tokenizer.hpp"

#include <cstdint>
#include <string_view>

namespace trawl::web {

// Which parts of the page an element is in.
enum PagePart : std::uint8_t {
  hidden = 1,
  around = 2,  // navigation, headers and footers
  in_main = 4,
  in_article = 8,
  in_section = 16,
  preserved = 32,
};

// Of the element itself, by its name, its role and what hides it. outer: of what it is in.
std::uint8_t page_parts_of(const HtmlToken& start_tag, std::uint8_t outer);

// Whether it stands on lines of its own, or is a part of a table; and the line ends that it wants
// before and after it, at least.
bool is_block(std::string_view name);
int block_lines(std::string_view name);

// Elements without an end tag.
bool is_void(const HtmlToken& start_tag);
// 1 to 6; 0: it is none.
int heading_level(std::string_view name);

// Whether a start tag ends the element that is open, when its own end tag was left out (HTML
// standard, 13.1.2.4).
bool ends_open(std::string_view open, std::string_view tag);
// What of the blocks that are open an end tag doesn't reach beyond (HTML standard, 13.2.4.2 and
// 13.2.6.4.7).
enum class TagReach : std::uint8_t { blocks, cells, tables };
TagReach reach_of(std::string_view end_tag);
bool is_boundary(std::string_view open_block, TagReach reach);

}  // namespace trawl::web
