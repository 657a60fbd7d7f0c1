// A page in pieces has the links of the whole, wherever it is cut, and a query of any charset is a
// query.

#include "core/web/charset/query_encoding.hpp"
#include "core/web/links/page_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace trawl::web;

const Url base = *Url::parse("http://host.example/folder/page?query");

PageLinks in_pieces(std::string_view html, std::size_t size) {
  PageReader reader("trawl");
  std::string waiting;
  for (std::size_t at = 0; at < html.size(); at += size) {
    waiting.append(html.substr(at, size));
    const std::string piece = waiting;  // a kept view into it is found by the sanitizer
    waiting.erase(0, reader.read(piece, false));
  }
  reader.read(waiting, true);
  return resolve_links(reader, base, "UTF-8");
}

void check_queries(std::string_view url) {
  static constexpr auto charsets =
      std::to_array<std::string_view>({"windows-1252", "Shift_JIS", "ISO-2022-JP", "GBK", "Big5",
                                       "EUC-KR", "EUC-JP", "gb18030", "x-user-defined"});
  for (const std::string_view charset : charsets) {
    QueryEncoder encoder(charset);
    const std::string_view got = encoder.encode(url);
    if (got.substr(0, got.find_first_of("?#")) != url.substr(0, url.find_first_of("?#")))
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view html(reinterpret_cast<const char*>(data + 1), size - 1);
  if (html.size() <= 4096) {  // cut into pieces it is read many times
    const PageLinks whole = extract_links(html, base, "trawl");
    const PageLinks cut = in_pieces(html, 1 + data[0]);
    if (whole.title != cut.title || whole.base_url != cut.base_url) std::abort();
    if (!(whole.robots == cut.robots) || whole.links.size() != cut.links.size()) std::abort();
    for (std::size_t i = 0; i < whole.links.size(); ++i)
      if (whole.links[i].url != cut.links[i].url || whole.links[i].rel != cut.links[i].rel ||
          whole.links[i].kind != cut.links[i].kind)
        std::abort();
  }
  check_queries(html);
  return 0;
}
