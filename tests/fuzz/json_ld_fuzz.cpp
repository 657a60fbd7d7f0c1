// Any text is tried as JSON-LD, and in a page: addresses are bounded, and cutting the JSON changes
// nothing.

#include "core/base/limits.hpp"
#include "core/web/links/json_ld.hpp"
#include "core/web/xml/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace trawl::web;

class Depth : public JsonHandler {
 public:
  void on_open(bool) override { ++events, ++depth; }
  void on_close() override {
    if (depth-- == 0) std::abort();
  }
  void on_key(std::string_view name) override { check(name); }
  void on_string(std::string_view text) override { check(text); }
  void on_other() override { ++events; }

  std::size_t depth = 0;
  std::size_t events = 0;

 private:
  void check(std::string_view text) {
    ++events;
    if (text.size() > JsonReader::string_bytes_max || depth > JsonReader::depth_max) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Url base = *Url::parse("http://host.example/folder/page");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Depth whole, cut;
  JsonReader whole_reader(whole), cut_reader(cut);
  const bool good = whole_reader.feed(text) && whole_reader.finish();
  for (std::size_t at = 0; at < size; at += 3) cut_reader.feed(text.substr(at, 3));
  if (cut_reader.finish() != good) std::abort();
  if (good && (whole.depth != 0 || whole.events != cut.events)) std::abort();
  if (!good && !json_ld_urls(text).empty()) std::abort();
  if (json_ld_urls(text).size() > trawl::limits::links_per_page_max) std::abort();
  const std::string page =
      "<script type=application/ld+json>" + std::string(text) + "</script><a href=x>";
  for (const Link& link : extract_links(page, base).links)
    if (!link.url.starts_with("http")) std::abort();
  return 0;
}
