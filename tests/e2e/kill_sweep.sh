#!/bin/sh
# Many kills against the release binary, more than the suite has time for:
#   tests/e2e/kill_sweep.sh [KILLS] [SEED]
set -eu
cd "$(dirname "$0")/../.."
cmake --preset release >/dev/null
ninja -C build/release e2e_kill_tests >/dev/null
TRAWL_KILLS=${1:-50} TRAWL_SEED=${2:-$(date +%s)}
export TRAWL_KILLS TRAWL_SEED
exec build/release/e2e_kill_tests
