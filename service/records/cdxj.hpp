#pragma once
// CDXJ, the index format of replay tools: a capture a line.

#include "storage/warc/index.hpp"

#include <string>
#include <string_view>

namespace trawl::service {

// "org,example)/ 20260131235958 {"url":…}", without line end; file_name: without folders. The
// fields, their order and their being texts are pywb's; absent fields are left out.
std::string cdxj_line(const storage::CdxEntry& entry, std::string_view file_name);

}  // namespace trawl::service
