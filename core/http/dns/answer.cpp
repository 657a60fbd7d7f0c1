// Our own reading rather than c-ares's parsers, because those drop what caching needs: the SOA of a
// negative answer, and the TTLs of the aliases on the way.
#include "core/http/dns/answer.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace trawl::http::dns {
namespace {

constexpr std::uint16_t type_cname = 5;
constexpr std::uint16_t type_soa = 6;
constexpr std::uint16_t class_in = 1;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t address_records_max = limits::dns_addresses_max / 2;

struct Record {
  std::string owner;
  std::uint16_t type = 0;
  std::uint16_t rr_class = 0;
  std::uint32_t ttl_s = 0;
  std::size_t data = 0;  // offset and length in the message
  std::size_t size = 0;
};

// Reads forward; after anything that does not fit, everything reads as absent.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> message) : bytes_(message) {}

  void seek(std::size_t at) { at_ = at; }
  std::size_t at() const { return at_; }
  bool failed() const { return failed_; }

  std::uint32_t number(std::size_t size) {
    if (!take(size)) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes_[at_ - size + i];
    return value;
  }

  // In lower case, labels joined by dots; what would make two names look alike comes as \DDD.
  std::string name() {
    std::string text;
    std::size_t place = at_;
    std::size_t bound = at_;  // a pointer leads further back each time, so a loop ends
    bool jumped = false;
    while (!failed_) {
      if (place >= bytes_.size() || text.size() > name_bytes_max) break;
      const std::size_t length = bytes_[place];
      if (length == 0) {
        if (!jumped) at_ = place + 1;
        return text;
      }
      if ((length & 0xC0) == 0xC0) {
        if (place + 1 >= bytes_.size()) break;
        const std::size_t target = (length & 0x3F) << 8 | bytes_[place + 1];
        if (target >= bound) break;
        if (!jumped) at_ = place + 2;
        jumped = true;
        bound = place = target;
        continue;
      }
      if (length > 63 || place + 1 + length > bytes_.size()) break;
      if (!text.empty()) text += '.';
      add_label(bytes_.subspan(place + 1, length), text);
      place += 1 + length;
    }
    failed_ = true;
    return {};
  }

  Record record() {
    Record record;
    record.owner = name();
    record.type = static_cast<std::uint16_t>(number(2));
    record.rr_class = static_cast<std::uint16_t>(number(2));
    record.ttl_s = number(4);
    if (record.ttl_s > 0x7FFFFFFF) record.ttl_s = 0;  // RFC 2181 8
    record.size = number(2);
    record.data = at_;
    take(record.size);
    return record;
  }

 private:
  bool take(std::size_t size) {
    if (failed_ || size > bytes_.size() - std::min(at_, bytes_.size())) failed_ = true;
    if (!failed_) at_ += size;
    return !failed_;
  }

  static void add_label(std::span<const std::uint8_t> label, std::string& text) {
    for (const std::uint8_t byte : label) {
      const char c = static_cast<char>(byte);
      if (c >= 'A' && c <= 'Z')
        text += static_cast<char>(c - 'A' + 'a');
      else if (c > ' ' && c <= '~' && c != '.' && c != '\\')
        text += c;
      else
        text += fmt::format("\\{:03}", byte);
    }
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

Answer failure(std::string detail) {
  return {.kind = Answer::Kind::failed, .detail = std::move(detail)};
}

std::string rcode_name(unsigned rcode) {
  switch (rcode) {
    case 1:
      return "FORMERR";
    case 2:
      return "SERVFAIL";
    case 4:
      return "NOTIMP";
    case 5:
      return "REFUSED";
    default:
      return fmt::format("RCODE {}", rcode);
  }
}

IpAddress address_of(std::span<const std::uint8_t> data) {
  if (data.size() == 4) {
    std::uint32_t bits = 0;
    for (const std::uint8_t byte : data) bits = bits << 8 | byte;
    return IpAddress::v4(bits);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, data.data(), sizeof v6.sin6_addr);
  return *IpAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&v6));
}

