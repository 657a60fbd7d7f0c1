// Any header gives http links, and every target is a part of the value.

#include "core/base/limits.hpp"
#include "core/web/links/link_header.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  static const Url page = *Url::parse("http://host.example/folder/page?query");
  const std::string value(reinterpret_cast<const char*>(data), size);
  const std::less_equal<> order;
  for (const LinkValue& link : parse_link_header(value)) {
    if (!order(value.data(), link.target.data()) ||
        !order(link.target.data() + link.target.size(), value.data() + value.size()))
      std::abort();
  }
  const std::vector<std::pair<std::string, std::string>> fields{{"link", value},
                                                                {"Refresh", value}};
  const auto links = header_links(fields, page);
  if (links.size() > trawl::limits::links_per_page_max) std::abort();
  for (const Link& link : links) {
    if (!link.url.starts_with("http")) std::abort();
  }
  return 0;
}
