#pragma once
// Memory that runs leave behind. The allocator keeps what was freed for later blocks: a daemon
// would hold as much for months as its busiest hour did, and `memory` would keep further runs from
// beginning.

namespace trawl::service {

// What is free goes back to the system. Takes milliseconds, in which other threads may wait for
// memory. Any thread.
void give_back_spare_memory();

}  // namespace trawl::service
