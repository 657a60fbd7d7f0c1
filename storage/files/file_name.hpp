#pragma once
// The name of the file that holds a URL's body; a function of the URL alone.

#include <string>
#include <string_view>

namespace trawl::storage {

// "files/HOST/PATH…" for an absolute http or https URL without fragment. Never leaves files/; two
// URLs never share a name, nor is one's file another's folder, on case-insensitive file systems
// either. Components have at most 255 bytes, the name at most 2 KiB. The rules are in
// docs/archives.md.
std::string file_name_for(std::string_view url);

// The same as the server has it, with its capitals and its spaces; not for case-insensitive file
// systems, and one's file may be another's folder. Names that can't be kept, and those with a
// query, are as above.
std::string server_file_name_for(std::string_view url);
// Whether such a name may be that of a second URL, which has as an escape what this one has as it
// is ("a+b" and "a%2Bb"), or of a portable one. What carries a digest is nobody else's.
bool has_other_spelling(std::string_view server_name);
// For one that would be: a name that meets none of the others.
std::string aside_file_name_for(std::string_view url);

}  // namespace trawl::storage
