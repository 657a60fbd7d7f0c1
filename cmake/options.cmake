# Compile options of every target of ours, as one INTERFACE target.
add_library(trawl_options INTERFACE)
target_include_directories(trawl_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(trawl_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  # Members left out of a designated initialiser have defaults; that is why we use them.
  -Wno-missing-designated-field-initializers -Wno-missing-field-initializers
  "SHELL:-Xclang -fno-pch-timestamp" -pthread)
target_link_options(trawl_options INTERFACE -fuse-ld=lld-19)
target_compile_definitions(trawl_options INTERFACE TRAWL_VERSION="${PROJECT_VERSION}")

set(TRAWL_SANITIZE "" CACHE STRING "sanitizers: address,undefined or thread")
if(TRAWL_SANITIZE)
  target_compile_options(trawl_options INTERFACE
    -fsanitize=${TRAWL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(trawl_options INTERFACE -fsanitize=${TRAWL_SANITIZE})
endif()
if(TRAWL_FUZZ)
  target_compile_options(trawl_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(trawl_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Profile-guided optimisation takes two builds: the first makes the profile when it runs, the second is
# compiled by it, and anew when it is another.
set(TRAWL_PROFILE "" CACHE STRING "make, or the profile's file")
if(TRAWL_PROFILE STREQUAL make)
  target_compile_options(trawl_options INTERFACE -fprofile-generate)
  target_link_options(trawl_options INTERFACE -fprofile-generate)
elseif(TRAWL_PROFILE)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${TRAWL_PROFILE})
  file(SHA256 ${TRAWL_PROFILE} profile_digest)
  target_compile_options(trawl_options INTERFACE
    -fprofile-use=${TRAWL_PROFILE} -Wno-backend-plugin)  # says what the profile knows nothing of
  target_compile_definitions(trawl_options INTERFACE TRAWL_PROFILE_DIGEST="${profile_digest}")
endif()

# trawl_library(NAME SOURCES... [PCH plain|asio] [LINK libs...]): one static library of ours.
function(trawl_library name)
  cmake_parse_arguments(ARG "" "PCH" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC trawl_options ${ARG_LINK})
  if(ARG_PCH)
    target_precompile_headers(${name} REUSE_FROM trawl_pch_${ARG_PCH})
  endif()
endfunction()
