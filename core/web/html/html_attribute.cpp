// One rule for the base, or a checker of links would resolve them other than the crawl did.
#include "core/web/html/html_attribute.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/html/html_entities.hpp"

#include <utility>

namespace trawl::web {

std::optional<std::string> attribute_value(const HtmlToken& start_tag, std::string_view name) {
  for (const HtmlAttribute& attribute : start_tag.attributes) {
    if (!ascii::equals(attribute.name, name)) continue;
    std::string decoded;
    append_decoded(decoded, attribute.value, ReferencePlace::attribute);
    return decoded;
  }
  return std::nullopt;
}

std::optional<Url> base_element_url(std::string_view href, const Url& document) {
  Result<Url> url = Url::parse(href, &document);
  if (!url || url->scheme() == "data" || url->scheme() == "javascript") return {};
  if (url->href().size() > limits::base_bytes_max) return {};
  return std::move(*url);
}

}  // namespace trawl::web
