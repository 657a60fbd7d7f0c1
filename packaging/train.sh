#!/usr/bin/env bash
# What the packaged program is compiled for: runs one that counts what it does (preset training)
# through what users do most, and writes the profile. On loopback alone; some ten seconds.
#   train.sh PROGRAM PROFILE
set -euo pipefail
program=$1 profile=$2

folder=$(mktemp -d)
server=
stop() {
  [[ ! $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
export LLVM_PROFILE_FILE=$folder/%p.profraw

run() { "$program" "$@" >"$folder/out" 2>"$folder/err" || { cat "$folder/err" >&2; return 1; }; }
quick=(--set politeness.delay=0ms --set politeness.adaptive=off --set politeness.per_host=32
  --set politeness.per_domain=32 --set politeness.per_ip=32 --set fetch.concurrency=32)
crawl() {  # FOLDER [SETTING…]
  local setting settings=()
  for setting in "${@:2}"; do settings+=(--set "$setting"); done
  run demo --pages 2000 -o "$folder/$1" "${quick[@]}" "${settings[@]}"
}

crawl gzip
crawl zstd output.warc_compress=zstd output.warc_links=true
crawl plain output.warc_compress=none
crawl records output.bodies=none
crawl files output.bodies=files
run demo --hostile -o "$folder/hostile"  # content codings, broken framing

# A list: the pages of a crawl, from a server of their own.
"$program" demo --serve-only --pages 2000 >"$folder/address" 2>/dev/null 9>&- &  # 9: ./dev's lock
server=$!
for ((i = 0; i < 100; ++i)); do
  [[ ! -s $folder/address ]] || break
  sleep 0.1
done
address=$(<"$folder/address")
for ((i = 0; i < 2000; ++i)); do echo "${address%/}/guide/chapter-$i/"; done >"$folder/list"
run fetch -i "$folder/list" -o "$folder/list.out" --set output.warc_compress=none "${quick[@]}" \
  --set 'fetch.allow_private_networks=["127.0.0.0/8"]'
kill -INT "$server"
wait "$server" || true
server=

for name in gzip zstd plain; do
  run results "$folder/$name"
  run warc verify "$folder/$name"/warc/*
done
run results "$folder/records" --format csv
run stats "$folder/gzip"

llvm-profdata-19 merge --sparse -o "$profile" "$folder"/*.profraw
