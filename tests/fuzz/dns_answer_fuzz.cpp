// Messages of name servers: whatever the bytes, what comes out is bounded and consistent.
#include "core/base/limits.hpp"
#include "core/http/dns/answer.hpp"

#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  using http::dns::Answer;
  using http::dns::RecordType;
  for (const auto type : {RecordType::a, RecordType::aaaa}) {
    const Answer answer = http::dns::read_answer(std::span{data, size}, "a.test", type);
    const bool with_addresses = answer.kind == Answer::Kind::addresses;
    if (with_addresses == answer.addresses.empty()) std::abort();
    if (answer.addresses.size() > limits::dns_addresses_max / 2) std::abort();
    if (answer.aliases > limits::dns_aliases_max) std::abort();
    for (const auto& address : answer.addresses)
      if (address.is_v4() != (type == RecordType::a)) std::abort();
  }
  return 0;
}
