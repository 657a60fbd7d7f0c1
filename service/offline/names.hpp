#pragma once
// Names in the tree for offline reading (docs/archives.md): those of files/, with an extension that
// a browser reading from disk takes for the type that the server named.

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::service {

enum class OfflineType : std::uint8_t { other, html, xhtml, css, svg };

// content_type: a media type's essence, lower-case.
OfflineType offline_type(std::string_view content_type);

// "offline/HOST/PATH…" for a canonical URL. Names never meet, as in file_name_for().
std::string offline_name(std::string_view url, OfflineType type);

// The way from one file to another, both relative to one folder, as a relative URL without
// fragment. Never empty, never a scheme in front.
std::string relative_link(std::string_view from_file, std::string_view to_file);

}  // namespace trawl::service
