#pragma once
// The program's exit codes, as docs/operations.md lists them; scripts rely on them.

#include "core/base/error.hpp"

namespace trawl::service {

enum class ExitCode : int {
  ok = 0,
  internal = 1,
  usage = 2,
  config = 3,
  environment = 4,   // disk full, no permission, port taken
  in_use = 5,        // another process holds the output folder
  damaged = 6,       // stored state is damaged
  interrupted = 10,  // resumable
  limit = 11,        // stopped by a limit, resumable
  unwanted = 12,     // finished, with what --fail-on names
};

constexpr ExitCode exit_code_for(Errc code) {
  switch (code) {
    case Errc::usage:
    case Errc::not_found:
    case Errc::bad_url:
      return ExitCode::usage;
    case Errc::config:
      return ExitCode::config;
    case Errc::io:
    case Errc::disk_full:
      return ExitCode::environment;
    case Errc::in_use:
      return ExitCode::in_use;
    case Errc::damaged:
    case Errc::decode:
      return ExitCode::damaged;
    case Errc::cancelled:
      return ExitCode::interrupted;
    case Errc::limit:
      return ExitCode::limit;
    default:
      return ExitCode::internal;
  }
}

}  // namespace trawl::service
