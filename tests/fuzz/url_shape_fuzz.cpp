// Shapes and dates of any URL, and words of any text: bounded, and the same for any division into
// pieces.
#include "core/base/limits.hpp"
#include "core/crawl/scope/calendar.hpp"
#include "core/crawl/scope/url_shape.hpp"
#include "core/web/html/text_words.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void read_words(std::string_view text, std::size_t piece) {
  using trawl::web::TextWords;
  TextWords whole;
  whole.feed(text);
  TextWords pieces;
  for (std::size_t at = 0; at < text.size(); at += piece) pieces.feed(text.substr(at, piece));
  expect(whole.take().words == pieces.take().words);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  read_words(text, 1U + data[0] % 64U);
  const auto url = web::Url::parse(std::string("http://h/").append(text));
  if (!url) return 0;
  const std::string shape = crawl::url_shape(*url);
  expect(shape.size() <= limits::url_shape_bytes_max && shape.starts_with('/'));
  (void)crawl::names_far_date(*url, 2026, 5);
  return 0;
}
