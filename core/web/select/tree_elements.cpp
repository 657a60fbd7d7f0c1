// One walk over the tree makes the row; trees are walked without recursion, as nobody promises how
// deep they are.
#include "core/web/select/tree_elements.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <libxml/tree.h>

#include <algorithm>
#include <utility>

namespace trawl::web {
namespace {

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

}  // namespace

xmlNode* next_in_document(xmlNode* node) {
  if (node->type == XML_ELEMENT_NODE && node->children != nullptr) return node->children;
  while (node != nullptr && node->next == nullptr)
    node =
        node->parent != nullptr && node->parent->type == XML_ELEMENT_NODE ? node->parent : nullptr;
  return node == nullptr ? nullptr : node->next;
}

bool is_text(const xmlNode& node) {
  return node.type == XML_TEXT_NODE || node.type == XML_CDATA_SECTION_NODE;
}

std::string_view content_of(const xmlNode& text) {
  return view(text.content);
}

bool has_name(const xmlNode& element, std::string_view name) {
  return view(element.name) == name;
}

bool has_name(const xmlAttr& attribute, std::string_view name) {
  return view(attribute.name) == name;
}

std::string_view value_of(const xmlAttr& attribute) {
  return attribute.children == nullptr ? std::string_view{} : view(attribute.children->content);
}

std::optional<std::string_view> attribute_of(const xmlNode& element, std::string_view name) {
  for (const xmlAttr* each = element.properties; each != nullptr; each = each->next)
    if (has_name(*each, name)) return value_of(*each);
  return std::nullopt;
}

TreeElements::TreeElements(xmlDoc* tree) {
  if (tree == nullptr) return;
  // The last child so far of each element that is open; the first is the page's own.
  struct Open {
    std::uint32_t element = none;
    std::uint32_t last_child = none;
  };
  std::vector<Open> open(1);
  const auto close_up_to_parent_of = [&](const xmlNode& node) {
    while (open.size() > 1 && all_[open.back().element].node != node.parent) {
      all_[open.back().element].text_end = static_cast<std::uint32_t>(text_.size());
      open.pop_back();
    }
  };
  for (xmlNode* node = tree->children; node != nullptr; node = next_in_document(node)) {
    close_up_to_parent_of(*node);
    if (is_text(*node)) text_ += content_of(*node);
    if (node->type != XML_ELEMENT_NODE) continue;
    const auto index = static_cast<std::uint32_t>(all_.size());
    all_.push_back({.node = node,
                    .parent = open.back().element,
                    .previous = std::exchange(open.back().last_child, index),
                    .text_begin = static_cast<std::uint32_t>(text_.size())});
    open.push_back({.element = index});
  }
  for (const Open& each : open)
    if (each.element != none)
      all_[each.element].text_end = static_cast<std::uint32_t>(text_.size());
}

const TreeElements::Places& TreeElements::places(bool from_end, bool of_type) const {
  auto& known = places_[(from_end ? 2 : 0) + (of_type ? 1 : 0)];
  if (!known) known = count(from_end, of_type);
  return *known;
}

TreeElements::Places TreeElements::count(bool from_end, bool of_type) const {
  Places places(all_.size());
  boost::unordered_flat_map<std::pair<std::uint32_t, std::string_view>, std::uint32_t> counts;
  const auto note = [&](std::size_t i) {
    const Element& element = all_[i];
    const std::string_view name = of_type ? view(element.node->name) : std::string_view{};
    places[i] = ++counts[{element.parent, name}];
  };
  for (std::size_t i = 0; i < all_.size(); ++i) note(from_end ? all_.size() - 1 - i : i);
  return places;
}

}  // namespace trawl::web
