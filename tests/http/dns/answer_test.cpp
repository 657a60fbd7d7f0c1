#include "core/http/dns/answer.hpp"

#include "core/base/limits.hpp"
#include "tests/support/dns_message.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trawl::http::dns {
namespace {

using support::DnsRecord;
using support::DnsReply;
using support::DnsType;
using Kind = Answer::Kind;

Answer read_bytes(std::string_view bytes, std::string_view name = "a.test",
                  RecordType type = RecordType::a) {
  return read_answer({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, name,
                     type);
}

Answer read(const DnsReply& reply, RecordType type = RecordType::a) {
  const support::DnsQuestion question{.name = "a.test", .type = static_cast<DnsType>(type)};
  return read_bytes(support::dns_message(7, question, reply), "a.test", type);
}

std::string texts(const Answer& answer) {
  std::string text;
  for (const auto& address : answer.addresses) text += address.to_string() + " ";
  return text;
}

DnsRecord cname(std::string owner, std::string target, std::uint32_t ttl_s = 300) {
  return {
      .type = DnsType::cname, .data = std::move(target), .owner = std::move(owner), .ttl_s = ttl_s};
}

}  // namespace

TEST(Answer, HasTheAddressesOfTheNameAndTheirShortestTime) {
  const auto answer = read({.answers = {{.data = "192.0.2.1", .ttl_s = 300},
                                        {.data = "192.0.2.2", .ttl_s = 20},
                                        {.data = "192.0.2.9", .owner = "other.test"},
                                        {.type = DnsType::txt, .data = "\x03hey"}}});
  EXPECT_EQ(answer.kind, Kind::addresses);
  EXPECT_EQ(texts(answer), "192.0.2.1 192.0.2.2 ");
  EXPECT_EQ(answer.ttl_s, 20U);
  const auto v6 =
      read({.answers = {{.type = DnsType::aaaa, .data = "2001:db8::1"}, {.data = "192.0.2.1"}}},
           RecordType::aaaa);
  EXPECT_EQ(texts(v6), "2001:db8::1 ");
}

TEST(Answer, FollowsAliasesInAnyOrder) {
  const auto answer = read({.answers = {{.data = "192.0.2.1", .owner = "c.test"},
                                        cname("b.test", "C.Test", 5),
                                        cname("", "b.test", 60)}});
  EXPECT_EQ(answer.kind, Kind::addresses);
  EXPECT_EQ(texts(answer), "192.0.2.1 ");
  EXPECT_EQ(answer.aliases, 2U);
  EXPECT_EQ(answer.ttl_s, 5U);
}

TEST(Answer, NamesTheAliasThatItKnowsNoMoreOf) {
  const auto answer = read({.answers = {cname("", "b.test", 60)}});
  EXPECT_EQ(answer.kind, Kind::alias);
  EXPECT_EQ(answer.alias, "b.test");
  // With an SOA the end of the chain is known: there is no such address.
  const auto end = read({.answers = {cname("", "b.test", 60)}, .soa_minimum_s = 30});
  EXPECT_EQ(end.kind, Kind::no_data);
  EXPECT_EQ(end.ttl_s, 30U);
}

TEST(Answer, EndsALoopOfAliases) {
  const auto answer = read({.answers = {cname("", "b.test"), cname("b.test", "a.test")}});
  EXPECT_EQ(answer.kind, Kind::failed);
  EXPECT_NE(answer.detail.find("CNAME"), std::string::npos);
  EXPECT_EQ(read({.answers = {cname("", "a.test")}}).kind, Kind::failed);
}

TEST(Answer, EndsAChainOfAliasesThatIsTooLong) {
  for (const auto& [length, kind] : {std::pair{limits::dns_aliases_max, Kind::addresses},
                                     std::pair{limits::dns_aliases_max + 1, Kind::failed}}) {
    DnsReply reply;
    for (std::size_t i = 0; i < length; ++i)
      reply.answers.push_back(
          cname(i == 0 ? "" : fmt::format("n{}.test", i), fmt::format("n{}.test", i + 1)));
    reply.answers.push_back({.data = "192.0.2.1", .owner = fmt::format("n{}.test", length)});
    EXPECT_EQ(read(reply).kind, kind) << length;
  }
}

TEST(Answer, KeepsSoManyAddressesAndNoMore) {
  DnsReply reply;
  for (int i = 0; i < 200; ++i) reply.answers.push_back({.data = fmt::format("192.0.2.{}", i)});
  const auto answer = read(reply);
  EXPECT_EQ(answer.addresses.size(), limits::dns_addresses_max / 2);
}

// RFC 2308 5: the lesser of the SOA's TTL (3600 here) and its minimum.
TEST(Answer, SaysForHowLongANameIsMissing) {
  const auto no_name = read({.rcode = 3, .soa_minimum_s = 42});
  EXPECT_EQ(no_name.kind, Kind::no_name);
  EXPECT_EQ(no_name.ttl_s, 42U);
  EXPECT_EQ(read({.rcode = 3, .soa_minimum_s = 10'000}).ttl_s, 3600U);
  EXPECT_EQ(read({.rcode = 3}).ttl_s, 0U);
  const auto no_data = read({.soa_minimum_s = 42});
  EXPECT_EQ(no_data.kind, Kind::no_data);
  EXPECT_EQ(no_data.ttl_s, 42U);
}

TEST(Answer, NamesTheServersRefusal) {
  for (const auto& [rcode, name] : {std::pair{1, "FORMERR"}, std::pair{2, "SERVFAIL"},
                                    std::pair{5, "REFUSED"}, std::pair{9, "RCODE 9"}}) {
    const auto answer = read({.rcode = rcode});
    EXPECT_EQ(answer.kind, Kind::failed);
    EXPECT_EQ(answer.detail, name);
  }
}

TEST(Answer, ATtlOfMoreThan31BitsIsNone) {
  EXPECT_EQ(read({.answers = {{.data = "192.0.2.1", .ttl_s = 0x80000001}}}).ttl_s, 0U);
}

TEST(Answer, CutOffAnywhereIsAFailure) {
  const support::DnsQuestion question{.name = "a.test"};
  const std::string whole = support::dns_message(
      7, question, {.answers = {cname("", "b.test"), {.data = "192.0.2.1", .owner = "b.test"}}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read_bytes(std::string_view{whole}.substr(0, size)).kind, Kind::failed) << size;
  EXPECT_EQ(read_bytes(whole).kind, Kind::addresses);
}

TEST(Answer, ANameThatPointsAtItselfIsAFailure) {
  const std::string head{"\0\7\x81\x80\0\1\0\1\0\0\0\0", 12};
  const std::string question{"\1a\4test\0\0\1\0\1", 12};
  const std::string rest{"\0\1\0\1\0\0\0\5\0\4\x7f\0\0\1", 14};
  const auto owner = [&](std::string bytes) { return read_bytes(head + question + bytes + rest); };
  EXPECT_EQ(owner(std::string{"\xC0\x0C", 2}).kind, Kind::addresses);
  EXPECT_EQ(owner(std::string{"\xC0\x18", 2}).kind, Kind::failed);     // itself
  EXPECT_EQ(owner(std::string{"\xC0\x30", 2}).kind, Kind::failed);     // forward
  EXPECT_EQ(owner(std::string{"\1x\xC0\x18", 4}).kind, Kind::failed);  // a loop
  EXPECT_EQ(owner(std::string{"\x80\x0C", 2}).kind, Kind::failed);     // no such label type
  EXPECT_EQ(read_bytes(std::string(4000, '\xC0')).kind, Kind::failed);
}

TEST(Answer, ADotInsideALabelIsNotADotBetweenLabels) {
  const std::string head{"\0\7\x81\x80\0\1\0\1\0\0\0\0", 12};
  const std::string question{"\1a\4test\0\0\1\0\1", 12};
  const std::string record{"\6a.test\0\0\1\0\1\0\0\0\5\0\4\x7f\0\0\1", 22};
  EXPECT_NE(read_bytes(head + question + record).kind, Kind::addresses);
}

}  // namespace trawl::http::dns
