#!/usr/bin/env python3
"""trawl and its peers on the same work, in turns: ./dev bench [--quick].

Serves real documentation sites and many small hosts from memory with nginx, runs each client in its
own folder, and takes its CPU time and peak memory from the system and what it fetched from nginx's
log. Each round runs every client once, so that what else the machine does hits all alike; the
medians go to docs/benchmarks.md. Every run has an end; so has the whole.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import clients
import report
import sites


TASKS = list(report.TITLES)


class Task:
    """What is to be done, and the folder for it."""

    def __init__(self, site, name, text, urls, clients_, limit_s):
        self.site, self.name, self.text, self.urls = site, name, text, urls
        self.limit_s = limit_s
        self.clients = clients_
        self.folder = None


def run(task, command_of, site, folder):
    """One run: figures as a dict; "late" when its time was over."""
    task.folder = folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = command_of(task)
    site.witness()
    begun = time.monotonic()
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
    late = threading.Event()

    def stop():
        late.set()
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(task.limit_s, stop)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    seconds = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    witness = site.witness()
    result = {"pages": witness.pages, "requests": witness.requests, "bytes": witness.bytes,
              "cpu_s": usage.ru_utime + usage.ru_stime, "user_s": usage.ru_utime,
              "wall_s": seconds, "memory_mb": usage.ru_maxrss / 1024, "late": late.is_set(),
              "code": process.returncode}
    if process.returncode != 0 and not late.is_set() and witness.pages == 0:
        result["said"] = (folder / "said").read_text(errors="replace")[-300:]
    shutil.rmtree(folder, ignore_errors=True)
    return result


def tasks(site, quick):
    count, limit = (2000, 40) if quick else (20000, 120)
    crawl = ["pg"] if quick else ["pg", "sqlite"]
    yield Task(site, "list", f"{count} real pages as a list", site.pages(count), clients.LIST, limit)
    yield Task(site, "crawl", "a documentation site from its first page: " + ", ".join(crawl),
               site.starts(crawl), clients.CRAWL, limit)
    if not quick:
        few = {name: client for name, client in clients.CRAWL.items()
               if name not in ("Scrapy", "Crawlee, Cheerio", "HTTrack")}
        names = [name for name, _, _ in sites.DOCS]
        yield Task(site, "large", "all documentation sites: " + ", ".join(names), site.starts(names), few,
                   240)
    yield Task(site, "hosts", f"{sites.PAGES_PER_HOST} pages of each of {sites.HOSTS} hosts",
               site.host_pages(), clients.HOSTS, limit)
    yield Task(site, "tls", f"one page of each of {sites.TLS_HOSTS} verified https hosts",
               site.tls_pages(), clients.TLS, limit)


def build_floor():
    clients.PEERS.mkdir(parents=True, exist_ok=True)
    subprocess.run(["clang++-19", "-std=c++23", "-O2", "-I", str(clients.ROOT),
                    str(clients.HERE / "floor.cpp"), "-lcurl", "-lcrypto", "-o", str(clients.PEERS / "floor")],
                   check=True)


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return (done.stdout + done.stderr).strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return "not installed"


def versions():
    def npm(name):
        file = clients.PEERS / "node_modules" / name / "package.json"
        return json.loads(file.read_text())["version"] if file.exists() else "not installed"

    return {"trawl": first_line(clients.TRAWL, "--version"),
            "nginx": first_line("/usr/sbin/nginx", "-v"), "curl": first_line("curl", "--version"),
            "wget2": first_line("wget2", "--version"), "aria2": first_line("aria2c", "--version"),
            "HTTrack": first_line("httrack", "--version"),
            "Scrapy": first_line("/usr/bin/scrapy", "version"),
            "aiohttp": first_line(clients.PYTHON, "-c", "import aiohttp; print(aiohttp.__version__)"),
            "Crawlee": npm("crawlee"), "undici": npm("undici"), "node": first_line("node", "--version"),
            "Python": platform.python_version(), "kernel": platform.release()}


def options():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="less work, one round: minutes")
    parser.add_argument("--rounds", type=int, help="of each task; 1 with --quick, else 3")
    parser.add_argument("--only", default="", help=f"some of the tasks: {','.join(TASKS)}")
    parser.add_argument("--without", default="", help="clients to leave out, by a part of the name")
    parser.add_argument("--into", type=pathlib.Path, default=clients.ROOT / "docs/benchmarks.md")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # the options, and end
    arguments = parser.parse_args()
    names = TASKS if not arguments.quick else [name for name in TASKS if name != "large"]
    arguments.only = [name for name in arguments.only.split(",") if name] or names
    for name in arguments.only:
        if name not in names:
            parser.error(f"--only: there is no task {name}{' with --quick' if name in TASKS else ''}; "
                         f"there are {', '.join(names)}")
    if arguments.rounds is not None and arguments.rounds < 1:
        parser.error("--rounds: at least 1")
    if not arguments.into.parent.is_dir():
        parser.error(f"--into: there is no folder {arguments.into.parent}")
    return arguments


def main():
    arguments = options()
    if arguments.check:
        return
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    left_out = [part for part in arguments.without.split(",") if part]
    build_floor()
    shared = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="trawl-bench-", dir=shared) as name:
        folder = pathlib.Path(name)
        site = sites.Site(folder / "site")
        results = []
        try:
            for task in tasks(site, arguments.quick):
                if task.name not in arguments.only:
                    continue
                left = {client: command_of for client, command_of in task.clients.items()
                        if not any(part in client for part in left_out)}
                if not left:
                    print(f"{task.name}: --without leaves out all of it", file=sys.stderr)
                    continue
                figures = {}
                for number in range(rounds):
                    for client, command_of in left.items():
                        result = run(task, command_of, site, folder / "run")
                        figures.setdefault(client, []).append(result)
                        print(f"{task.name} {number + 1}/{rounds} {client}: {result['pages']} pages, "
                              f"{result['cpu_s']:.2f} s CPU, {result['wall_s']:.1f} s"
                              f"{', stopped' if result['late'] else ''}", file=sys.stderr, flush=True)
                results.append({"name": task.name, "text": task.text, "figures": figures})
        finally:
            site.stop()
    if not results:
        sys.exit("./dev bench: nothing was left to run")
    report.write(arguments.into, results, versions(), quick=arguments.quick, rounds=rounds)


if __name__ == "__main__":
    main()
