# A bare Debian 12, for scripts that try what is packaged; sourced. Needs root and debootstrap, and
# for the first time a mirror: TRAWL_MIRROR, or the first one that apt has.

bookworm_mirror() {
  if [[ ${TRAWL_MIRROR:-} ]]; then
    echo "$TRAWL_MIRROR"
  else
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1
  fi
}

# bookworm_tar: the path of a tar file of it, made once.
bookworm_tar() {
  local tar=$root/build/bookworm.tar folder
  if [[ ! -e $tar ]]; then
    folder=$(mktemp -d)
    debootstrap --variant=minbase bookworm "$folder" "$(bookworm_mirror)" >&2
    rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/*_*
    # It is a root for other users too, where mktemp made a folder for one.
    chmod 755 "$folder"
    mkdir -p "$root/build"
    tar -C "$folder" -cf "$tar.new" .
    mv "$tar.new" "$tar"
    rm -rf "$folder"
  fi
  echo "$tar"
}

# check TEXT COMMAND…: says what it tries, and ends the script when that fails.
check() {
  local text=$1
  shift
  if "$@"; then
    echo "ok: $text"
  else
    echo "FAILED: $text" >&2
    exit 1
  fi
}

# within SECONDS COMMAND…: until it succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}
