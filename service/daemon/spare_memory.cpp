// malloc_trim() would be no cure: of arenas but the main one it leaves the free end as it is.
#include "service/daemon/spare_memory.hpp"

#include <malloc.h>

namespace trawl::service {

void bound_spare_memory() {
  constexpr int bytes = static_cast<int>(spare_memory_of_arena_bytes_max);
  (void)::mallopt(M_TRIM_THRESHOLD, bytes);  // either of them ends the adjusting of both
  (void)::mallopt(M_MMAP_THRESHOLD, bytes);
}

}  // namespace trawl::service
