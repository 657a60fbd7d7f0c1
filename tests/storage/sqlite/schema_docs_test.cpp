// docs/schema.md promises the columns of the views; others of the page may change.
#include "storage/sqlite/schema.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <string_view>

namespace trawl::storage {
namespace {

// The names in backquotes of the first cells of the table under a heading that names the view.
std::set<std::string> documented(std::string_view view) {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/schema.md"};
  std::set<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line.contains("`" + std::string{view} + "`");
    if (!inside || !line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find(" | ", 1));
    for (auto begin = cell.find('`'); begin != cell.npos;) {
      const auto end = cell.find('`', begin + 1);
      names.insert(cell.substr(begin + 1, end - begin - 1));
      begin = cell.find('`', end + 1);
    }
  }
  return names;
}

std::set<std::string> actual(Db& db, std::string_view view) {
  Statement statement = db.prepare("SELECT name FROM pragma_table_info(?1)");
  Rows rows = statement.query(view);
  std::set<std::string> names;
  while (rows.next()) names.emplace(rows.text(0));
  return names;
}

}  // namespace

TEST(SchemaDocs, TheViewsHaveTheColumnsThatAreDocumented) {
  const test::ScratchFolder folder;
  Db db = open_for_writing(folder.path() / "crawl.db");
  for (const char* view : {"results", "history", "runs"}) {
    SCOPED_TRACE(view);
    EXPECT_GE(documented(view).size(), 8U);
    EXPECT_EQ(documented(view), actual(db, view));
  }
}

TEST(SchemaDocs, ThePageNamesTheVersionOfTheTables) {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/schema.md"};
  const std::string heading = "## Tables, version " + std::to_string(migrations().back().version);
  std::string line;
  while (std::getline(file, line) && line != heading) {
  }
  EXPECT_EQ(line, heading);
}

}  // namespace trawl::storage
