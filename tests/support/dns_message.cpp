#include "tests/support/dns_message.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace trawl::support {
namespace {

void add16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

void add32(std::string& out, std::uint32_t value) {
  add16(out, value >> 16);
  add16(out, value & 0xFFFF);
}

std::string wire_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return wire + '\0';
}

std::string wire_data(const DnsRecord& record) {
  std::string bytes(16, '\0');
  switch (record.type) {
    case DnsType::a:
      ::inet_pton(AF_INET, record.data.c_str(), bytes.data());
      return bytes.substr(0, 4);
    case DnsType::aaaa:
      ::inet_pton(AF_INET6, record.data.c_str(), bytes.data());
      return bytes;
    case DnsType::cname:
      return wire_name(record.data);
    default:
      return record.data;
  }
}

void add_record(std::string& out, const DnsRecord& record) {
  out += record.owner.empty() ? std::string{"\xC0\x0C"} : wire_name(record.owner);
  add16(out, static_cast<std::uint16_t>(record.type));
  add16(out, 1);
  add32(out, record.ttl_s);
  const std::string data = wire_data(record);
  add16(out, data.size());
  out += data;
}

std::string soa_data(std::uint32_t minimum_s) {
  std::string data = wire_name("ns.zone") + wire_name("hostmaster.zone");
  for (const std::uint32_t number : {1U, 2U, 3U, 4U, minimum_s}) add32(data, number);
  return data;
}

}  // namespace

DnsReply dns_addresses(const DnsQuestion& question, const std::vector<std::string>& addresses,
                       std::uint32_t ttl_s) {
  DnsReply reply;
  for (const auto& address : addresses) {
    const DnsType type = address.contains(':') ? DnsType::aaaa : DnsType::a;
    if (type == question.type)
      reply.answers.push_back({.type = type, .data = address, .ttl_s = ttl_s});
  }
  if (reply.answers.empty()) reply.soa_minimum_s = ttl_s;
  return reply;
}

std::string dns_message(std::uint16_t id, const DnsQuestion& question, const DnsReply& reply) {
  std::string out;
  add16(out, id);
  if (reply.raw) return out + *reply.raw;
  add16(out, 0x8180U | (reply.truncated ? 0x0200U : 0U) | static_cast<unsigned>(reply.rcode));
  add16(out, 1);
  add16(out, reply.truncated ? 0 : reply.answers.size());
  add16(out, reply.soa_minimum_s ? 1 : 0);
  add16(out, 0);
  out += wire_name(question.name);
  add16(out, static_cast<std::uint16_t>(question.type));
  add16(out, 1);
  if (!reply.truncated)
    for (const auto& record : reply.answers) add_record(out, record);
  if (reply.soa_minimum_s)
    add_record(out, {.type = DnsType::soa,
                     .data = soa_data(*reply.soa_minimum_s),
                     .owner = "zone",
                     .ttl_s = 3600});
  return out;
}

std::optional<DnsQuery> read_dns_query(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (bytes.size() < 17) return std::nullopt;
  DnsQuery query{.id = static_cast<std::uint16_t>(byte(0) << 8 | byte(1))};
  std::size_t at = 12;
  for (;;) {
    const std::size_t length = byte(at);
    if (at + 1 + length + 4 > bytes.size()) return std::nullopt;
    if (length == 0) break;
    if (!query.question.name.empty()) query.question.name += '.';
    for (const char c : bytes.substr(at + 1, length))
      query.question.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    at += 1 + length;
  }
  query.question.type = static_cast<DnsType>(byte(at + 1) << 8 | byte(at + 2));
  return query;
}

}  // namespace trawl::support
