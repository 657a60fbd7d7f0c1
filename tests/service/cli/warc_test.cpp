#include "service/cli/warc.hpp"

#include <gtest/gtest.h>

namespace trawl::service::cli {
namespace {

const std::string samples = TRAWL_SOURCE_DIR "/tests/conformance/warc/";

TEST(WarcVerify, GoodFilesGetALineEach) {
  TextOutput out, err;
  const WarcOptions options{{samples + "good--example.warc", samples + "good--example.warc.gz"}};
  EXPECT_EQ(run_warc_verify(options, out, err), ExitCode::ok);
  EXPECT_EQ(err.text, "");
  EXPECT_TRUE(out.text.starts_with(options.files[0] + ": ok, "));
  EXPECT_NE(out.text.find("\n" + options.files[1] + ": ok, "), std::string::npos);
}

TEST(WarcVerify, EveryFaultHasItsFileOffsetAndReason) {
  TextOutput out, err;
  const std::string bad = samples + "bad--example-digest.warc";
  EXPECT_EQ(run_warc_verify({{bad, samples + "good--example.warc"}}, out, err), ExitCode::damaged);
  EXPECT_NE(out.text.find(bad + ": offset "), std::string::npos);
  EXPECT_NE(out.text.find("digest does not match"), std::string::npos);
  EXPECT_NE(out.text.find("good--example.warc: ok"), std::string::npos);
}

TEST(WarcVerify, AFileThatCannotBeReadIsNoFault) {
  TextOutput out, err;
  const WarcOptions options{{"/nowhere/x.warc", samples + "good--example.warc"}};
  EXPECT_EQ(run_warc_verify(options, out, err), ExitCode::environment);
  EXPECT_NE(err.text.find("/nowhere/x.warc"), std::string::npos);
  EXPECT_NE(out.text.find(": ok"), std::string::npos);
}

TEST(WarcVerify, ALongListOfFaultsSaysThatItIsCut) {
  storage::WarcSummary summary{.bytes = 10, .records = 1, .types = {{"response", 1}}};
  summary.faults = {{5, "torn\x1b"}};
  summary.fault_count = 3;
  EXPECT_EQ(verify_report("a.warc", summary),
            "a.warc: 3 faults, 1 record (1 response), 10 B\n"
            "a.warc: offset 5: torn\\x1b\n"
            "a.warc: and 2 faults more\n");
}

}  // namespace
}  // namespace trawl::service::cli
