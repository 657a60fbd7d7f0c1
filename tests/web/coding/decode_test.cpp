#include "core/web/coding/decode.hpp"

#include "core/base/limits.hpp"
#include "tests/support/conformance_suite.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

namespace trawl::web {
namespace {

std::string sample(const std::string& name) {
  std::ifstream file(std::string(TRAWL_SOURCE_DIR "/tests/conformance/compressed/") + name,
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// window_bits: 31 gzip, 15 zlib, -15 raw.
std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(std::string_view text) {
  return deflated(text, 31);
}

struct Streamed {
  std::string body;
  std::size_t largest_piece = 0;
  bool trailing = false;
  Result<> result;
};

Streamed stream(std::string_view coding, std::string_view body, std::size_t step,
                DecodeLimits limits = {}) {
  Streamed got;
  auto decoder = Decoder::create(coding, limits);
  if (!decoder) {
    got.result = std::unexpected(decoder.error());
    return got;
  }
  const DecodeOutput output = [&](std::string_view piece) {
    got.body.append(piece);
    got.largest_piece = std::max(got.largest_piece, piece.size());
    return true;
  };
  for (; !body.empty() && got.result; body.remove_prefix(std::min(step, body.size())))
    got.result = (*decoder)->feed(body.substr(0, step), output);
  if (got.result) got.result = (*decoder)->finish(output);
  got.trailing = (*decoder)->has_trailing_data();
  return got;
}

TEST(Decode, BytesBehindTheEndAreIgnoredAndTold) {
  const std::string text = "a page that is short";
  const std::pair<const char*, std::string> bodies[] = {
      {"gzip", gzip(text)},
      {"deflate", deflated(text, 15)},
      {"deflate", deflated(text, -15)},
      {"br", sample("html-br.bin")},
      {"zstd", sample("html-zstd-streaming-no-content-size.bin")}};
  for (const auto& [coding, body] : bodies) {
    for (const std::size_t step : {1, 7, 1 << 20}) {
      const auto whole = stream(coding, body, step);
      EXPECT_TRUE(whole.result) << coding << step;
      EXPECT_FALSE(whole.trailing) << coding << step;
      for (const char* rest : {"garbage garbage", "\x1f", "\x1f\x8b", "\x1f\x8bgarbage", "x"}) {
        const auto more = stream(coding, body + rest, step);
        EXPECT_TRUE(more.result) << coding << step << rest;
        EXPECT_EQ(more.body, whole.body) << coding << step << rest;
        EXPECT_TRUE(more.trailing) << coding << step << rest;
      }
    }
  }
}

TEST(Decode, EveryCodingGivesTheSamePage) {
  // The pages differ in the name of their coding.
  const auto is_page = [](std::string_view text) {
    return text.size() > 10'000 && text.starts_with("<!DOCTYPE HTML>") &&
           text.find("<title>Tabellen nach Jack Daniels</title>") != std::string_view::npos &&
           text.substr(text.size() - 20).find("</html>") != std::string_view::npos;
  };
  support::ConformanceSuite suite{"Codings: bodies of other producers", "compressed/html-*.bin"};
  const std::pair<const char*, const char*> files[] = {
      {"deflate", "html-rawdeflate.bin"},
      {"deflate", "html-zlibdeflate.bin"},
      {"zstd", "html-zstd-static-content-size.bin"},
      {"zstd", "html-zstd-static-no-content-size.bin"},
      {"zstd", "html-zstd-streaming-no-content-size.bin"},
      {"X-Gzip", "html-gzip.bin"},
      {"gzip, deflate", "html-gzip-deflate.bin"},
      {" gzip,deflate , GZIP,identity", "html-gzip-deflate-gzip.bin"},
  };
  for (const auto& [coding, file] : files) {
    const auto decoded = decode_all(coding, sample(file), {});
    const auto bytewise = stream(coding, sample(file), 1);
    suite.expect(decoded && is_page(decoded->body) && !decoded->incomplete && !decoded->truncated &&
                     bytewise.result && bytewise.body == decoded->body,
                 file);
  }
  const auto brotli = decode_all("br", sample("html-br.bin"), {});
  suite.expect(brotli && stream("br", sample("html-br.bin"), 1).body == brotli->body &&
                   brotli->body.contains("<html"),
               "html-br.bin");
}

TEST(Decode, BombsStopAtTheLimit) {
  const std::pair<const char*, const char*> bombs[] = {{"br", "bomb-br.bin"},
                                                       {"deflate", "bomb-deflate.bin"},
                                                       {"gzip", "bomb-gzip.bin"},
                                                       {"zstd", "bomb-zstd.bin"}};
  for (const auto& [coding, file] : bombs) {
    const std::string body = sample(file);
    const auto limited = stream(coding, body, 4096, {.decoded_bytes_max = 100'000});
    ASSERT_FALSE(limited.result) << file;
    EXPECT_EQ(limited.result.error().code, Errc::limit_exceeded) << file;
    EXPECT_EQ(limited.body.size(), 100'000u) << file;
    EXPECT_LE(limited.largest_piece, 64u * 1024) << file;
    const auto whole = decode_all(coding, body, {.decoded_bytes_max = 100'000});
    ASSERT_TRUE(whole) << file;
    EXPECT_TRUE(whole->truncated);
    EXPECT_EQ(whole->body.size(), 100'000u);
    // Without a limit of the job, the ratio ends it.
    const auto free = decode_all(coding, body, {});
    ASSERT_TRUE(free) << file;
    EXPECT_LE(free->body.size(), std::max<std::size_t>(1 << 20, body.size() * 1000)) << file;
  }
}

TEST(Decode, ABombInsideABombStopsToo) {
  const std::string inner = gzip(std::string(200'000'000, 'x'));
  const std::string body = gzip(inner);
  ASSERT_LT(body.size(), 10'000u);
  const auto got = decode_all("gzip, gzip", body, {});
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->truncated);
  EXPECT_LE(got->body.size(), std::max<std::size_t>(1 << 20, body.size() * 1000));
}

TEST(Decode, TheLimitItselfIsAllowed) {
  const std::string text(5000, 'x');
  for (const auto* coding : {"gzip", ""}) {
    const std::string body = *coding ? gzip(text) : text;
    EXPECT_FALSE(decode_all(coding, body, {.decoded_bytes_max = 5000})->truncated);
    EXPECT_TRUE(decode_all(coding, body, {.decoded_bytes_max = 4999})->truncated);
    EXPECT_EQ(decode_all(coding, body, {.decoded_bytes_max = 4999})->body.size(), 4999u);
    EXPECT_EQ(decode_all(coding, body, {.decoded_bytes_max = 0})->body, "");
  }
}

TEST(Decode, SeveralGzipMembersAreOneBody) {
  const std::string body = gzip("one ") + gzip("two ") + gzip("three");
  EXPECT_EQ(decode_all("gzip", body, {})->body, "one two three");
  for (const std::size_t step : {1, 2, 3, 7}) {
    const auto got = stream("gzip", body, step);
    EXPECT_TRUE(got.result);
    EXPECT_EQ(got.body, "one two three");
  }
}

TEST(Decode, BytesAfterTheEndAreIgnored) {
  for (const std::string& tail : {std::string("\0\0\0\0", 4), std::string("junk"),
                                  std::string("\x1f"), std::string("\x1f\x8bjunk")}) {
    for (const std::size_t step : {1, 100}) {
      const auto got = stream("gzip", gzip("page") + tail, step);
      EXPECT_TRUE(got.result) << got.result.error().message();
      EXPECT_EQ(got.body, "page");
    }
    EXPECT_EQ(decode_all("deflate", deflated("page", 15) + tail, {})->body, "page");
    EXPECT_TRUE(stream("br", sample("html-br.bin") + tail, 100).result);
    EXPECT_TRUE(stream("zstd", sample("html-zstd-static-content-size.bin") + tail, 100).result);
  }
}

// Found by fuzzing: of a second zstd frame, damage in its second block was an error or taken for
// bytes after the end, by how the body came.
TEST(Decode, AZstdFrameIsKnownByItsMagicNumberHoweverItComes) {
  const std::string page = sample("html-zstd-static-content-size.bin");
  const std::string text = decode_all("zstd", page, {})->body;
  const std::string magic("\x28\xb5\x2f\xfd", 4);
  const std::string raw_block("\0\x20\x28\0\0abcde", 10);  // no checksum, 32 KiB; 5 bytes
  const std::string bad_block("\x07\0\0", 3);              // of the reserved type
  const std::string skippable("\x5f\x2a\x4d\x18\x03\0\0\0abc", 11);
  for (const std::size_t step : {1, 2, 3, 5, 7, 100'000}) {
    const auto damaged = stream("zstd", page + magic + raw_block + bad_block, step);
    ASSERT_FALSE(damaged.result) << step;
    EXPECT_EQ(damaged.result.error().code, Errc::decode) << step;
    const auto cut = stream("zstd", page + magic + raw_block, step);
    ASSERT_FALSE(cut.result) << step;
    EXPECT_EQ(cut.result.error().code, Errc::body_truncated) << step;
    EXPECT_EQ(cut.body, text + "abcde") << step;
    const auto two = stream("zstd", page + skippable + page, step);
    EXPECT_TRUE(two.result) << step;
    EXPECT_EQ(two.body, text + text) << step;
    const auto junk = stream("zstd", page + magic.substr(0, 3) + "junk", step);
    EXPECT_TRUE(junk.result) << step;
    EXPECT_EQ(junk.body, text) << step;
  }
}

// Found by fuzzing: libzstd reads formats of before RFC 8878 too, and not alike in pieces.
TEST(Decode, AZstdFrameOfAnOlderFormatIsNone) {
  const std::string old_frame("\x25\xb5\x2f\xfd\0\0\0\0\x28\xb5\x2f\xfd\0", 13);
  for (const std::size_t step : {1, 2, 100}) {
    const auto got = stream("zstd", old_frame, step);
    ASSERT_FALSE(got.result) << step;
    EXPECT_EQ(got.result.error().code, Errc::decode) << step;
    EXPECT_EQ(got.body, "") << step;
    const auto cut = stream("zstd", "\x28\xb5", step);
    ASSERT_FALSE(cut.result) << step;
    EXPECT_EQ(cut.result.error().code, Errc::body_truncated) << step;
  }
}

TEST(Decode, CutBodiesAreIncomplete) {
  const std::pair<const char*, const char*> files[] = {
      {"br", "html-br.bin"},
      {"deflate", "html-rawdeflate.bin"},
      {"gzip", "html-gzip.bin"},
      {"zstd", "html-zstd-static-content-size.bin"},
      {"gzip", "unexpected-eof.gz"}};
  for (const auto& [coding, file] : files) {
    std::string body = sample(file);
    if (std::string_view(file) != "unexpected-eof.gz") body.resize(body.size() / 2);
    const auto got = decode_all(coding, body, {});
    ASSERT_TRUE(got) << file;
    EXPECT_TRUE(got->incomplete) << file;
    // This zstd sample is one block, and half a block gives nothing.
    EXPECT_EQ(got->body.empty(), std::string_view(coding) == "zstd") << file;
  }
  // The expected text is kept as UTF-8 of the bytes read as Latin-1.
  std::string wide;
  for (const char c : decode_all("gzip", sample("unexpected-eof.gz"), {})->body) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80)
      wide += c;
    else
      wide += {char(0xC0 | byte >> 6), char(0x80 | (byte & 0x3F))};
  }
  EXPECT_EQ(wide, sample("unexpected-eof-output.txt"));
}

// Found by fuzzing: libbrotlidec asked for input while it held output of a cut body.
TEST(Decode, ACutBrotliBodyGivesAllThatCanBeDecoded) {
  // It is a bomb, so that is what the ratio lets through.
  constexpr char body[] =
      "\x9f\x3b\xa7\xaf\xf8\x8d\x94\x6e\xde\xaa\x56\x70\x09\x13\x53\x6d\x6f\x59\x08\x32\xb7\xe5\x0a"
      "\xef\x28\x10\x00\x37\xfe\x00\x00\x00\x00\x00\x13\x53\x6d\x41\x59\x08\x32\xb7";
  const std::string_view bytes(body, sizeof(body) - 1);
  EXPECT_EQ(stream("br", bytes, bytes.size()).body.size(), std::size_t{1} << 20);
  EXPECT_EQ(stream("br", bytes, 1).body.size(), std::size_t{1} << 20);
}

TEST(Decode, DamagedBodiesAreErrors) {
  std::string wrong_crc = gzip("some text that is long enough");
  wrong_crc[wrong_crc.size() - 6] ^= 1;
  EXPECT_EQ(decode_all("gzip", wrong_crc, {}).error().code, Errc::decode);
  for (const auto* coding : {"gzip", "br", "zstd", "deflate"}) {
    const auto got = decode_all(coding, "<html>this is not compressed at all</html>", {});
    ASSERT_FALSE(got) << coding;
    EXPECT_EQ(got.error().code, Errc::decode);
  }
}

TEST(Decode, UnknownAndTooManyCodingsAreErrors) {
  EXPECT_EQ(Decoder::create("compress", {}).error().code, Errc::decode);
  EXPECT_EQ(Decoder::create("gzip,gzip,gzip,gzip,gzip,gzip", {}).error().code, Errc::decode);
  EXPECT_TRUE(Decoder::create("gzip,gzip,gzip,gzip,gzip", {}));
  EXPECT_EQ(decode_all("gzip;q=1", "x", {}).error().code, Errc::decode);
}

TEST(Decode, AnEmptyBodyIsAnEmptyPage) {
  for (const auto* coding : {"", "identity", "gzip", "deflate", "br", "zstd", "gzip, br"}) {
    const auto got = decode_all(coding, "", {});
    ASSERT_TRUE(got) << coding;
    EXPECT_FALSE(got->incomplete);
  }
}

TEST(Decode, TheReceiverCanStop) {
  auto decoder = Decoder::create("gzip", {});
  ASSERT_TRUE(decoder);
  int calls = 0;
  const DecodeOutput stop = [&](std::string_view) { return ++calls, false; };
  EXPECT_TRUE((*decoder)->feed(gzip(std::string(1'000'000, 'x')), stop));
  EXPECT_TRUE((*decoder)->feed("rubbish", stop));
  EXPECT_TRUE((*decoder)->finish(stop));
  EXPECT_EQ(calls, 1);
}

TEST(Decode, ErrorsAreFinal) {
  auto decoder = Decoder::create("gzip", {});
  const DecodeOutput output = [](std::string_view) { return true; };
  EXPECT_FALSE((*decoder)->feed("rubbish", output));
  EXPECT_FALSE((*decoder)->feed(gzip("x"), output));
  EXPECT_FALSE((*decoder)->finish(output));
}

}  // namespace
}  // namespace trawl::web
