// It takes both: malloc_trim() leaves the free end of arenas but the main one as it is, and the
// threshold concerns nothing but that end.
#include "service/daemon/spare_memory.hpp"

#include <malloc.h>

namespace trawl::service {

void bound_spare_memory() {
  constexpr int bytes = static_cast<int>(spare_memory_of_arena_bytes_max);
  (void)::mallopt(M_TRIM_THRESHOLD, bytes);  // either of them ends the adjusting of both
  (void)::mallopt(M_MMAP_THRESHOLD, bytes);
}

void give_back_spare_memory() {
  (void)::malloc_trim(0);
}

}  // namespace trawl::service
