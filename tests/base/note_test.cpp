// The words of the field `note`, and what docs/faults.md promises of them.
#include "core/base/note.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace trawl {

TEST(Note, WordsAreAddedOnce) {
  std::string notes;
  add_note(notes, "");
  EXPECT_EQ(notes, "");
  add_note(notes, "max_body");
  add_note(notes, "outlink,max_body");
  EXPECT_EQ(notes, "max_body,outlink");
  EXPECT_TRUE(has_note(notes, "outlink"));
  EXPECT_FALSE(has_note(notes, "out"));
  EXPECT_FALSE(has_note("", ""));
}

TEST(Note, TheDocumentedWordsAreAllOfThem) {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/faults.md"};
  std::vector<std::string> documented;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line == "## Notes";
    if (inside && line.starts_with("| `"))
      documented.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  EXPECT_THAT(documented, testing::UnorderedElementsAreArray(note_words));
}

}  // namespace trawl
