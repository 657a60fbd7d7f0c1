#!/usr/bin/env python3
"""What a crawl near its memory limit really takes: peak resident memory against limits.memory.

    tests/bench/memory_peak.py [--limits 96MiB,128MiB,256MiB] [--pages 3000] [--hosts 40]

A server on loopback has pages of 20 KiB to 1 MiB on many addresses, each linking to others, and
takes its time; the crawl asks for as many of them at once as it may, so that its memory is full of
bodies. For each limit the highest figure that the kernel saw (VmHWM) is compared with the limit.
Ends with 1 when it is over the limit by more than 10 %, or when pages are missing. What a limit
covers is the whole process: the 56 MiB that code, libraries and the database's cache are counted
with are a part of it.
"""
import argparse
import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TRAWL = os.path.join(os.path.dirname(__file__), "../../build/release/trawl")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
SIZES = [20, 60, 200, 300, 600, 1024]  # KiB


class Server:
    """Pages /0 to /N-1 on each address; page n links to the pages 4n+1 to 4n+4."""

    def __init__(self, hosts, pages):
        self.addresses = [f"127.0.1.{i + 1}" for i in range(hosts)]
        self.pages, self.port = pages, 0
        self.filling = ("lorem ipsum dolor sit amet " * 40000).encode()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready):
        asyncio.run(self.serve(ready))

    async def serve(self, ready):
        first = await asyncio.start_server(self.answer, self.addresses[0], 0, backlog=1024)
        self.port = first.sockets[0].getsockname()[1]
        for address in self.addresses[1:]:
            await asyncio.start_server(self.answer, address, self.port, backlog=1024)
        ready.set()
        await asyncio.Event().wait()

    def url(self, page):
        return f"http://{self.addresses[page % len(self.addresses)]}:{self.port}/{page}"

    def body(self, page):
        links = "".join(f'<a href="{self.url(n)}">x</a>' for n in range(4 * page + 1, 4 * page + 5)
                        if n < self.pages)
        size = random.Random(page).choice(SIZES) * 1024
        return b"<!DOCTYPE html><p>" + links.encode() + self.filling[:size]

    async def answer(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                path = head.split(" ")[1][1:]
                body = self.body(int(path)) if path.isdigit() else b""
                status = "200 OK" if path.isdigit() else "404 Not Found"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n"
                             f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:len(body) // 2])
                await writer.drain()
                await asyncio.sleep(0.2)
                writer.write(body[len(body) // 2:])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def peak_of(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def crawl(server, limit, at_once):
    folder = tempfile.mkdtemp(prefix="memory-peak-")
    try:
        command = [TRAWL, "crawl", server.url(0), "-o", f"{folder}/out", "--delay", "0"]
        for setting in ["scope.mode=any", "politeness.adaptive=off", "politeness.per_host=64",
                        "politeness.per_ip=off", "politeness.per_domain=off", "scope.max_depth=off",
                        f"fetch.concurrency={at_once}", f"limits.memory={limit}",
                        'fetch.allow_private_networks=["127.0.0.0/8"]', "output.shards=2"]:
            command += ["--set", setting]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        peak, ended = 0, time.monotonic() + 1200
        while process.poll() is None and time.monotonic() < ended:
            peak = max(peak, peak_of(process.pid))
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
        text = process.stderr.read()
        if process.returncode != 0:
            sys.exit(f"the crawl ended with {process.returncode}: {text}")
        with sqlite3.connect(f"file:{folder}/out/crawl.db?mode=ro", uri=True) as db:
            fetched = db.execute("SELECT count(*) FROM results WHERE status = 200").fetchone()[0]
        return peak, fetched
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--limits", default="96MiB,128MiB,256MiB")
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--at-once", type=int, default=800)
    args = parser.parse_args()
    server, wrong = Server(args.hosts, args.pages), False
    for limit in args.limits.split(","):
        bytes_max = int(limit[:-3]) * UNITS[limit[-3:]]
        peak, fetched = crawl(server, limit, args.at_once)
        print(f"limit {limit}: peak {peak / 2**20:.0f} MiB, {100 * peak / bytes_max:.0f} % of it; "
              f"{fetched} of {args.pages} pages", flush=True)
        wrong |= peak > bytes_max * 1.1 or fetched != args.pages
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
