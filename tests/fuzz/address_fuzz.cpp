// Networks and addresses: what is read is written back the same, and judged without surprises.
#include "core/http/address/address_guard.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = IpAddress::parse(text)) {
    if (IpAddress::parse(address->to_string()) != address) std::abort();
    const auto inner = address->mapped_v4();
    if (inner && special_purpose(*inner) != special_purpose(*address)) std::abort();
  }
  if (const auto network = IpNetwork::parse(text)) {
    if (!network->contains(network->address)) std::abort();
  }
  return 0;
}
