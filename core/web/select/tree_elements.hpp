#pragma once
// The elements of a page's tree, as a row that can be gone through without following pointers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _xmlAttr;
struct _xmlDoc;
struct _xmlNode;

namespace trawl::web {

class TreeElements {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  struct Element {
    _xmlNode* node = nullptr;
    std::uint32_t parent = none;    // in this row
    std::uint32_t previous = none;  // the sibling before it
    std::uint32_t text_begin = 0;   // of text(): what is in the element
    std::uint32_t text_end = 0;
  };

  // The tree must outlive it.
  explicit TreeElements(_xmlDoc* tree);

  // In document order: an element comes before what is in it.
  const std::vector<Element>& all() const { return all_; }
  // All text nodes of the page, one behind the other.
  std::string_view text() const { return text_; }
  std::string_view text_of(const Element& element) const {
    return text().substr(element.text_begin, element.text_end - element.text_begin);
  }

  // Of each element, among its siblings, from 1. of_type: among those of its name.
  using Places = std::vector<std::uint32_t>;
  const Places& places(bool from_end, bool of_type) const;

 private:
  Places count(bool from_end, bool of_type) const;

  std::vector<Element> all_;
  std::string text_;
  mutable std::array<std::optional<Places>, 4> places_;
};

// As it is in the tree, in lower case.
bool has_name(const _xmlNode& element, std::string_view name);
bool has_name(const _xmlAttr& attribute, std::string_view name);
// Nothing where there is no such attribute.
std::optional<std::string_view> attribute_of(const _xmlNode& element, std::string_view name);

std::string_view value_of(const _xmlAttr& attribute);

// The node behind this one in document order; null behind the last.
_xmlNode* next_in_document(_xmlNode* node);

bool is_text(const _xmlNode& node);
std::string_view content_of(const _xmlNode& text);

}  // namespace trawl::web
