#pragma once
// output.warcinfo: a table whose names are free, within what trawl does not say itself.

#include "config/key.hpp"

namespace trawl::config {

Key warcinfo_key();

}  // namespace trawl::config
