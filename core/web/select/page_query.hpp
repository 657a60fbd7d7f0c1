#pragma once
// PageQuery: what is asked of pages, such as the price on each; PageTree: a page that can be asked.

#include "core/base/result.hpp"
#include "core/web/select/css_selector.hpp"
#include "core/web/select/tree_elements.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct _xmlDoc;
struct _xmlXPathCompExpr;

namespace trawl::web {

// Constant after construction; asked by one thread at a time.
class PageQuery {
 public:
  // Errc::usage: what is wrong with the expression.
  static Result<PageQuery> css(std::string_view selector);      // as css_selector.hpp has them
  static Result<PageQuery> xpath(std::string_view expression);  // XPath 1.0, without namespaces

 private:
  friend class PageTree;
  struct Free {
    void operator()(_xmlXPathCompExpr* expression) const;
  };
  using XPath = std::unique_ptr<_xmlXPathCompExpr, Free>;
  using Selectors = std::vector<css::Selector>;
  explicit PageQuery(std::variant<XPath, Selectors> what) : what_(std::move(what)) {}

  std::variant<XPath, Selectors> what_;
};

// A page of HTML as libxml2 reads it: elements of HTML 5 are known by their names alone, and what
// is nested deeper than 256 is left out. Takes ten times
// the page's bytes, and seventy times those of a page of nothing but tags.
class PageTree {
 public:
  static constexpr std::size_t values_max = 100'000;
  static constexpr std::size_t value_bytes_max = 4 * 1024 * 1024;  // of one answer

  static constexpr std::size_t attributes_max = 1'000;  // of one element

  // html: UTF-8. False for a page that libxml2 takes too long to read: the time for an element
  // grows with the square of the number of its attributes.
  static bool is_within_bounds(std::string_view html);

  // html: UTF-8, of at most 2 GiB.
  explicit PageTree(std::string_view html);

  // In document order: of an element its text, with single spaces; of an attribute or a text the
  // same; of a number, a truth or a text that is not empty that. Errc::limit_exceeded when there is
  // more than the bounds above, or when libxml2 counts too many steps of an XPath expression. That
  // is no bound on its time: libxml2 counts neither the joining of node sets nor what its functions
  // do with a text. The time of a selector grows with the page's length and its own alone.
  using Values = std::vector<std::string>;
  Result<Values> ask(const PageQuery& query) const;

 private:
  struct Free {
    void operator()(_xmlDoc* tree) const;
  };
  Result<Values> select(const PageQuery::Selectors& selectors) const;
  Result<Values> evaluate(const PageQuery::XPath& expression) const;

  std::unique_ptr<_xmlDoc, Free> tree_;
  mutable std::optional<TreeElements> elements_;  // made for the first selector
};

}  // namespace trawl::web
