#pragma once
// What was logged, before something else is said on the same terminal; and where it goes.

namespace trawl {

// Waits until all of it is written, a second at most.
void flush_log();

// The log file was moved away: the next line goes into a new one of its name. Nothing without one.
void reopen_log_file();

}  // namespace trawl
