#pragma once
// The links of a page as a metadata record lists them, in the form that Heritrix gave it:
// "outlink: URL HOP CONTEXT", with the hop L (followed by hand), E (needed to show the page) or R
// (redirect), and as context the element and attribute the link stands in.

#include "core/web/links/links.hpp"

#include <string>
#include <vector>

namespace trawl::storage {

// Lines of application/warc-fields, each once, in document order; empty without links.
std::string outlink_fields(const std::vector<web::Link>& links);

}  // namespace trawl::storage
