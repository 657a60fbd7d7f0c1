#pragma once
// PageQuery: what is asked of pages, such as the price on each; PageTree: a page that can be asked.

#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>
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
  explicit PageQuery(_xmlXPathCompExpr* expression) : expression_(expression) {}

  std::unique_ptr<_xmlXPathCompExpr, Free> expression_;
};

// A page of HTML as libxml2 reads it: elements of HTML 5 are known by their names alone, and what
// is nested deeper than 256 is left out. Takes some ten times the page's bytes.
class PageTree {
 public:
  static constexpr std::size_t values_max = 100'000;
  static constexpr std::size_t value_bytes_max = 4 * 1024 * 1024;  // of one answer

  // html: UTF-8, of at most 2 GiB.
  explicit PageTree(std::string_view html);

  // In document order: of an element its text, with single spaces; of an attribute or a text the
  // same; of a number, a truth or a text that is not empty that. Errc::limit_exceeded when nodes
  // have more than the bounds above, or when libxml2 counts too many steps. That is no bound on the
  // time: it counts neither the joining of node sets nor what its functions do with a text.
  Result<std::vector<std::string>> ask(const PageQuery& query) const;

 private:
  struct Free {
    void operator()(_xmlDoc* tree) const;
  };
  std::unique_ptr<_xmlDoc, Free> tree_;
};

}  // namespace trawl::web
