#!/usr/bin/env bash
# The Debian package in a bare Debian 12: installed, a job and the daemon run, removed, purged, and
# nothing left. As root. package.sh [FILE.deb]; without one, what `./dev package` made.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/e2e/bookworm.sh"

deb=${1:-$(ls "$root"/build/tuned/package/trawl_*.deb)}
# Mounts end with the script.
if [[ ! ${TRAWL_UNSHARED:-} ]]; then
  exec env TRAWL_UNSHARED=1 unshare --mount "${BASH_SOURCE[0]}" "$deb"
fi

bare=$(mktemp -d)
site=
daemon=
stop() {
  [[ ! $site ]] || kill "$site" 2>/dev/null || true
  [[ ! $daemon ]] || kill "$daemon" 2>/dev/null || true
  umount -R "$bare"/{proc,dev} 2>/dev/null || true
  rm -rf "$bare" "$bare".*
}
trap stop EXIT

inside() { chroot "$bare" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
as_trawl() { inside setpriv --reuid=trawl --regid=trawl --clear-groups "$@"; }
apt() { inside DEBIAN_FRONTEND=noninteractive apt-get -y -q "$@" >"$bare.log" 2>&1 || { tail -n 30 "$bare.log"; return 1; }; }
# Every path but what apt, dpkg and caches keep for themselves.
paths() {
  (cd "$bare" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache \
    -o -path ./var/log -o -path ./proc -o -path ./dev -o -path ./run -o -path ./tmp \) -prune -o -print | sort)
}
packages() { inside dpkg-query -W -f '${Package}\n' | sort; }
# A lock of apt's or a copy that passwd keeps is nobody's leftover.
leftovers() {
  diff "$bare.before" <(paths) | sed -n 's/^[<>] //p' |
    grep -v -e '^\./etc/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)-$' -e '^\./etc/\.pwd\.lock$' \
      -e '^\./var/lib/systemd$' -e '^\./var/lib/systemd/deb-systemd-helper-' || true
}

tar -C "$bare" -xf "$(bookworm_tar)"
mount -t proc proc "$bare/proc"
mount --rbind /dev "$bare/dev"
cp -L /etc/resolv.conf "$bare/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$bare/usr/sbin/policy-rc.d"
chmod +x "$bare/usr/sbin/policy-rc.d"
apt update
paths >"$bare.before"
packages >"$bare.packages"
cp "$bare/etc/passwd" "$bare.passwd"

cp "$deb" "$bare/tmp/trawl.deb"
check "it installs" apt install --no-install-recommends /tmp/trawl.deb
check "the program runs" inside trawl --version
check "there is a user" inside id trawl
check "nothing in it is for everybody to write" test -z "$(inside sh -c 'dpkg -L trawl | xargs -I{} find {} -maxdepth 0 -perm -o+w -not -type l')"
check "its data are its own" test "$(inside stat -c '%U:%G:%a' /var/lib/trawl)" = trawl:trawl:750
check "its jobs are for its group" test "$(inside stat -c '%U:%G:%a' /etc/trawl/jobs)" = root:trawl:750
check "the configuration is a conffile" inside sh -c "dpkg-query -W -f='\${Conffiles}' trawl | grep -q /etc/trawl/trawl.toml"
check "there is a manual page" test -s "$bare/usr/share/man/man1/trawl.1.gz"
check "bash completes it" inside bash -c 'source /usr/share/bash-completion/completions/trawl
  COMP_WORDS=(trawl resul); COMP_CWORD=1; _trawl; [[ ${COMPREPLY[*]} == results ]]'

# The unit's own command, as the installed unit would run it.
unit=$bare/usr/lib/systemd/system/trawl.service
setting() { sed -n "s/^$1=//p" "$unit"; }
serve() {
  exec chroot "$bare" /usr/bin/env -i PATH=/usr/bin:/bin setpriv --reuid="$(setting User)" \
    --regid="$(setting Group)" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    sh -c 'cd "$0" && umask "$1" && shift && exec "$@"' "$(setting WorkingDirectory)" \
    "$(setting UMask)" $(setting ExecStart)
}
start() {
  serve >"$bare.serve" 2>&1 &
  daemon=$!
  within 20 inside trawl health --ready || { cat "$bare.serve"; return 1; }
}
drained() {
  local code=0
  kill -TERM "$daemon"
  wait "$daemon" || code=$?
  ((code == 0)) || { cat "$bare.serve"; echo "it ended with $code" >&2; return 1; }
}
fetched() { as_trawl trawl results "/var/lib/trawl/out/$1" --state fetched | wc -l; }
at_least() { (($(fetched "$1") >= $2)); }
has_state() { inside trawl status | grep "$1 .*$2" >/dev/null; }
job() {  # DELAY
  cat <<JOB
[seeds]
urls = ["http://127.0.0.1:18931/"]
[politeness]
delay = "$1"
adaptive = "off"
[limits]
min_free_disk = "off"
[fetch]
allow_private_networks = ["127.0.0.0/8"]
JOB
}

# Not through inside: the process to be ended would be a child of the one that $! names.
chroot "$bare" /usr/bin/trawl demo --serve-only --pages 300 --port 18931 >"$bare.site" 2>&1 &
site=$!
within 10 bash -c '</dev/tcp/127.0.0.1/18931' || { cat "$bare.site"; exit 1; }
job 0s >"$bare/etc/trawl/jobs/site.toml"
as_trawl sh -c 'umask 0027; cd /var/lib/trawl && trawl run -q /etc/trawl/jobs/site.toml'
check "a job was run: $(fetched site) pages" at_least site 300
check "a second run has nothing to do" as_trawl sh -c 'umask 0027; cd /var/lib/trawl && trawl run /etc/trawl/jobs/site.toml 2>&1 | grep -q "all is done"'

check "the daemon starts as the unit says" start
check "its health is good" inside trawl health
job 50ms >"$bare/etc/trawl/jobs/slow.toml"
check "a job file is noticed" within 20 has_state slow running
check "it runs as trawl" test "$(stat -c %u "/proc/$daemon")" = "$(inside id -u trawl)"
check "it crawls" within 30 at_least slow 20
check "a reload is no interruption" kill -HUP "$daemon"
check "it drains on SIGTERM with 0" drained
some=$(fetched slow)
check "there is more to fetch: $some pages so far" test "$some" -lt 300
check "it starts again" start
check "it goes on to the end" within 60 at_least slow 300
check "the job is finished" within 20 has_state slow finished
open_to_all=$(find "$bare/var/lib/trawl" -perm /o+rwx -not -type l)
[[ ! $open_to_all ]] || echo "$open_to_all"
check "what it keeps is not for others" test -z "$open_to_all"
check "it ends with 0 when nothing is under way" drained

check "it is removed" apt remove trawl
check "the program is gone" test ! -e "$bare/usr/bin/trawl"
check "configuration and data stay" test -e "$bare/etc/trawl/trawl.toml" -a -e "$bare/var/lib/trawl/out"
check "it is purged" apt purge trawl
# By name: apt itself recommends some of it, so that it would not go by itself.
check "what it needed is not needed any more" apt purge \
  $(comm -13 "$bare.packages" <(packages) | grep -v '^trawl$')
check "the user is gone" cmp "$bare.passwd" "$bare/etc/passwd"
left=$(leftovers)
[[ ! $left ]] || echo "$left"
check "nothing is left" test -z "$left"
