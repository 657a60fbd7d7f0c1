#!/usr/bin/env python3
"""Many idle, slow, broken and hostile clients of a daemon that crawls.

    tests/bench/daemon_clients.py [--listeners 500] [--readers 100] [--short]

Says what each kind costs in memory, descriptors and threads, in what time they are shown the door,
and whether the crawl went on. Ends with 1 when a bound does not hold.
"""
import argparse
import os
import random
import select
import socket
import sys
import time

from daemon_bench import Daemon, Site, job_text

GROWTH_KIB_MAX = 64 * 1024  # for 500 listeners, and for 100 readers


class Clients:
    def __init__(self):
        self.site, self.daemon, self.faults = Site(pages=4000), Daemon(), []

    def check(self, good, text):
        print(("ok     " if good else "FAULT  ") + text, flush=True)
        if not good:
            self.faults.append(text)

    def connect(self, sent=b"", small=False):
        client = socket.socket()
        if small:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(30)
        client.connect(("127.0.0.1", self.daemon.port))
        if sent:
            client.sendall(sent)
        return client

    def get(self, path):
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.daemon.port}\r\n\r\n".encode()

    def fetched(self):
        return self.daemon.job("crawl")["totals"]["fetched"]

    def told(self, what, before, pages, began):
        after = self.daemon.figures()
        rate = (self.fetched() - pages) / (time.monotonic() - began)
        print(f"{what}: resident {before[0]} → {after[0]} KiB, descriptors {before[1]} → "
              f"{after[1]}, threads {before[2]} → {after[2]}; the crawl got {rate:.1f} pages/s",
              flush=True)
        self.check(rate > 1, f"{what}: the crawl goes on")
        return after

    def start(self):
        self.daemon.start()
        for name, delay, per_host in (("full", "0s", 16), ("crawl", "50ms", 1)):
            text = job_text(self.site.url(1 if name == "full" else 2, name), name=name,
                            delay=delay, per_host=per_host)
            self.check(self.daemon.ask("POST", "/api/v1/jobs", text, "application/toml")[0] == 201,
                       f"{name} is submitted")
        end = time.monotonic() + 120
        while self.daemon.job("full")["state"] != "finished" and time.monotonic() < end:
            time.sleep(0.3)
        self.check(self.daemon.job("full")["state"] == "finished", "4001 records to read")

    def listeners(self, count, seconds):
        before, pages, began = self.daemon.figures(), self.fetched(), time.monotonic()
        clients = [self.connect(self.get("/api/v1/events"), small=True) for _ in range(count)]
        time.sleep(seconds)  # they read nothing, and events come
        after = self.told(f"{count} listeners that don't read", before, pages, began)
        heads = [c.recv(64) for c in clients]
        self.check(all(b" 200 " in h for h in heads), f"all {count} listen")
        self.check(after[0] - before[0] < GROWTH_KIB_MAX, "their memory is bounded")
        for client in clients:
            client.close()

    def readers(self, count, seconds):
        before, pages, began = self.daemon.figures(), self.fetched(), time.monotonic()
        ask = self.get("/api/v1/jobs/full/results")
        clients = [self.connect(ask, small=True) for _ in range(count)]
        end, taken, heads = began + seconds, 0, {}
        most = before[0]
        while time.monotonic() < end:
            for client in select.select(clients, [], [], 0.5)[0]:
                piece = client.recv(256)
                heads.setdefault(client, piece[9:12])
                taken += len(piece)
            most = max(most, self.daemon.figures()[0])
            time.sleep(0.5)
        self.told(f"{count} slow readers ({taken / seconds / count:.0f} bytes/s each)", before,
                  pages, began)
        answers = list(heads.values())
        good, refused = answers.count(b"200"), answers.count(b"503")
        self.check(good + refused == count, f"{good} are served, {refused} told to come again")
        self.check(most - before[0] < GROWTH_KIB_MAX,
                   f"their memory is bounded: at most {most} KiB resident")
        for client in clients:
            client.close()

    def until_closed(self, clients, most):
        """Seconds until the last of them was closed by the daemon, or `most`."""
        began, waiting, answers = time.monotonic(), set(clients), set()
        while waiting and time.monotonic() - began < most:
            for client in select.select(list(waiting), [], [], 0.5)[0]:
                try:
                    piece = client.recv(65536)
                except OSError:
                    piece = b""
                if piece:
                    answers.add(piece[9:12])
                else:
                    waiting.discard(client)
        for client in clients:
            client.close()
        return (time.monotonic() - began if not waiting else most), answers

    def hostile(self, what, sent, count, most):
        before, pages, began = self.daemon.figures(), self.fetched(), time.monotonic()
        rounds, slowest, answers, clients = 0, 0, set(), []
        while time.monotonic() - began < 3:  # long enough to see the crawl
            rounds, clients = rounds + 1, []
            for _ in range(count):
                clients.append(self.connect())
                try:
                    clients[-1].sendall(sent() if callable(sent) else sent)
                except OSError:
                    pass  # it was shown the door before the end
            took, told = self.until_closed(clients, most)
            slowest, answers = max(slowest, took), answers | told
            if took >= most:
                break
        self.check(slowest < most, f"{what}: {rounds} times {count} closed within {slowest:.1f} s, "
                   f"told {sorted(a.decode(errors='replace') for a in answers)}")
        self.told(what, before, pages, began)

    def finish(self):
        time.sleep(1)
        before = self.daemon.figures()
        self.check(self.daemon.ask("GET", "/healthz")[0] == 200, "it is well")
        self.check(before[1] < 200, f"descriptors are given back: {before[1]}")
        self.check(self.daemon.stop() == 0, "SIGTERM: exit code 0")
        log = os.path.getsize(self.daemon.path("log"))
        self.check(log < 2_000_000, f"its log has {log} bytes")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--listeners", type=int, default=500)
    options.add_argument("--readers", type=int, default=100)
    options.add_argument("--seconds", type=float, default=12)
    options.add_argument("--short", action="store_true", help="leave out what takes a minute")
    asked = options.parse_args()
    chance = random.Random(1)
    clients = Clients()
    try:
        clients.start()
        clients.listeners(asked.listeners, asked.seconds)
        clients.readers(asked.readers, asked.seconds)
        clients.hostile("garbage", lambda: chance.randbytes(chance.randint(4, 4000)) + b"\r\n\r\n",
                        100, 30)
        clients.hostile("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" +
                        bytes(500), 20, 30)
        clients.hostile("a header of 100 KB", b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000, 50, 30)
        clients.hostile("a target of 100 KB", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 50,
                        30)
        clients.hostile("half a head", b"GET / HTTP/1.1\r\nHos", 200, 30)
        clients.hostile("half a body", b"POST /api/v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        b"Content-Type: application/toml\r\nContent-Length: 1000\r\n\r\n[seeds", 50,
                        60)
        if not asked.short:
            clients.hostile("nothing at all", b"", 300, 90)
        clients.finish()
    finally:
        clients.daemon.remove()
    print("faults:", len(clients.faults))
    sys.exit(1 if clients.faults else 0)


if __name__ == "__main__":
    main()
