// A sanitizer brings an allocator of its own, and then there is nothing to give back.
#include "service/daemon/spare_memory.hpp"

#if defined(TRAWL_WITH_TCMALLOC)
#include <gperftools/malloc_extension_c.h>
#endif

namespace trawl::service {

void give_back_spare_memory() {
#if defined(TRAWL_WITH_TCMALLOC)
  MallocExtension_ReleaseFreeMemory();
#endif
}

}  // namespace trawl::service
