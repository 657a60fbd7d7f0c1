#include "config/job.hpp"
#include "config/key.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace trawl::config {
namespace {

std::string documentation() {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/jobs.md"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string row(const Key& key) {
  const auto printed = key.print(crawl::JobSpec{});
  return fmt::format("| `{}` | `{}` | {} |", key.path, printed.front().text, key.doc);
}

}  // namespace

TEST(JobDocs, EveryKeyIsDocumentedWithItsDefaultAndMeaning) {
  const std::string text = documentation();
  for (const Key& key : job_keys())
    EXPECT_NE(text.find(row(key) + "\n"), std::string::npos) << "docs/jobs.md lacks this row:\n"
                                                             << row(key);
}

TEST(JobDocs, NoOtherKeyIsDocumented) {
  std::istringstream lines{documentation()};
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    ++rows;
    const std::string path = line.substr(3, line.find('`', 3) - 3);
    EXPECT_NE(find_key(path).first, nullptr) << path;
  }
  EXPECT_EQ(rows, static_cast<int>(job_keys().size()));
}

TEST(JobDocs, ExamplesLoad) {
  for (const char* name : {"docs-site", "fetch-list", "mirror-files"}) {
    const auto job =
        load_job(fmt::format("{}/config/examples/{}.toml", TRAWL_SOURCE_DIR, name), {});
    ASSERT_TRUE(job) << format_error(job.error().front());
    EXPECT_EQ(job->spec.name, name);
    EXPECT_EQ(job->spec.output.dir, fmt::format("out/{}", name));
  }
}

}  // namespace trawl::config
