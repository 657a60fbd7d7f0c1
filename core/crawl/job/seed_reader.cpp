// A list of a hundred million URLs is read no faster than the store takes it, in constant memory.
#include "core/crawl/job/seed_reader.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/coro/file.hpp"
#include "core/crawl/job/checksum_line.hpp"
#include "core/crawl/job/list_line.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/feeds/metalink.hpp"
#include "core/web/url/url.hpp"
#include "core/web/utf8.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace trawl::crawl {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n\f");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n\f") - first + 1);
}

bool is_seed(std::string_view line) {
  return !line.empty() && line.front() != '#';
}

// The lines of a compressed file; a decoded block is held at a time.
coro::AsyncGenerator<std::string> read_gzip_lines(coro::Worker& worker, std::string path) {
  auto opening = coro::File::open(worker, path, coro::File::Mode::read);
  coro::File file = co_await std::move(opening);
  auto decoder = web::Decoder::create("gzip", {});
  std::string text;
  for (bool at_end = false; !at_end;) {
    auto reading = file.wait_and_read(block_bytes);
    const std::string block = co_await std::move(reading);
    at_end = block.empty();
    const auto keep = [&text](std::string_view bytes) {
      text.append(bytes);
      return true;
    };
    const auto state = at_end ? (*decoder)->finish(keep) : (*decoder)->feed(block, keep);
    if (!state) throw Failure(Errc::io, fmt::format("{}: {}", path, state.error().message()));
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
      co_yield text.substr(begin, end - begin);
      begin = end + 1;
    }
    text.erase(0, begin);
    if (text.size() > limits::list_line_bytes_max) text.resize(limits::list_line_bytes_max);
  }
  if (!text.empty()) co_yield std::move(text);
}

std::string json_line(const std::vector<std::string>& urls, std::string_view checksum) {
  boost::json::object line{{"urls", boost::json::value_from(urls)}};
  if (!checksum.empty()) line["checksum"] = checksum;
  return boost::json::serialize(line);
}

bool is_metalink(std::string_view path) {
  return path.ends_with(".meta4") || path.ends_with(".metalink");
}

// A file of theirs a line.
coro::AsyncGenerator<std::string> read_metalink_lines(coro::Worker& worker, std::string path) {
  auto opening = coro::File::open(worker, path, coro::File::Mode::read);
  coro::File file = co_await std::move(opening);
  std::vector<std::string> lines;
  web::MetalinkReader reader{[&lines](const web::MetalinkFile& named) {
    if (!named.urls.empty())
      lines.push_back(json_line(named.urls, named.checksum));
    else
      log("seeds")->warn("{} has no http or https URL in the Metalink document",
                         printable(named.name));
  }};
  for (bool more = true; more;) {
    auto reading = file.wait_and_read(block_bytes);
    const std::string block = co_await std::move(reading);
    more = !block.empty() && reader.feed(block);
    for (std::string& line : std::exchange(lines, {})) co_yield std::move(line);
  }
  if (const std::string wrong = reader.finish(); !wrong.empty())
    throw Failure(Errc::io, fmt::format("{}: {}", path, wrong));
  for (std::string& line : lines) co_yield std::move(line);
}

coro::AsyncGenerator<std::string> lines_of(coro::Worker& worker, const std::string& file) {
  if (is_metalink(file)) return read_metalink_lines(worker, file);
  if (file.ends_with(".gz")) return read_gzip_lines(worker, file);
  return coro::read_lines(worker, file, limits::list_line_bytes_max);
}

// Of a signed list, what is not its text (RFC 9580, 7).
class Armour {
 public:
  bool has(std::string_view line) {
    if (line == "-----BEGIN PGP SIGNED MESSAGE-----") return in_head_ = true;
    if (line == "-----BEGIN PGP SIGNATURE-----") return in_signature_ = true;
    if (in_signature_) {
      in_signature_ = line != "-----END PGP SIGNATURE-----";
      return true;
    }
    in_head_ = in_head_ && line.starts_with("Hash:");
    return in_head_;
  }

 private:
  bool in_head_ = false;
  bool in_signature_ = false;
};

// One line speaks for its file: lists have one encoding, and may be long. It is fetched all the
// same, with U+FFFD for what is no character, as a browser would.
class EncodingCheck {
 public:
  explicit EncodingCheck(std::string_view file) : file_(file) {}

  void see(std::string_view line, std::uint64_t number) {
    // A cut may be within a character.
    if (warned_ || line.size() >= limits::list_line_bytes_max || web::utf8::is_valid(line)) return;
    warned_ = true;
    const bool utf16 = line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF");
    log("seeds")->warn(
        "{}:{}: this line is not in UTF-8, so its URL is another one than was meant; convert the "
        "file (iconv -f {} -t UTF-8), or write its URLs percent-encoded",
        printable(file_), number, utf16 ? "UTF-16" : "ENCODING");
  }

 private:
  std::string_view file_;  // outlives this
  bool warned_ = false;
};

bool may_be_relative(std::string_view line) {
  return std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

// What is no URL by the base either, and lines of checksums that are not understood, are said of as
// they are.
std::string made_absolute(std::string_view line, const std::optional<web::Url>& base) {
  if (!base || is_json_line(line)) return std::string{line};
  const auto sum = parse_checksum_line(line);
  if (!sum && !may_be_relative(line)) return std::string{line};
  const auto url = web::Url::parse(sum ? sum->path : line, &*base);
  if (!url) return std::string{line};
  return sum ? json_line({url->href()}, sum->checksum) : url->href();
}

}  // namespace

coro::AsyncGenerator<Seed> read_seeds(coro::Worker& worker, SeedSpec spec) {
  const auto parsed = web::Url::parse(spec.base);
  const auto base = parsed ? std::optional{*parsed} : std::nullopt;
  for (const std::string& url : spec.urls) co_yield Seed{.text = url};
  for (std::size_t i = 0; i < spec.requests.size(); ++i)
    co_yield Seed{.text = spec.requests[i], .file = "seeds.requests", .line = i + 1};
  for (const std::string& url : spec.sitemaps.urls) co_yield Seed{.text = url, .is_sitemap = true};
  for (const std::string& file : spec.files) {
    auto lines = lines_of(worker, file);
    Armour armour;
    EncodingCheck encoding{file};
    for (std::uint64_t number = 1;; ++number) {
      auto next = lines.next();
      const auto line = co_await std::move(next);
      if (!line) break;
      std::string_view text = *line;
      if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
      text = trimmed(text);
      if (!is_seed(text) || armour.has(text)) continue;
      encoding.see(text, number);
      co_yield Seed{.text = made_absolute(text, base), .file = file, .line = number};
    }
  }
}

}  // namespace trawl::crawl