// RFC 2308 5: the lesser of the SOA's own TTL and the minimum that it states.
std::uint32_t negative_ttl(Reader reader, std::size_t authorities) {
  for (std::size_t i = 0; i < authorities; ++i) {
    const Record record = reader.record();
    if (reader.failed()) return 0;
    if (record.type != type_soa || record.size < 20) continue;
    Reader minimum = reader;
    minimum.seek(record.data + record.size - 4);
    return std::min(record.ttl_s, minimum.number(4));
  }
  return 0;
}

class Chain {
 public:
  Chain(std::span<const std::uint8_t> message, std::vector<Record> records, RecordType type)
      : message_(message), records_(std::move(records)), type_(static_cast<std::uint16_t>(type)) {}

  // From the name along its aliases to the addresses, as far as the message knows them.
  Answer follow(std::string name) const {
    Answer answer{.kind = Answer::Kind::no_data, .ttl_s = 0x7FFFFFFF};
    for (;;) {
      add_addresses(name, answer);
      if (!answer.addresses.empty()) {
        answer.kind = Answer::Kind::addresses;
        return answer;
      }
      const auto alias = std::ranges::find_if(records_, [&](const Record& record) {
        return record.type == type_cname && record.owner == name;
      });
      if (alias == records_.end()) break;
      if (++answer.aliases > limits::dns_aliases_max)
        return failure("too many aliases (CNAME), or a loop of them");
      answer.ttl_s = std::min(answer.ttl_s, alias->ttl_s);
      Reader target{message_};
      target.seek(alias->data);
      name = target.name();
      if (target.failed()) return failure("a damaged answer");
    }
    answer.alias = answer.aliases > 0 ? name : std::string{};
    return answer;
  }

 private:
  void add_addresses(std::string_view name, Answer& answer) const {
    const std::size_t size = type_ == static_cast<std::uint16_t>(RecordType::a) ? 4 : 16;
    for (const Record& record : records_) {
      if (record.type != type_ || record.size != size || record.owner != name) continue;
      answer.ttl_s = std::min(answer.ttl_s, record.ttl_s);
      if (answer.addresses.size() < address_records_max)
        answer.addresses.push_back(address_of(message_.subspan(record.data, size)));
    }
  }

  std::span<const std::uint8_t> message_;
  std::vector<Record> records_;
  std::uint16_t type_;
};

}  // namespace

Answer read_answer(std::span<const std::uint8_t> message, std::string_view name, RecordType type) {
  Reader reader{message};
  reader.number(2);
  const std::uint32_t flags = reader.number(2);
  const std::uint32_t questions = reader.number(2);
  const std::uint32_t answers = reader.number(2);
  const std::uint32_t authorities = reader.number(2);
  reader.number(2);
  const unsigned rcode = flags & 0xF;
  if (reader.failed() || (flags & 0x8000) == 0) return failure("a damaged answer");
  if (rcode != 0 && rcode != 3) return failure(rcode_name(rcode));
  for (std::uint32_t i = 0; i < questions && !reader.failed(); ++i) {
    reader.name();
    reader.number(4);
  }
  std::vector<Record> records;
  for (std::uint32_t i = 0; i < answers && !reader.failed(); ++i) {
    Record record = reader.record();
    if (record.rr_class == class_in) records.push_back(std::move(record));
  }
  if (reader.failed()) return failure("a damaged answer");
  if (rcode == 3)
    return {.kind = Answer::Kind::no_name, .ttl_s = negative_ttl(reader, authorities)};
  Answer answer = Chain{message, std::move(records), type}.follow(std::string{name});
  if (answer.kind != Answer::Kind::no_data) return answer;
  const std::uint32_t ttl_s = negative_ttl(reader, authorities);
  // An SOA says that the chain ends there; without it nobody has asked about its last name.
  if (!answer.alias.empty() && ttl_s == 0 && authorities == 0)
    answer.kind = Answer::Kind::alias;
  else
    answer.ttl_s = std::min(answer.ttl_s, ttl_s);
  return answer;
}

}  // namespace trawl::http::dns
