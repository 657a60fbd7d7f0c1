#pragma once
// What was logged, before something else is said on the same terminal.

namespace trawl {

// Waits until all of it is written, a second at most.
void flush_log();

}  // namespace trawl
