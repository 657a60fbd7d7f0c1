// A page is never held as a whole: the peak of a process that reads one tells.
#include "core/crawl/pages/page_reader.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <charconv>
#include <fstream>

namespace trawl::crawl {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
constexpr bool sanitized = true;  // the allocator keeps what was freed
#else
constexpr bool sanitized = false;
#endif

constexpr std::size_t page_bytes = 200UL * 1024 * 1024;

// The most memory that this process has had at once, in KiB, since it was reset.
long peak_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    const auto digits = line.find_first_of("0123456789");
    long kib = 0;
    std::from_chars(line.data() + digits, line.data() + line.size(), kib);
    return kib;
  }
  return -1;
}

void reset_peak() {
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

// A page of page_bytes in windows-1252, gzipped: what it holds grows in two ways when it is
// decoded.
void write_page(const std::string& path) {
  std::string section;
  for (int i = 0; i < 600; ++i)
    section += fmt::format("<p class=x>\xE9t\xE9 {} <a href=\"/p{}?q=\xE9\">page {}</a> {}</p>\n",
                           i, i, i, std::string(40, static_cast<char>('a' + i % 26)));
  gzFile file = gzopen(path.c_str(), "wb1");
  ASSERT_NE(file, nullptr);
  for (std::size_t written = 0; written < page_bytes; written += section.size())
    ASSERT_EQ(gzwrite(file, section.data(), static_cast<unsigned>(section.size())),
              static_cast<int>(section.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
}

TEST(PageMemory, APageOf200MegabytesTakesAFewOfThem) {
  if (sanitized) GTEST_SKIP() << "measures memory, which a sanitizer uses itself";
  support::TempDir dir;
  const std::string path = (dir.path() / "page.gz").string();
  write_page(path);
  const web::Url url = *web::Url::parse("http://host.example/");
  const http::Headers headers{{"Content-Type", "text/html; charset=iso-8859-1"},
                              {"Content-Encoding", "gzip"}};
  const PageSource source{.url = url,
                          .headers = headers,
                          .body = {},
                          .body_file = path,
                          .known_sha256 = "known",
                          .decoded_bytes_max = {},
                          .want_links = true,
                          .want_repeats = true,
                          .robots_token = "trawl"};
  const pid_t child = ::fork();
  if (child == 0) {
    reset_peak();
    const long before = peak_kib();
    const PageFacts facts = read_page(source);
    const long grown = peak_kib() - before;
    const bool whole = facts.decoded_bytes >= page_bytes && facts.links.size() == 50'000 &&
                       facts.links_cut && facts.links[0].url == "http://host.example/p0?q=%E9";
    // 50,000 links and what they are kept in, a piece of the page, zlib and ICU.
    const bool small = grown < 40L * 1024;
    if (!small) fmt::print(stderr, "grew by {} KiB\n", grown);
    ::_exit(!whole ? 1 : small ? 0 : 2);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0)
      << "1: not read whole; 2: too much memory";
}

}  // namespace
}  // namespace trawl::crawl
