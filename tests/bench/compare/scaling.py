#!/usr/bin/env python3
"""How the cost of a page grows with what there is of it: ./dev bench scaling [--quick].

Fetches or crawls generated sites from nginx's memory, changing one thing at a time: fetches at once,
hosts, the size of a page, its links. Beside trawl, which keeps records and a WARC file, stands a bare
loop of libcurl that appends bodies to one file. What a start costs (a run of one page) is taken off.
Writes docs/scaling.md and its plot.
"""
import argparse
import contextlib
import math
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time

import clients
import report
import run as runs
import sites

ADDRESSES = sites.Site.hosts()
CONFIGURATION = """daemon off; master_process off; worker_processes 1; pid {dir}/pid;
error_log {dir}/error.log; worker_rlimit_nofile 19000;
events {{ worker_connections 9000; }}
http {{
  default_type text/html; access_log off; sendfile on; tcp_nopush on; server_tokens off;
  open_file_cache max=5000 inactive=600s; open_file_cache_valid 600s;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000; keepalive_timeout 300s;
  server {{ {listen} root {dir}/web; }}
}}
"""
OPEN = ["politeness.per_host", "politeness.per_domain", "politeness.per_ip"]
TEXT = """# Scaling

`./dev bench scaling` makes this page: the CPU time of a page, user and system, while one thing is changed. Pages
come from nginx's memory, each with its own text; trawl keeps records and a WARC file, not compressed. The loop
is libcurl's multi interface by itself, appending bodies to one file. The cost of a start ({start:.0f} ms for trawl) is
taken off. Medians of {rounds}.

Made on {day}{quick}: {machine}.

![CPU a page](images/scaling.svg)
"""


