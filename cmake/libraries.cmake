# The distribution's libraries, each as a target; nothing is vendored.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(CLI11 REQUIRED)

foreach(pair
    "ares=libcares" "curl=libcurl" "sqlite=sqlite3" "spdlog=spdlog" "fmt=fmt" "icu=icu-uc;icu-i18n" "psl=libpsl"
    "zlib=zlib" "deflate=libdeflate" "isal=libisal" "brotli=libbrotlidec;libbrotlienc"
    "zstd=libzstd" "re2=re2" "ssl=libssl;libcrypto" "toml=tomlplusplus" "xxhash=libxxhash"
    "xml=libxml-2.0" "systemd=libsystemd" "prometheus=prometheus-cpp-core"
    "minizip=minizip")
  string(REPLACE "=" ";" parts "${pair}")
  list(POP_FRONT parts name)
  pkg_check_modules(DEP_${name} REQUIRED IMPORTED_TARGET ${parts})
  add_library(dep_${name} INTERFACE)
  target_link_libraries(dep_${name} INTERFACE PkgConfig::DEP_${name})
endforeach()

# The allocator of whatever is linked with it. Sanitizers bring their own.
add_library(dep_malloc INTERFACE)
if(NOT TRAWL_SANITIZE)
  pkg_check_modules(DEP_malloc REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
  target_link_libraries(dep_malloc INTERFACE PkgConfig::DEP_malloc)
  set(TRAWL_WITH_TCMALLOC ON)
endif()

# Digests two texts at once; there is one for amd64 alone, and trawl does without elsewhere.
add_library(dep_ipsec_mb INTERFACE)
find_library(TRAWL_IPSEC_MB IPSec_MB)
if(TRAWL_IPSEC_MB)
  target_link_libraries(dep_ipsec_mb INTERFACE ${TRAWL_IPSEC_MB})
  set(TRAWL_WITH_IPSEC_MB ON)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  message(FATAL_ERROR "libipsec-mb is missing: apt-get install libipsec-mb-dev")
endif()

# Asio, Beast and unordered are header-only; exceptions are what we want on errors.
add_library(dep_asio INTERFACE)
target_link_libraries(dep_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(dep_asio INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_CO_AWAIT BOOST_ASIO_HAS_STD_COROUTINE)

# Precompiled headers are built once for code without Asio and once for code with it.
foreach(kind plain asio)
  add_library(trawl_pch_${kind} STATIC ${PROJECT_SOURCE_DIR}/cmake/pch.cpp)
  target_link_libraries(trawl_pch_${kind} PUBLIC trawl_options dep_fmt dep_spdlog)
endforeach()
target_precompile_headers(trawl_pch_plain PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_plain.hpp)
target_link_libraries(trawl_pch_asio PUBLIC dep_asio)
target_precompile_headers(trawl_pch_asio PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_asio.hpp)
