#include "core/web/headers/content_disposition.hpp"

#include "core/base/limits.hpp"
#include "core/web/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trawl::web {
namespace {

std::string name_in(std::string_view value) {
  return parse_content_disposition(value).filename.value_or("(none)");
}

}  // namespace

// RFC 6266, section 5.
TEST(ContentDisposition, ReadsTheExamplesOfItsStandard) {
  EXPECT_EQ(name_in("Attachment; filename=example.html"), "example.html");
  EXPECT_EQ(parse_content_disposition("Attachment; filename=example.html").type, "attachment");
  EXPECT_EQ(name_in("INLINE; FILENAME= \"an example.html\""), "an example.html");
  EXPECT_EQ(name_in("attachment; filename*= UTF-8''%e2%82%ac%20rates"), "€ rates");
  EXPECT_EQ(name_in("attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates"),
            "€ rates");
}

TEST(ContentDisposition, TheNameWithItsCharsetCountsAndAWrongOneDoesNot) {
  EXPECT_EQ(name_in("attachment; filename*=UTF-8'en'b; filename=a"), "b");
  EXPECT_EQ(name_in("attachment; filename*=UTF-8''%FF; filename=a"), "a");
  EXPECT_EQ(name_in("attachment; filename*=nosuch''b; filename=a"), "a");
  EXPECT_EQ(name_in("attachment; filename*=UTF-16''b; filename=a"), "a");
  EXPECT_EQ(name_in("attachment; filename*=b; filename=a"), "a");
  EXPECT_EQ(name_in("attachment; filename*=GBK''%D6%D0; filename=a"), "中");
}

TEST(ContentDisposition, BytesWithoutACharsetAreUtf8OrLatin1) {
  EXPECT_EQ(name_in("attachment; filename=\"na\xC3\xAFve.txt\""), "naïve.txt");
  EXPECT_EQ(name_in("attachment; filename=\"na\xEFve.txt\""), "naïve.txt");
  EXPECT_EQ(name_in("attachment; filename=na\xEFve.txt"), "naïve.txt");
}

TEST(ContentDisposition, GivesHostileNamesAsTheyAre) {
  EXPECT_EQ(name_in("attachment; filename=\"../../etc/passwd\""), "../../etc/passwd");
  EXPECT_EQ(name_in("attachment; filename*=UTF-8''a%00b%0D%0ASet-Cookie:x"),
            std::string("a\0b\r\nSet-Cookie:x", 17));
  EXPECT_EQ(name_in("attachment; filename=" + std::string(4096, 'x')).size(), 4096U);
}

TEST(ContentDisposition, ReadsOverWhatIsMalformed) {
  for (const char* value : {"", ";", ";;;", "attachment", "attachment; filename", "filename=x",
                            "attachment; filename=\"x", "attachment; filename=\"x\\",
                            "attachment; filename*=UTF-8''%", "attachment; filename*=UTF-8''%4",
                            "attachment; filename*=UTF-8", "attachment; filename*=\"UTF-8''x\""})
    EXPECT_EQ(name_in(value), "(none)") << value;
  EXPECT_EQ(name_in("attachment;;;filename = x ;;"), "x");
}

// The cases of docs/faults.md: paths, devices, controls, directions, lengths.
TEST(SafeFileName, IsTheLastComponentOfAPath) {
  EXPECT_EQ(safe_file_name("report.pdf"), "report.pdf");
  EXPECT_EQ(safe_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name("/etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name("C:\\fakepath\\a.txt"), "a.txt");
  EXPECT_EQ(safe_file_name("a/b\\../c"), "c");
  for (const char* none : {"", "/", "..", ".", "../", "a/..", "   ", " . ", "..."})
    EXPECT_EQ(safe_file_name(none), "") << none;
}

TEST(SafeFileName, HasNoCharactersThatLeadAstray) {
  EXPECT_EQ(safe_file_name(std::string_view("a\0b.exe", 7)), "a_b.exe");
  EXPECT_EQ(safe_file_name("a\r\nb\x1B[31m\x7F.txt"), "a__b_[31m_.txt");
  EXPECT_EQ(safe_file_name("a\xC2\x9B"
                           "31m"),
            "a_31m");  // U+009B, CSI in 8 bits
  EXPECT_EQ(safe_file_name("photo_\xE2\x80\xAEgpj.exe"), "photo__gpj.exe");  // U+202E
  EXPECT_EQ(safe_file_name("a\xE2\x81\xA6"
                           "b\xE2\x80\x8F"
                           "c\xD8\x9C"
                           "d\xEF\xBB\xBF"
                           "e"),
            "a_b_c_d_e");
  EXPECT_EQ(safe_file_name("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "é€😀");
  EXPECT_EQ(safe_file_name("a\xFF"
                           "b"),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(SafeFileName, IsNoDeviceAndNotHidden) {
  EXPECT_EQ(safe_file_name("CON"), "_CON");
  EXPECT_EQ(safe_file_name("nul.txt"), "_nul.txt");
  EXPECT_EQ(safe_file_name("COM1 .txt"), "_COM1 .txt");
  EXPECT_EQ(safe_file_name("console.log"), "console.log");
  EXPECT_EQ(safe_file_name(".bashrc"), "_bashrc");
  EXPECT_EQ(safe_file_name("  a.txt. . "), "a.txt");
}

TEST(SafeFileName, IsCutBetweenCharactersAndKeepsItsExtension) {
  const std::string cut = safe_file_name(std::string(4096, 'x') + ".pdf");
  EXPECT_EQ(cut, std::string(251, 'x') + ".pdf");
  std::string euros;
  for (int i = 0; i < 200; ++i) euros += "€";
  const std::string short_euros = safe_file_name(euros);
  EXPECT_EQ(short_euros.size(), 255U);
  EXPECT_TRUE(utf8::is_valid(safe_file_name("x" + euros)));
  EXPECT_LE(safe_file_name("x." + euros).size(), limits::filename_bytes_max);
}

}  // namespace trawl::web
