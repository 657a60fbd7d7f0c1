#pragma once
// Free ports of 127.0.0.1 for programs that can't be told "any port".

#include "core/base/clock.hpp"

#include <cstdint>

namespace trawl::support {

std::uint16_t free_port();  // free a moment ago; somebody else may take it
bool answers(std::uint16_t port);
// Asks again and again until somebody listens there.
bool wait_for_port(std::uint16_t port, Millis within = Millis{15'000});

}  // namespace trawl::support
