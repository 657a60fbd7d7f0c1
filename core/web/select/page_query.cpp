// libxml2 tells what is wrong through callbacks, and some of it on standard error, unless it is
// held silent. The tree of a page is some ten times as large as its text, and an expression may
// visit it over and over: what bounds that are the steps that libxml2 counts, so the same page
// always has the same answer.
#include "core/web/select/page_query.hpp"

#include "core/web/ascii.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/select/css_match.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <utility>

namespace trawl::web {
namespace {

constexpr unsigned long steps_max = 50'000'000;
constexpr std::size_t expression_bytes_max = 8192;

struct FreeContext {
  void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
};
struct FreeObject {
  void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
};
struct FreeText {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using Context = std::unique_ptr<xmlXPathContext, FreeContext>;
using Text = std::unique_ptr<xmlChar, FreeText>;

// What libxml2 said first of an expression. It has no words for it that reach its caller.
struct Complaint {
  int kind = XPATH_EXPRESSION_OK;
  int at = 0;  // of the expression's bytes
};

void keep_complaint(void* where, xmlError* error) {
  auto& complaint = *static_cast<Complaint*>(where);
  if (complaint.kind != XPATH_EXPRESSION_OK || error == nullptr) return;
  complaint.kind = error->code - XML_XPATH_EXPRESSION_OK;
  complaint.at = error->int1;
}

// Some of it goes to standard error otherwise.
void say_nothing(void*, const char*, ...) {}

std::string_view words_of(int kind) {
  switch (kind) {
    case XPATH_UNFINISHED_LITERAL_ERROR:
    case XPATH_START_LITERAL_ERROR:
      return "a text in quotes has no end";
    case XPATH_UNCLOSED_ERROR:
      return "something that was opened is not closed";
    case XPATH_UNDEF_VARIABLE_ERROR:
    case XPATH_VARIABLE_REF_ERROR:
      return "there are no variables";
    case XPATH_UNKNOWN_FUNC_ERROR:
      return "XPath 1.0 has no such function";
    case XPATH_UNDEF_PREFIX_ERROR:
      return "there are no prefixes of namespaces";
    case XPATH_INVALID_ARITY:
      return "a function has too many arguments, or too few";
    case XPATH_INVALID_TYPE:
      return "a function or an operator can't take such a value";
    case XPATH_INVALID_PREDICATE_ERROR:
      return "a condition in brackets is not right";
    default:
      return "this is no expression of XPath 1.0";
  }
}

// complaint must outlive the context.
Context context_of(xmlDoc* tree, Complaint& complaint) {
  Context context{xmlXPathNewContext(tree)};
  if (!context) throw std::bad_alloc{};
  context->userData = &complaint;
  context->error = keep_complaint;
  xmlSetGenericErrorFunc(nullptr, say_nothing);  // of this thread
  context->opLimit = steps_max;
  return context;
}

Error error_of(const Complaint& complaint) {
  if (complaint.kind == XPATH_OP_LIMIT_EXCEEDED || complaint.kind == XPATH_RECURSION_LIMIT_EXCEEDED)
    return Error{Errc::limit_exceeded, "the expression takes too many steps on this page"};
  const std::string where =
      complaint.at > 0 ? fmt::format("at character {}: ", complaint.at + 1) : std::string{};
  return Error{Errc::usage, fmt::format("{}{}", where, words_of(complaint.kind))};
}

bool is_name_character(char c) {
  return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.' || c == ':' || (c & 0x80) != 0;
}

// What looks like the call of a function and is none.
bool is_word(std::string_view name) {
  constexpr std::array words{"and",  "or",   "div",     "mod",
                             "node", "text", "comment", "processing-instruction"};
  return std::ranges::count(words, name) > 0;
}

// What is missed only where it is reached: in a condition perhaps on no page but the last.
std::optional<Error> unknown_in(std::string_view expression, xmlXPathContext* context) {
  for (std::size_t at = 0; at < expression.size(); ++at) {
    const char c = expression[at];
    if (c == '"' || c == '\'') at = std::min(expression.find(c, at + 1), expression.size());
    if (c == '$') return error_of({.kind = XPATH_UNDEF_VARIABLE_ERROR, .at = int(at)});
    const std::size_t begin = at;
    while (at < expression.size() && is_name_character(expression[at])) ++at;
    std::string_view name = expression.substr(begin, at - begin);
    if (name.empty()) continue;
    const auto next = expression.find_first_not_of(" \t\r\n", at--);
    if (const auto axis = name.rfind("::"); axis != name.npos) name.remove_prefix(axis + 2);
    if (next == expression.npos || expression[next] != '(' || is_word(name)) continue;
    const std::string function{name};
    if (xmlXPathFunctionLookup(context, reinterpret_cast<const xmlChar*>(function.c_str())) ==
        nullptr)
      return error_of({.kind = XPATH_UNKNOWN_FUNC_ERROR, .at = int(begin)});
  }
  return std::nullopt;
}

std::string collapsed(std::string_view text) {
  std::string out;
  for (std::string_view word = ascii::next_token(text); !word.empty();
       word = ascii::next_token(text)) {
    if (!out.empty()) out += ' ';
    utf8::append_repaired(out, word);
  }
  return out;
}

std::string_view view(const Text& text) {
  return text ? std::string_view{reinterpret_cast<const char*>(text.get())} : std::string_view{};
}

class BoundedValues {
 public:
  void add(std::string_view text) {
    bytes_ += text.size();
    ++count_;
    if (!is_over()) values_.push_back(collapsed(text));
  }
  bool is_over() const {
    return count_ > PageTree::values_max || bytes_ > PageTree::value_bytes_max;
  }
  Result<PageTree::Values> take() && {
    if (!is_over()) return std::move(values_);
    return fail(Errc::limit_exceeded,
                fmt::format("the expression finds more than {} values or {} bytes",
                            PageTree::values_max, PageTree::value_bytes_max));
  }

