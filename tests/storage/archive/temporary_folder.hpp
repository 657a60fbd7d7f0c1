#pragma once
// A folder of its own for a test, removed with all it holds; and values the archive tests share.

#include "core/base/clock.hpp"
#include "core/crawl/state/archive.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace trawl::storage {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    // In memory where that is possible: the tests sync thousands of times.
    const std::filesystem::path memory = "/dev/shm";
    const bool usable = access(memory.c_str(), W_OK) == 0;
    const auto parent = usable ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "trawl-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class FixedClock final : public Clock {
 public:
  Mono now() const override { return {}; }
  Wall wall() const override { return Wall(Millis(1'769'903'998'000)); }  // 2026-01-31T23:59:58Z
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

inline crawl::Exchange page(const std::string& url, const std::string& body) {
  crawl::Exchange exchange;
  exchange.url = url;
  exchange.response.status = 200;
  exchange.response.http_version = "1.1";
  exchange.response.request_head = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";
  exchange.response.response_head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
  exchange.response.ip = "192.0.2.1";
  exchange.response.started = FixedClock().wall();
  exchange.body = body;
  exchange.body_bytes = body.size();
  return exchange;
}

inline crawl::ArchivePosition append(crawl::Archive& archive, crawl::Exchange exchange) {
  const auto prepared = archive.prepare(std::move(exchange));
  return archive.append(*prepared);
}

}  // namespace trawl::storage
