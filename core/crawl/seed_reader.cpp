// A list of a hundred million URLs is read no faster than the store takes it, in constant memory.
#include "core/crawl/seed_reader.hpp"

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/coro/file.hpp"
#include "core/web/decode.hpp"

#include <fmt/format.h>

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
    auto reading = file.read(block_bytes);
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

}  // namespace

coro::AsyncGenerator<Seed> read_seeds(coro::Worker& worker, SeedSpec spec) {
  for (const std::string& url : spec.urls) co_yield Seed{.text = url};
  for (const std::string& url : spec.sitemaps.urls) co_yield Seed{.text = url, .is_sitemap = true};
  for (const std::string& file : spec.files) {
    auto lines = file.ends_with(".gz")
                     ? read_gzip_lines(worker, file)
                     : coro::read_lines(worker, file, limits::list_line_bytes_max);
    for (std::uint64_t number = 1;; ++number) {
      auto next = lines.next();
      const auto line = co_await std::move(next);
      if (!line) break;
      std::string_view text = *line;
      if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
      text = trimmed(text);
      if (is_seed(text)) co_yield Seed{.text = std::string{text}, .file = file, .line = number};
    }
  }
}

}  // namespace trawl::crawl
