// Schedules: any bytes are read or refused; what is read gives times that only go forward.
#include "core/base/schedule.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto schedule = Schedule::parse(text, size % 2 == 0 ? "UTC" : "Europe/Berlin");
  if (!schedule) return 0;
  Wall time{std::chrono::seconds{1'774'740'000}};  // hours before clocks are set forward
  for (int i = 0; i < 4; ++i) {
    const auto next = schedule->next(time);
    if (!next) return 0;
    if (*next <= time) std::abort();
    time = *next;
  }
  return 0;
}
