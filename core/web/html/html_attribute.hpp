#pragma once
// Attributes of a start tag as readers beside PageReader want them.

#include "core/web/html/html_tokenizer.hpp"
#include "core/web/url/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

// References decoded. Of an attribute that is there twice the first counts (HTML standard,
// 13.2.5.33). name: lower-case.
std::optional<std::string> attribute_value(const HtmlToken& start_tag, std::string_view name);

// The base that a <base href> gives (HTML standard, section 2.4.3); nothing where it is no URL, one
// that could not be a base, or longer than limits::base_bytes_max.
std::optional<Url> base_element_url(std::string_view href, const Url& document);

}  // namespace trawl::web
