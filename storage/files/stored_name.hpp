#pragma once
// Names of bodies and archives as a folder's database has them.

#include <string_view>

namespace trawl::storage {

// Whether what a record names lies in the output folder: a relative name, without a step up. The
// database may come from elsewhere, so this is asked before anything is opened, copied or linked.
bool lies_inside(std::string_view name);

}  // namespace trawl::storage
