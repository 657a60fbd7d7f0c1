#!/usr/bin/env bash
# The image, from its Dockerfile, and a container of it: a crawl from a mounted job file as another
# user than root, the health check, SIGTERM in the middle of it, and the next start. As root, with
# buildah and debootstrap; needs no container daemon and no kernel features but chroot. Where runc can
# run containers, then one with a root that is read-only, as compose.yaml has it.
# container.sh [FILE.deb]: with a package that is there already, the image's build stage is left out,
# which takes a minute instead of half an hour.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/e2e/bookworm.sh"

deb=${1:-}
work=$(mktemp -d)
containers=()
pids=()
stop() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  [[ ${#containers[@]} == 0 ]] || buildah rm "${containers[@]}" >/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

# The two images that the Dockerfile begins with, as far as they matter: the slim one has neither
# documents nor translations, and gets none later.
import_base() {  # NAME [tar's options…]
  local name=$1 container
  shift
  mkdir "$work/base"
  tar -C "$work/base" -xf "$(bookworm_tar)" "$@"
  if [[ $name == *slim ]]; then
    printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$work/base/etc/dpkg/dpkg.cfg.d/slim"
  fi
  container=$(buildah from scratch)
  tar -C "$work/base" -cf "$work/base.tar" .
  buildah add -q "$container" "$work/base.tar" / >/dev/null
  buildah config --cmd /bin/bash "$container"
  buildah commit -q --rm "$container" "docker.io/library/$name" >/dev/null
  rm -rf "$work/base" "$work/base.tar"
}
import_base debian:12
import_base debian:12-slim --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
  --exclude='./usr/share/locale/*' --exclude='./usr/share/info/*'

dockerfile=$root/docker/Dockerfile
context=$root
if [[ $deb ]]; then
  context=$work/context
  mkdir -p "$context/docker"
  cp "$deb" "$context/trawl.deb"
  cp "$root/docker/trawl.toml" "$context/docker/"
  dockerfile=$work/Dockerfile
  # Of the first stage only its result.
  awk '/^FROM debian:12 AS build/ {print "FROM scratch AS build\nCOPY trawl.deb /package/trawl.deb"; skip = 1; next}
       /^FROM / {skip = 0} !skip' "$root/docker/Dockerfile" >"$dockerfile"
fi
check "the image is built from its Dockerfile" buildah bud -q --isolation=chroot --pull-never \
  --format docker -f "$dockerfile" -t trawl "$context"
echo "size: $(buildah images --format '{{.Size}}' localhost/trawl), of which its Debian has \
$(buildah images --format '{{.Size}}' docker.io/library/debian:12-slim)"

inspect() { buildah inspect --type image --format "{{$1}}" localhost/trawl; }
check "its user is no root" test "$(inspect .OCIv1.Config.User)" = 10001:10001
check "it is stopped by SIGTERM" test "$(inspect .OCIv1.Config.StopSignal)" = SIGTERM
check "it has a health check" test "$(inspect .Docker.Config.Healthcheck.Test)" = "[CMD trawl health]"
check "it serves unless told otherwise" test "$(inspect .OCIv1.Config.Entrypoint) $(inspect .OCIv1.Config.Cmd)" = "[trawl] [serve --config /etc/trawl/trawl.toml]"

container=$(buildah from --pull-never localhost/trawl)
site=$(buildah from --pull-never localhost/trawl)
containers+=("$container" "$site")
# buildah 1.28 at times mounts an image's volume over what is mounted there by hand.
buildah config --volume /etc/trawl/jobs- --volume /var/lib/trawl- "$container"
mkdir "$work/jobs" "$work/data"
chown 10001:10001 "$work/data"
# As compose.yaml mounts it.
token=a-token-of-the-test
echo "$token" >"$work/trawl_token"
# inside COMMAND…: in the container, as its user, its network being ours.
inside() {
  buildah run --isolation=chroot --user 10001:10001 -v "$work/jobs:/etc/trawl/jobs:ro" \
    -v "$work/data:/var/lib/trawl" -v "$work/trawl_token:/run/secrets/trawl_token:ro" \
    -e TRAWL_TOKEN_FILE=/run/secrets/trawl_token "$container" -- "$@"
}

# What a command prints, by way of a file: buildah 1.28 at times loses it.
output_of() {
  rm -f "$work/data/output"
  inside sh -c '"$@" >/var/lib/trawl/output 2>/dev/null' sh "$@" && cat "$work/data/output"
}

check "it is another user than root" test "$(output_of id -u)" = 10001
check "that user can't write into the image" inside sh -c '! touch /usr/bin/x /etc/x /x 2>/dev/null'

pages=600
buildah run --isolation=chroot "$site" -- trawl demo --serve-only --pages $pages --port 18932 \
  >"$work/site" 2>&1 &
pids+=($!)
within 15 bash -c '</dev/tcp/127.0.0.1/18932' || { cat "$work/site"; exit 1; }
cat >"$work/jobs/site.toml" <<'JOB'
[seeds]
urls = ["http://127.0.0.1:18932/"]
[politeness]
delay = "50ms"
adaptive = "off"
[limits]
min_free_disk = "off"
[fetch]
allow_private_networks = ["127.0.0.0/8"]
JOB

# As Prometheus asks, in compose.yaml.
metrics() {
  curl -s --fail -H 'Host: trawl:8090' -H "Authorization: Bearer ${1:-}" http://127.0.0.1:8090/metrics
}

fetched() {  # FOLDER
  output_of trawl results "$1" --state fetched | wc -l
}
at_least() { (($("$1" "$2") >= $3)); }

# The program inside, not buildah's processes around it, which have its words among theirs.
program_of() { comm -12 <(pgrep -x trawl | sort) <(pgrep -f "$1" | sort); }

# interrupt NAME PATTERN FOLDER EXIT: begins it, lets some pages come, asks it to stop.
interrupt() {  # COMMAND… in `command`
  local folder=$1 code=0 expected=$2 pattern="trawl ${command[*]}" pid
  inside trawl "${command[@]}" >"$work/log" 2>&1 &
  local started=$!
  pids+=("$started")
  within 30 at_least fetched "$folder" 20 || { cat "$work/log"; return 1; }
  if [[ ${health:-} == yes ]]; then
    check "the health check succeeds" inside trawl health
    check "who has the token gets the metrics" grep -q '^trawl_build_info' <(metrics "$token")
    check "nobody else does" test -z "$(metrics another)"
  fi
  pid=$(program_of "$pattern")
  kill -TERM "$pid"
  wait "$started" || code=$?
  ((code == expected)) || { cat "$work/log"; echo "it ended with $code" >&2; return 1; }
}

command=(run /etc/trawl/jobs/site.toml)
check "a run is interrupted by SIGTERM with 10" interrupt /var/lib/trawl/out/site 10
some=$(fetched /var/lib/trawl/out/site)
check "there is more to fetch: $some pages so far" test "$some" -lt "$pages"
check "the next run goes on to the end" inside trawl "${command[@]}" -q
check "every page is there: $(fetched /var/lib/trawl/out/site)" at_least fetched /var/lib/trawl/out/site "$pages"

if output_of trawl --help | grep '^  serve ' >/dev/null; then
  command=(serve --config /etc/trawl/trawl.toml)
  folder=/var/lib/trawl/out/site
  health=yes
  rm -rf "$work/data/out"
  check "without a token it does not start" test "$(output_of sh -c 'env -u TRAWL_TOKEN_FILE \
    trawl serve --config /etc/trawl/trawl.toml; echo $?')" = 3
  check "the daemon drains on SIGTERM with 0" interrupt "$folder" 0
  some=$(fetched "$folder")
  check "there is more to fetch: $some pages so far" test "$some" -lt "$pages"
  inside trawl "${command[@]}" >"$work/log" 2>&1 &
  pids+=($!)
  started=$!
  check "at the next start it goes on to the end" within 120 at_least fetched "$folder" "$pages"
  kill -TERM "$(program_of "trawl ${command[*]}")"
  check "and ends with 0 when nothing is under way" wait "$started"
fi

# As compose.yaml runs it: a root that nobody can write to, no capabilities, none to be gained, its
# program the first of a process space of its own. The network is ours, for the site.
if ! command -v runc >/dev/null; then
  echo "left out: a container with a read-only root (there is no runc)"
  exit 0
fi
bundle=$work/bundle
mkdir "$bundle" "$work/data-ro"
chown 10001:10001 "$work/data-ro"
mounted=$(buildah mount "$container")
(cd "$bundle" && runc spec)

# configure ARGUMENT…: the command that the container runs.
configure() {
  python3 - "$bundle/config.json" "$mounted" "$work" "$@" <<'PYTHON'
import json, sys
path, root, work, *arguments = sys.argv[1:]
spec = json.load(open(path))
spec["root"] = {"path": root, "readonly": True}
none = {kind: [] for kind in ("bounding", "effective", "permitted", "inheritable", "ambient")}
spec["process"].update(terminal=False, user={"uid": 10001, "gid": 10001}, args=arguments,
                       cwd="/var/lib/trawl", capabilities=none, noNewPrivileges=True)
spec["process"]["env"] = ["PATH=/usr/bin:/bin", "TRAWL_TOKEN_FILE=/etc/trawl/jobs/.token"]
spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] != "network"]
ours = ("/tmp", "/var/lib/trawl", "/etc/trawl/jobs")
spec["mounts"] = [m for m in spec["mounts"]
                  if m["destination"] not in ("/sys", "/sys/fs/cgroup", *ours)]
spec["mounts"] += [
    {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
    {"destination": "/var/lib/trawl", "type": "bind", "source": work + "/data-ro",
     "options": ["rbind", "rw"]},
    {"destination": "/etc/trawl/jobs", "type": "bind", "source": work + "/jobs",
     "options": ["rbind", "ro"]}]
json.dump(spec, open(path, "w"))
PYTHON
}
name=trawl-test-$$
read_only() {
  configure "$@"
  runc run -b "$bundle" "$name"
}
# The image has no /run/secrets to mount a file over, and a read-only root gets none.
cp "$work/trawl_token" "$work/jobs/.token"
if ! read_only true >"$work/log" 2>&1; then
  echo "left out: a container with a read-only root: runc says $(tail -n 1 "$work/log")"
  exit 0
fi
check "its root can't be written to" read_only sh -c \
  '! touch /x /etc/x /usr/bin/x 2>/dev/null && touch /tmp/x /var/lib/trawl/x'
check "it has no capability and can't gain one" read_only sh -c \
  'test "$(id -u)" = 10001 && grep -q "^CapEff:.0*$" /proc/self/status &&
   grep -q "^NoNewPrivs:.1$" /proc/self/status'

fetched_ro() {
  runc exec "$name" trawl results out/site --state fetched 2>/dev/null | wc -l
}
serve_ro() {
  configure trawl serve --config /etc/trawl/trawl.toml
  runc run -b "$bundle" "$name" >"$work/log" 2>&1 &
  started=$!
  pids+=("$started")
}
serve_ro
check "the daemon crawls on a read-only root" within 60 at_least fetched_ro 0 20
check "its health check succeeds there" runc exec "$name" trawl health
check "it is the first process" test "$(runc exec "$name" cat /proc/1/comm)" = trawl
check "commands there find the daemon and its token" runc exec "$name" trawl status
check "what others leave behind is reaped" runc exec "$name" sh -c \
  '(setsid sleep 0.2 &); sleep 1; ! grep -q "^State:.Z" /proc/[0-9]*/status'
some=$(fetched_ro)
runc kill "$name" TERM
check "as such it drains on SIGTERM with 0, after $some pages" wait "$started"
check "there is more to fetch" test "$some" -lt "$pages"
serve_ro
check "at the next start it goes on to the end there" within 120 at_least fetched_ro 0 "$pages"
runc kill "$name" TERM
check "and ends with 0" wait "$started"
