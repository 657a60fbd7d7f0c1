#include "core/http/dns/hosts_file.hpp"

#include "core/base/limits.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trawl::http::dns {
namespace {

std::string addresses(const HostsFile& hosts, std::string_view name) {
  const auto* found = hosts.find(name);
  if (found == nullptr) return "unknown";
  std::string text;
  for (const auto& address : *found) text += address.to_string() + " ";
  return text;
}

}  // namespace

TEST(HostsFile, ReadsWhatHostsFilesAreMadeOf) {
  const auto hosts = HostsFile::parse(
      "# a comment\n"
      "127.0.0.1\tlocalhost  One.Test. one # two.test\r\n"
      "\n"
      "::1 one.test\n"
      "  10.0.0.1 spaced.test\n"
      "127.0.0.1 one.test\n"  // again
      "fe80::1%lo0 zone.test\n"
      "0x7f.1 hex.test\n"
      "nonsense\n"
      "10.0.0.2 last.test");
  EXPECT_EQ(addresses(hosts, "one.test"), "127.0.0.1 ::1 ");
  EXPECT_EQ(addresses(hosts, "one"), "127.0.0.1 ");
  EXPECT_EQ(addresses(hosts, "spaced.test"), "10.0.0.1 ");
  EXPECT_EQ(addresses(hosts, "last.test"), "10.0.0.2 ");
  for (const char* name : {"two.test", "zone.test", "hex.test", "nonsense", "#", ""})
    EXPECT_EQ(addresses(hosts, name), "unknown") << name;
}

TEST(HostsFile, KeepsABoundedNumberOfAddresses) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += fmt::format("10.0.0.{} many.test\n", i);
  EXPECT_EQ(HostsFile::parse(text).find("many.test")->size(), limits::dns_addresses_max);
}

TEST(HostsFile, IsTheSystemsAFileOfOnesOwnOrNone) {
  const support::TempDir dir;
  const auto path = dir.write("hosts", "192.0.2.1 mine.test\n");
  EXPECT_EQ(addresses(**HostsFile::load(path.string()), "mine.test"), "192.0.2.1 ");
  EXPECT_EQ((*HostsFile::load("off"))->names(), 0U);
  EXPECT_TRUE(HostsFile::load("system"));
}

TEST(HostsFile, ThatCantBeReadIsAnErrorOfTheConfiguration) {
  const support::TempDir dir;
  const auto missing = HostsFile::load((dir.path() / "none").string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::config);
  EXPECT_NE(missing.error().detail.find("No such file"), std::string::npos);
  const auto path = dir.write("big", std::string(limits::hosts_file_bytes_max + 1, '#'));
  const auto big = HostsFile::load(path.string());
  ASSERT_FALSE(big);
  EXPECT_NE(big.error().detail.find("more than"), std::string::npos);
}

}  // namespace trawl::http::dns