class Farm:
    """nginx with what is in a folder, on 200 addresses of loopback."""

    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.web = self.dir / "web"
        self.web.mkdir(parents=True)
        self.series = 0  # nginx keeps open what it has served
        self.port = sites.free_port()
        listen = " ".join(f"listen {address}:{self.port} backlog=4096;" for address in ADDRESSES)
        (self.dir / "nginx.conf").write_text(CONFIGURATION.format(dir=self.dir, listen=listen))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.dir, "-c", self.dir / "nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex((ADDRESSES[0], self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("nginx does not listen: " + (self.dir / "error.log").read_text()[-500:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def url(self, page, address=ADDRESSES[0]):
        return f"http://{address}:{self.port}/{self.series}/{page}.html"

    def make_pages(self, count, size, links=0):
        """Pages of about so many bytes, or with so many links to each other."""
        shutil.rmtree(self.web / str(self.series), ignore_errors=True)
        self.series += 1
        folder = self.web / str(self.series)
        folder.mkdir()
        chance = random.Random(1)
        words = " ".join(f"word{n}" for n in range(2000))
        words = (words * (size // len(words) + 1))[:max(size - 80, 0)]
        for page in range(count):
            # The first ones lead to all others.
            near = [page * 8 + n for n in range(1, 9) if page * 8 + n < count] if links else []
            far = [chance.randrange(count) for _ in range(max(links - len(near), 0))]
            anchors = "".join(f'<a href="{other}.html">{other}</a>\n' for other in near + far)
            (folder / f"{page}.html").write_text(
                f"<!DOCTYPE html><html><head><title>{page}</title></head><body>{anchors}<p>{page} {words}"
                "</body></html>")


def cpu_of(command, folder, limit_s=300):
    """CPU seconds and peak memory in MB of one run."""
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
    ended = time.monotonic() + limit_s
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > ended:
            process.kill()
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with {process.returncode}: "
                           f"{(folder / 'said').read_text(errors='replace')[-500:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def trawl(mode, folder, at_once, urls, *more):
    shutil.rmtree(folder / "out", ignore_errors=True)
    options = ["--delay", "0", "--concurrency", str(at_once), *clients.PLAIN, *more]
    for key, value in {"politeness.adaptive": "off", "robots.policy": "ignore",
                       "urls.pattern_budget": "off", "fetch.allow_private_networks": '["127.0.0.0/8"]',
                       "limits.memory": "1GiB", **{key: min(at_once, 1000) for key in OPEN[:1]},
                       **{key: "off" for key in OPEN[1:]}}.items():
        options += ["--set", f"{key}={value}"]
    if mode == "crawl":
        return [clients.TRAWL, "crawl", *urls, "-o", "out", "--depth", "500", *options]
    (folder / "urls.txt").write_text("".join(url + "\n" for url in urls))
    return [clients.TRAWL, "fetch", "-i", "urls.txt", "-o", "out", *options]


def loop(folder, at_once, urls):
    (folder / "loop.txt").write_text("".join(url + "\n" for url in urls))
    return [str(clients.PEERS / "floor"), "curl", "loop.txt", str(at_once), "bodies"]


class Measurement:
    def __init__(self, farm, folder, rounds):
        self.farm, self.folder, self.rounds = farm, folder, rounds
        farm.make_pages(1, 1000)
        self.start_s = self.median(trawl("fetch", folder, 1, [farm.url(0)]))[0]

    def median(self, command):
        out = self.folder / "out"
        figures = []
        for _ in range(self.rounds):
            shutil.rmtree(out, ignore_errors=True)
            figures.append(cpu_of(command, self.folder))
        return tuple(statistics.median(values) for values in zip(*figures))

    def point(self, x, urls, at_once, mode="fetch", pages=None, more=(), beside=True):
        pages = pages or len(urls)
        cpu, memory = self.median(trawl(mode, self.folder, at_once, urls, *more))
        with contextlib.closing(sqlite3.connect(self.folder / "out/crawl.db")) as db:
            fetched = db.execute("SELECT count(*) FROM results WHERE status = 200").fetchone()[0]
        if fetched != pages:
            raise RuntimeError(f"{fetched} of {pages} pages were fetched")
        result = {"x": x, "pages": pages, "trawl": 1e6 * max(cpu - self.start_s, 0) / pages,
                  "memory": memory, "loop": None}
        if beside:
            result["loop"] = 1e6 * self.median(loop(self.folder, at_once, urls))[0] / pages
        print(f"{x:,}: {result['trawl']:.0f} µs a page", flush=True)
        return result

    def at_once(self, count, most):
        self.farm.make_pages(count // 20, 10_000)
        urls = [self.farm.url(page, ADDRESSES[n]) for n in range(20) for page in range(count // 20)]
        return [self.point(n, urls, n) for n in (1, 4, 16, 64, 256, 1024, 4096) if n <= most]

    def hosts(self, count, most):
        # A page of its own for each URL, and names for the hosts, each at one of the addresses.
        self.farm.make_pages(min(count, 20_000), 10_000)
        points = []
        for hosts in (1, 10, 100, 1_000, 10_000, 100_000):
            if hosts > most:
                break
            total = max(hosts, count)
            names = "".join(f"{ADDRESSES[n % len(ADDRESSES)]} h{n}.bench.test\n" for n in range(hosts))
            (self.folder / "names").write_text(names)
            urls = [self.farm.url(n % min(count, 20_000), f"h{n % hosts}.bench.test") for n in range(total)]
            points.append(self.point(hosts, urls, 64, beside=False,
                                     more=("--set", f"fetch.hosts_file={self.folder / 'names'}")))
        return points

    def sizes(self, bytes_max):
        points = []
        for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
            count = max(min(5_000, bytes_max // size), 8)
            self.farm.make_pages(count, size)
            points.append(self.point(size, [self.farm.url(page) for page in range(count)], 16))
        return points

    def links(self, count):
        points = []
        for links in (8, 30, 100, 300, 1_000, 3_000):
            pages = max(min(count, 600_000 // links), 300)
            self.farm.make_pages(pages, 10_000, links)
            points.append(self.point(links, [self.farm.url(0)], 64, mode="crawl", pages=pages, beside=False))
        return points


def table(title, unit, points, per=None):
    heads = [unit, "pages", "trawl, µs a page", "loop, µs a page", "peak memory, MB"]
    if per:
        heads.append(per[0])
    if all(point["loop"] is None for point in points):
        heads.remove("loop, µs a page")
    lines = [f"## {title}\n", "| " + " | ".join(heads) + " |", "|" + "--:|" * len(heads)]
    for point in points:
        cells = [f"{point['x']:,}", f"{point['pages']:,}", f"{point['trawl']:,.0f}"]
        if "loop, µs a page" in heads:
            cells.append(f"{point['loop']:,.0f}")
        cells.append(f"{point['memory']:,.0f}")
        if per:
            cells.append(per[1](point))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def panel(x0, y0, title, points):
    """CPU a page against x, both logarithmic."""
    width, height = 300, 170
    values = [point[key] for point in points for key in ("trawl", "loop") if point[key]]
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    first, last = points[0]["x"], points[-1]["x"]

    def place(x, y):
        return (x0 + 60 + width * math.log(x / first) / math.log(last / first),
                y0 + 30 + height * (1 - math.log(y / low) / math.log(high / low)))

    parts = [f'<text x="{x0 + 60}" y="{y0 + 16}" font-weight="bold">{title}</text>',
             f'<rect x="{x0 + 60}" y="{y0 + 30}" width="{width}" height="{height}" fill="none" stroke="#999"/>']
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        y = place(first, 10 ** power)[1]
        parts.append(f'<text x="{x0 + 54}" y="{y + 4:.0f}" text-anchor="end">{10 ** power:,} µs</text>'
                     f'<line x1="{x0 + 60}" x2="{x0 + 60 + width}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>')
    for point in points:
        x = place(point["x"], high)[0]
        label = f"{point['x'] // 1_000_000} M" if point["x"] >= 1_000_000 else (
            f"{point['x'] // 1_000} k" if point["x"] >= 1_000 else str(point["x"]))
        parts.append(f'<text x="{x:.0f}" y="{y0 + 46 + height}" text-anchor="middle">{label}</text>')
    for key, color in (("loop", "#b0b7bd"), ("trawl", "#1b6ca8")):
        line = [place(point["x"], point[key]) for point in points if point[key]]
        if line:
            parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="'
                         + " ".join(f"{x:.0f},{y:.0f}" for x, y in line) + '"/>')
    return "".join(parts)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench scaling", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="less work, one round")
    parser.add_argument("--into", type=pathlib.Path, default=clients.ROOT / "docs/scaling.md")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # the options, and end
    arguments = parser.parse_args()
    if not arguments.into.parent.is_dir():
        parser.error(f"--into: there is no folder {arguments.into.parent}")
    if arguments.check:
        return
    rounds = 1 if arguments.quick else 3
    count = 4_000 if arguments.quick else 20_000
    runs.build_floor()
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="trawl-scaling-", dir=shared) as name:
        folder = pathlib.Path(name)
        (folder / "run").mkdir()
        farm = Farm(folder / "farm")
        try:
            measurement = Measurement(farm, folder / "run", rounds)
            at_once = measurement.at_once(count, 4096)
            hosts = measurement.hosts(count, 10_000 if arguments.quick else 100_000)
            sizes = measurement.sizes(100_000_000 if arguments.quick else 400_000_000)
            links = measurement.links(2_000 if arguments.quick else 6_000)
        finally:
            farm.stop()
    text = [TEXT.format(start=1000 * measurement.start_s, machine=report.machine(),
                        rounds=f"{rounds} round{'s' if rounds > 1 else ''}", day=time.strftime("%Y-%m-%d"),
                        quick=" with --quick" if arguments.quick else ""),
            table("Fetches at once", "at once", at_once),
            table("Hosts", "hosts", hosts),
            table("The size of a page", "bytes", sizes,
                  ("trawl, µs a MB", lambda point: f"{1e6 * point['trawl'] / point['x']:,.0f}")),
            table("The links of a page", "links", links,
                  ("µs a link", lambda point: f"{point['trawl'] / point['x']:.2f}")),
            "Known URLs, up to fifty million: [operations](operations.md#memory).\n"]
    arguments.into.write_text("\n".join(text))
    image = arguments.into.parent / "images/scaling.svg"
    image.parent.mkdir(exist_ok=True)
    image.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="800" height="520" '
                     'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
                     + panel(10, 10, "fetches at once", at_once) + panel(410, 10, "hosts", hosts)
                     + panel(10, 260, "bytes of a page", sizes) + panel(410, 260, "links of a page", links)
                     + "</svg>\n")


if __name__ == "__main__":
    main()