 private:
  PageTree::Values values_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

// The elements that a list of selectors leads to, by what is taken of them; empty: none.
struct Found {
  css::ElementSet elements, texts;
  std::map<std::string, css::ElementSet, std::less<>> attributes;  // by name
};

void add(css::ElementSet& to, css::ElementSet&& set) {
  if (to.empty()) {
    to = std::move(set);
  } else {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || set[i];
  }
}

Found find(const std::vector<css::Selector>& selectors, const TreeElements& page) {
  Found all;
  for (const css::Selector& each : selectors) {
    const bool element = each.part == css::Part::element, texts = each.part == css::Part::texts;
    add(element ? all.elements
        : texts ? all.texts
                : all.attributes[each.attribute],
        css::find(each.path, page));
  }
  return all;
}

bool is_in(const css::ElementSet& set, std::uint32_t element) {
  return !set.empty() && set[element];
}

void add_attributes(BoundedValues& values, const xmlNode& element, std::uint32_t index,
                    const Found& all) {
  const auto is_wanted = [&](const auto& wanted) { return is_in(wanted.second, index); };
  if (!std::ranges::any_of(all.attributes, is_wanted)) return;
  for (const xmlAttr* each = element.properties; each != nullptr; each = each->next)
    for (const auto& [name, set] : all.attributes)
      if (is_in(set, index) && has_name(*each, name)) values.add(value_of(*each));
}

// The tree's own text ends at the first NUL.
std::string without_nul(std::string_view html) {
  std::string text;
  text.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t end = std::min(html.find('\0', at), html.size());
    text += html.substr(at, end - at);
    if (end < html.size()) text += utf8::replacement;
    at = end + 1;
  }
  return text;
}

xmlDoc* read_tree(std::string_view html) {
  constexpr int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                          HTML_PARSE_NONET | HTML_PARSE_COMPACT;
  if (html.contains('\0')) return read_tree(without_nul(html));
  xmlDoc* tree =
      htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, "UTF-8", options);
  return tree != nullptr ? tree : htmlNewDocNoDtD(nullptr, nullptr);  // of nothing
}

}  // namespace

void PageQuery::Free::operator()(_xmlXPathCompExpr* expression) const {
  xmlXPathFreeCompExpr(expression);
}

void PageTree::Free::operator()(_xmlDoc* tree) const {
  xmlFreeDoc(tree);
}

Result<PageQuery> PageQuery::css(std::string_view selector) {
  auto selectors = css::parse_selectors(selector);
  if (!selectors) return std::unexpected(selectors.error());
  return PageQuery{std::move(*selectors)};
}

Result<PageQuery> PageQuery::xpath(std::string_view expression) {
  if (expression.size() > expression_bytes_max)
    return fail(Errc::usage,
                fmt::format("the expression is longer than {} bytes", expression_bytes_max));
  if (!utf8::is_valid(expression) || expression.contains('\0'))
    return fail(Errc::usage, "there are bytes in it that are no text in UTF-8");
  Complaint complaint;
  const Context context = context_of(nullptr, complaint);
  const std::string text{expression};
  XPath compiled{
      xmlXPathCtxtCompile(context.get(), reinterpret_cast<const xmlChar*>(text.c_str()))};
  if (!compiled) return std::unexpected(error_of(complaint));
  if (auto error = unknown_in(text, context.get())) return std::unexpected(std::move(*error));
  PageQuery query{std::move(compiled)};
  const PageTree nothing{"<!DOCTYPE html><title>.</title><p>."};
  if (const auto tried = nothing.ask(query); !tried) return std::unexpected(tried.error());
  return query;
}

// As libxml2, which knows no raw text but these two. Where it takes a comment's or a script's end
// for another, it may still see an element that isn't among the tokens.
bool PageTree::is_within_bounds(std::string_view html) {
  HtmlTokenizer tokens{html};
  for (;;) {
    const HtmlToken& token = tokens.next_tag();
    if (token.kind == HtmlTokenKind::end_of_page) return true;
    if (token.attributes.size() > attributes_max) return false;
    if (token.kind != HtmlTokenKind::start_tag) continue;
    if (token.element == Element::script) tokens.set_text_mode(HtmlTextMode::script, token.text);
    if (token.element == Element::style) tokens.set_text_mode(HtmlTextMode::rawtext, token.text);
  }
}

PageTree::PageTree(std::string_view html) : tree_(read_tree(html)) {}

Result<PageTree::Values> PageTree::ask(const PageQuery& query) const {
  if (!tree_) throw std::bad_alloc{};
  if (const auto* selectors = std::get_if<PageQuery::Selectors>(&query.what_))
    return select(*selectors);
  return evaluate(std::get<PageQuery::XPath>(query.what_));
}

Result<PageTree::Values> PageTree::select(const PageQuery::Selectors& selectors) const {
  if (!elements_) elements_.emplace(tree_.get());
  const Found all = find(selectors, *elements_);
  const auto& row = elements_->all();
  BoundedValues values;
  std::uint32_t next = 0;
  std::uint32_t inside = TreeElements::none;  // the element that the node is a child of
  for (xmlNode* node = tree_->children; node && !values.is_over(); node = next_in_document(node)) {
    while (inside != TreeElements::none && row[inside].node != node->parent)
      inside = row[inside].parent;
    if (node->type == XML_ELEMENT_NODE) {
      inside = next++;
      if (is_in(all.elements, inside)) values.add(elements_->text_of(row[inside]));
      add_attributes(values, *node, inside, all);
    } else if (inside != TreeElements::none && is_text(*node) && is_in(all.texts, inside)) {
      values.add(content_of(*node));
    }
  }
  return std::move(values).take();
}

Result<PageTree::Values> PageTree::evaluate(const PageQuery::XPath& expression) const {
  Complaint complaint;
  const Context context = context_of(tree_.get(), complaint);
  context->node = xmlDocGetRootElement(tree_.get());
  const std::unique_ptr<xmlXPathObject, FreeObject> found{
      xmlXPathCompiledEval(expression.get(), context.get())};
  if (!found) return std::unexpected(error_of(complaint));
  BoundedValues values;
  if (found->type != XPATH_NODESET) {
    const Text text{xmlXPathCastToString(found.get())};
    if (!collapsed(view(text)).empty()) values.add(view(text));
    return std::move(values).take();
  }
  xmlNodeSet* nodes = found->nodesetval;
  if (nodes == nullptr) return Values{};
  xmlXPathNodeSetSort(nodes);
  for (int i = 0; i < nodes->nodeNr && !values.is_over(); ++i)
    values.add(view(Text{xmlXPathCastNodeToString(nodes->nodeTab[i])}));
  return std::move(values).take();
}

}  // namespace trawl::web
