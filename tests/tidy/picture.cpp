// Lists, and nothing else: a change of the architecture is a line here, to be seen by a reviewer.
#include "tests/tidy/picture.hpp"

#include <array>

namespace trawl::tidy {
namespace {

constexpr std::array folders{"core/base", "core/coro", "core/web", "core/http", "core/crawl",
                             "storage",   "config",    "service",  "tests",     "cmake"};

using Names = std::vector<std::string_view>;

}  // namespace

std::optional<std::string_view> folder_of(std::string_view path) {
  for (const std::string_view folder : folders)
    if (path.starts_with(folder) && path.substr(folder.size()).starts_with('/')) return folder;
  return std::nullopt;
}

std::string_view part_of(std::string_view path) {
  const std::string_view folder = folder_of(path).value_or("");
  const auto end = path.find('/', folder.size() + 1);
  return end == std::string_view::npos ? folder : path.substr(0, end);
}

std::span<const Layer> layers() {
  static const Names core{"core/base", "core/coro", "core/web", "core/http", "core/crawl"};
  static const std::vector<Layer> picture{
      {"core/base", {}},
      {"core/coro", {"core/base"}},
      {"core/web", {"core/base"}},
      {"core/http", {"core/coro", "core/web", "core/base"}},
      {"core/crawl", {"core/http", "core/web", "core/coro", "core/base"}},
      {"storage", core},
      {"config", core},
      {"service",
       {"core/base", "core/coro", "core/web", "core/http", "core/crawl", "storage", "config"}},
  };
  return picture;
}

std::span<const Layer> parts() {
  static const std::vector<Layer> picture{
      {"core/web", {}},
      {"core/web/coding", {"core/web"}},
      {"core/web/robots", {"core/web"}},
      {"core/web/charset", {"core/web"}},
      {"core/web/url", {"core/web"}},
      {"core/web/archive", {"core/web", "core/web/url"}},
      {"core/web/xml", {"core/web", "core/web/charset"}},
      {"core/web/headers", {"core/web", "core/web/charset", "core/web/url"}},
      {"core/web/html", {"core/web", "core/web/url"}},
      {"core/web/select", {"core/web", "core/web/html"}},
      {"core/web/links",
       {"core/web", "core/web/charset", "core/web/html", "core/web/robots", "core/web/url",
        "core/web/xml"}},
      {"core/web/feeds",
       {"core/web", "core/web/charset", "core/web/coding", "core/web/html", "core/web/links",
        "core/web/url", "core/web/xml"}},

      {"core/http", {}},
      {"core/http/address", {"core/http"}},
      {"core/http/message", {"core/http"}},
      {"core/http/tls", {"core/http"}},
      {"core/http/dns", {"core/http", "core/http/address"}},
      {"core/http/client",
       {"core/http", "core/http/address", "core/http/dns", "core/http/message", "core/http/tls"}},

      {"core/crawl/job", {}},
      {"core/crawl/state", {"core/crawl/job"}},
      {"core/crawl/scope", {"core/crawl/job", "core/crawl/state"}},
      {"core/crawl/hosts", {"core/crawl/job", "core/crawl/state"}},
      {"core/crawl/pages", {"core/crawl/job", "core/crawl/state", "core/crawl/hosts"}},
      {"core/crawl/engine",
       {"core/crawl/job", "core/crawl/state", "core/crawl/scope", "core/crawl/hosts",
        "core/crawl/pages"}},

      {"storage/files", {}},
      {"storage/sqlite", {"storage/files"}},
      {"storage/warc", {"storage/files"}},
      {"storage", {"storage/files", "storage/sqlite", "storage/warc"}},

      {"service/text", {}},
      {"service/files", {}},
      {"service/demo", {}},
      {"service/records", {"service/text", "service/files"}},
      {"service/offline", {"service/text", "service/records"}},
      {"service/run", {"service/text", "service/records", "service/offline"}},
      {"service/explain", {"service/text", "service/records", "service/run"}},
      {"service/links", {"service/text", "service/records", "service/run"}},
      {"service/folder", {"service/text", "service/records", "service/offline", "service/run"}},
      {"service/wacz", {"service/text", "service/records", "service/files"}},
      {"service/hooks", {"service/text", "service/run"}},
      {"service/daemon", {"service/text", "service/offline", "service/run", "service/hooks"}},
      {"service/control",
       {"service/text", "service/records", "service/explain", "service/folder", "service/run",
        "service/daemon"}},
      {"service/cli",
       {"service/text", "service/files", "service/demo", "service/records", "service/run",
        "service/explain", "service/links", "service/folder", "service/wacz", "service/hooks",
        "service/daemon", "service/control"}},
      {"service", {"service/cli", "service/run"}},
  };
  return picture;
}

std::span<const Home> homes() {
  static const std::vector<Home> all{
      {"ares", {"core/http"}},
      {"curl/", {"core/http"}},
      {"sqlite3", {"storage"}},
      {"toml++/", {"config"}},
      {"CLI/", {"service"}},
      {"boost/asio", {"core/coro", "core/http", "core/crawl", "storage", "config", "service"}},
      {"boost/beast", {"core/http", "service"}},
  };
  return all;
}

}  // namespace trawl::tidy
