# Writes the C++ file that holds the dashboard's files. Byte strings in a source need no assembler and
# no trick of a linker, and a compiler cache sees what is in them.
#
#   cmake -DINTO=FILE.cpp "-DFILES=PATH=FILE;PATH=FILE" -P embed_dashboard.cmake

function(content_type_of name into)
  set(.html "text/html; charset=utf-8")
  set(.css "text/css; charset=utf-8")
  set(.js "text/javascript; charset=utf-8")
  set(.svg "image/svg+xml")
  set(.txt "text/plain; charset=utf-8")
  get_filename_component(extension "${name}" LAST_EXT)
  if(NOT DEFINED ${extension})
    message(FATAL_ERROR "no content type is known for ${name}: add it to cmake/embed_dashboard.cmake")
  endif()
  set(${into} "${${extension}}" PARENT_SCOPE)
endfunction()

# A literal of the file's bytes, in lines that an editor can show.
function(literal_of file into)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" escaped "${hex}")
  string(REPEAT "." 400 line)
  string(REGEX REPLACE "(${line})" "\\1\"\n     \"" escaped "${escaped}")
  set(${into} "\"${escaped}\"" PARENT_SCOPE)
endfunction()

list(SORT FILES)
list(LENGTH FILES count)
set(rows "")
foreach(pair IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.+)$" _ "${pair}")
  set(path "${CMAKE_MATCH_1}")
  set(file "${CMAKE_MATCH_2}")
  content_type_of("${path}" type)
  file(SHA256 "${file}" digest)
  string(SUBSTRING "${digest}" 0 24 digest)
  literal_of("${file}" bytes)
  string(APPEND rows "      {\"${path}\"sv, {\"${type}\"sv,\n     ${bytes}sv,\n     \"\\\"${digest}\\\"\"sv}},\n")
endforeach()
file(WRITE "${INTO}" "// Written by cmake/embed_dashboard.cmake.
#include \"service/control/dashboard/assets.hpp\"

#include <array>

namespace trawl::service::control {

using namespace std::string_view_literals;

std::span<const DashboardFile> dashboard_files() {
  static constexpr std::array<DashboardFile, ${count}> files{{
${rows}  }};
  return files;
}

}  // namespace trawl::service::control
")
