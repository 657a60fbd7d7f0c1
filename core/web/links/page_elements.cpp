// What each element says about links. Only elements that may carry some come here.
#include "core/web/ascii.hpp"
#include "core/web/html/srcset.hpp"
#include "core/web/links/json_ld.hpp"
#include "core/web/links/link_relations.hpp"
#include "core/web/links/page_reader.hpp"

namespace trawl::web {
namespace {

bool is_css_type(std::string_view type) {
  return type.empty() || ascii::equals(ascii::trim(type), "text/css");
}

}  // namespace

void PageReader::on_html_element(Element element) {
  switch (element) {
    case Element::a:
    case Element::area:
      on_anchor(element);
      break;
    case Element::base:
      if (!base_href_) base_href_ = value_of(Attribute::href);
      break;
    case Element::link:
      on_link();
      break;
    case Element::meta:
      on_meta();
      break;
    case Element::script:
      json_ld_ = is_json_ld(value_of(Attribute::type).value_or(""));
      add(element, Attribute::src, LinkKind::script);
      break;
    case Element::iframe:
    case Element::frame:
      add(element, Attribute::src, LinkKind::page);
      break;
    case Element::style:
      if (!is_css_type(value_of(Attribute::type).value_or(""))) text_owner_ = Element::unknown;
      break;
    case Element::form:
      add(element, Attribute::action, LinkKind::other);
      break;
    case Element::button:
      add(element, Attribute::formaction, LinkKind::other);
      break;
    case Element::blockquote:
    case Element::q:
    case Element::ins:
    case Element::del:
      add(element, Attribute::cite, LinkKind::other);
      break;
    case Element::body:
    case Element::table:
    case Element::tbody:
    case Element::td:
    case Element::tfoot:
    case Element::th:
    case Element::thead:
    case Element::tr:
      add(element, Attribute::background, LinkKind::embed);
      break;
    case Element::html:
      add(element, Attribute::manifest, LinkKind::other);
      break;
    default:
      on_image(element);
  }
}

// Everything that is shown or played inside the page.
void PageReader::on_image(Element element) {
  switch (element) {
    case Element::img:
    case Element::source:
      add(element, Attribute::src, LinkKind::embed);
      add_srcset(element, Attribute::srcset);
      break;
    case Element::input:
      add(element, Attribute::src, LinkKind::embed);
      add(element, Attribute::formaction, LinkKind::other);
      break;
    case Element::video:
      add(element, Attribute::poster, LinkKind::embed);
      add(element, Attribute::src, LinkKind::embed);
      break;
    case Element::audio:
    case Element::bgsound:
    case Element::embed:
    case Element::track:
      add(element, Attribute::src, LinkKind::embed);
      break;
    case Element::object:
      add(element, Attribute::data, LinkKind::embed);
      break;
    default:
      break;
  }
}

void PageReader::on_foreign_element(Element element, HtmlNamespace space) {
  LinkKind kind = LinkKind::embed;
  if (element == Element::a || space == HtmlNamespace::math) {
    kind = LinkKind::page;
  } else if (element == Element::script) {
    kind = LinkKind::script;
  }
  add(element, Attribute::href, kind);
  add(element, Attribute::xlink_href, kind);
}

void PageReader::on_anchor(Element element) {
  const auto href = value_of(Attribute::href);
  if (!href) return;
  LinkCandidate link{
      .url = *href, .kind = LinkKind::page, .element = element, .attribute = Attribute::href};
  if (const auto rel = value_of(Attribute::rel)) {
    link.rel = *rel;
    link.nofollow = says_nofollow(*rel);
  }
  add_url(link);  // an empty href is a link to the page itself
}

void PageReader::on_link() {
  const std::string_view rel = value_of(Attribute::rel).value_or("");
  if (ascii::trim(rel).empty()) return;  // without a relation it links to nothing
  const LinkKind kind = link_kind(rel, value_of(Attribute::type).value_or(""));
  const std::string_view href = trim_url(value_of(Attribute::href).value_or(""));
  if (!href.empty()) {
    add_url({.url = href,
             .rel = rel,
             .kind = kind,
             .element = Element::link,
             .attribute = Attribute::href,
             .nofollow = says_nofollow(rel)});
  }
  add_srcset(Element::link, Attribute::imagesrcset);
}

void PageReader::on_meta() {
  const auto content = value_of(Attribute::content);
  if (!content) return;
  const auto equivalent = value_of(Attribute::http_equiv);
  if (equivalent && ascii::equals(*equivalent, "refresh")) {
    if (const auto url = refresh_url(*content)) {
      add_url({.url = *url,
               .kind = LinkKind::redirect,
               .element = Element::meta,
               .attribute = Attribute::content});
    }
  }
  const std::string_view name = ascii::trim(value_of(Attribute::name).value_or(""));
  const bool ours = !robots_token_.empty() && ascii::equals(name, robots_token_);
  if (!ours && !ascii::equals(name, "robots")) return;
  robots_ |= parse_robots_meta(*content);
}

}  // namespace trawl::web
