// Bodies that are coded wrongly, or rightly and far too well.
#include "service/demo/hostile_parts.hpp"
#include "service/demo/packed.hpp"

#include <fmt/format.h>

#include <functional>

namespace trawl::service::demo {
namespace {

constexpr std::size_t bomb_megabytes = 32;

constexpr Expected at_the_bound{.note = "max_body", .truncated = true};
constexpr Expected undecoded{.error = "decode"};

std::string coded(std::string_view coding, std::string_view body,
                  std::string_view status = "200 OK", std::string_view lines = {}) {
  return whole(fmt::format("Content-Encoding: {}\r\n{}", coding, lines), body, status);
}

std::string spaces() {
  return std::string(1 << 20, ' ');
}

const std::string& gzip_bomb() {
  static const std::string bomb = gzipped(spaces(), bomb_megabytes);
  return bomb;
}

// A bomb takes a tenth of a second to pack: who asks for none waits for none.
template <class Pack>
std::function<Script(const ScriptRequest&)> packed_when_asked(Pack pack) {
  return [pack](const ScriptRequest&) -> Script { return {send(pack())}; };
}

void add_bombs(Behaviours& all) {
  const std::string what = fmt::format("packs {} MB of spaces with ", bomb_megabytes);
  static const std::string sentences[] = {what + "gzip", what + "deflate", what + "brotli",
                                          what + "zstd"};
  all.push_back({"gzip_bomb", 17, sentences[0], at_the_bound,
                 packed_when_asked([] { return coded("gzip", gzip_bomb()); })});
  all.push_back({"deflate_bomb", 17, sentences[1], at_the_bound, packed_when_asked([] {
                   return coded("deflate", deflated(spaces(), bomb_megabytes));
                 })});
  all.push_back({"br_bomb", 17, sentences[2], at_the_bound, packed_when_asked([] {
                   return coded("br", brotlied(spaces(), bomb_megabytes));
                 })});
  all.push_back({"zstd_bomb", 17, sentences[3], at_the_bound, packed_when_asked([] {
                   return coded("zstd", zstded(spaces(), bomb_megabytes));
                 })});
  all.push_back({"bomb_in_bomb", 17, "packs a bomb twice", at_the_bound,
                 packed_when_asked([] { return coded("gzip, gzip", gzipped(gzip_bomb())); })});
  all.push_back({"redirect_with_bomb", 18, "puts a bomb behind a redirect", at_the_bound,
                 packed_when_asked([] {
                   return coded("gzip", gzip_bomb(), "302 Found", "Location: /good-1\r\n");
                 })});
  all.push_back({"missing_with_bomb", 18, "puts a bomb behind a 404", at_the_bound,
                 packed_when_asked([] { return coded("gzip", gzip_bomb(), "404 Not Found"); })});
}

void add_damaged_codings(Behaviours& all) {
  const std::string packed = gzipped(page("packed") + std::string(5000, 'x'));
  std::string bad_sum = packed;
  bad_sum[bad_sum.size() - 6] ^= 0x55;  // of the CRC
  all.push_back({"gzip_cut",
                 19,
                 "sends half of a gzip body as if it were all",
                 {.error = "body_truncated", .truncated = true},
                 steps({send(coded("gzip", packed.substr(0, packed.size() / 2)))})});
  all.push_back({"gzip_bad_crc", 20, "sends gzip with a wrong checksum", undecoded,
                 steps({send(coded("gzip", bad_sum))})});
  all.push_back({"gzip_garbage", 20, "calls plain text gzip", undecoded,
                 steps({send(coded("gzip", page("not packed")))})});
  all.push_back({"gzip_trailing",
                 21,
                 "sends bytes behind the end of a gzip body",
                 {.note = "trailing_data"},
                 steps({send(coded("gzip", packed + "garbage garbage"))})});
  all.push_back({"gzip_two_members",
                 21,
                 "sends gzip in two members",
                 {},
                 steps({send(coded("gzip", packed + gzipped(page("more"))))})});
  all.push_back({"six_codings", 22, "names six codings", undecoded,
                 steps({send(coded("gzip, gzip, gzip, gzip, gzip, gzip", packed))})});
  all.push_back({"unknown_coding", 22, "names a coding that is none", undecoded,
                 steps({send(coded("x-foo", page("foo")))})});
}

}  // namespace

void add_codings(Behaviours& all) {
  add_bombs(all);
  add_damaged_codings(all);
}

}  // namespace trawl::service::demo
