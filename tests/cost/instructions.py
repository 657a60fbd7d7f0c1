#!/usr/bin/env python3
"""Instructions that a page of a fixed small crawl costs, against those that the repository records.

    instructions.py TRAWL RECORD          compares; exit code 1 when it is off by more than allowed
    instructions.py TRAWL RECORD --write  records what was measured

valgrind counts what trawl itself does, library by library: no clock, so that a loaded machine says
the same as an idle one. A crawl of few pages is taken off one of many, so that what a start and an
end cost doesn't count. Left out are libcrypto, which has no SHA instructions under valgrind and so
costs there what it never does elsewhere, and the loader. Exit code 77: valgrind is missing.
"""
import argparse
import collections
import http.server
import json
import pathlib
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading

PAGES_FEW, PAGES_MANY = 20, 220
LEFT_OUT = ("libcrypto", "ld-linux")
TIMEOUT_S = 280  # one crawl; seconds where the machine is free
SKIPPED = 77


class Site:
    """Pages 0 to n-1. Each links to the next ones, so that a crawl finds all of them, and to
    sections, other hosts and files besides, as pages do; the same bytes each time."""

    WORDS = ("crawl page link host queue fetch store archive record digest charset header body time "
             "limit batch commit writer reader token entity scope shard frontier lease retry").split()

    def __init__(self, pages):
        self.pages = pages
        self.state = 1

    def number(self, below):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % below

    def sentence(self, page):
        words = [self.WORDS[self.number(len(self.WORDS))] for _ in range(11)]
        return " ".join(words) + f" w{page}x{self.number(1000)} un{chr(97 + page % 26)}iq."

    def paragraph(self, page, n):
        to = (page + 1 + self.number(8)) % self.pages
        return (f'<h2 id="s{n}">Part {n}<a class="headerlink" href="#s{n}" title="Link">&para;</a></h2>\n'
                f'<p class="first">{self.sentence(page)} <a class="reference internal" '
                f'href="../p/{to}.html#s{n}"><span class="pre">page {to}</span></a> '
                f'{self.sentence(page)} <em>{self.sentence(page)}</em></p>\n'
                f'<div class="note"><code>f(&quot;{n}&quot;) &amp;&amp; g()</code>'
                f'<a href="https://other{n % 5}.example/{n}?a=1&amp;b=2">elsewhere</a></div>\n')

    def page(self, page):
        self.state = page + 1
        body = "".join(self.paragraph(page, n) for n in range(24))
        ways = "".join(f'<li><a href="{(page + n) % self.pages}.html">next {n}</a></li>\n'
                       for n in range(1, 20))
        return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Page {page}'
                f'</title>\n<script>if (1 < 2) {{ var a = "<b>"; }}</script></head>\n<body>'
                f'<!-- a comment -->\n<ul>{ways}</ul>\n{body}</body></html>\n').encode()


def serve(pages):
    site = Site(pages)
    bodies = {f"/p/{n}.html": site.page(n) for n in range(pages)}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = bodies.get(self.path, b"no such page")
            self.send_response(200 if self.path in bodies else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def crawl(trawl, pages, folder):
    """Instructions of each library in a crawl of so many pages."""
    server = serve(pages)
    counts = folder / f"callgrind.{pages}"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", str(trawl), "crawl",
               f"http://127.0.0.1:{server.server_port}/p/0.html", "-o", str(folder / f"out{pages}"),
               "--delay", "0", "--concurrency", "8", "--depth", "10000"]
    for setting in ("politeness.adaptive=off", "politeness.per_host=8", "politeness.per_domain=8",
                    "politeness.per_ip=8", "robots.policy=ignore", "output.shards=1",
                    "limits.min_free_disk=off",
                    'fetch.allow_private_networks=["127.0.0.0/8"]'):
        command += ["--set", setting]
    # valgrind makes tables for as many descriptors as there may be.
    done = subprocess.run(["/bin/sh", "-c", 'ulimit -n 1024; exec "$@"', "sh", *command],
                          capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    server.shutdown()
    text = done.stdout + done.stderr
    fetched = re.search(r"fetched +([\d,]+)", text)
    if done.returncode != 0 or not fetched or int(fetched[1].replace(",", "")) != pages:
        sys.exit(f"the crawl went wrong (exit code {done.returncode}):\n{text[-3000:]}")
    return by_library(counts)


def by_library(path):
    """Own costs in callgrind's output, summed by object file."""
    names, costs, library, is_call = {}, collections.Counter(), "", False
    for line in path.open(encoding="utf-8", errors="replace"):
        if line.startswith("ob="):
            number, _, name = line[3:].strip().partition(" ")
            if name:
                names[number] = pathlib.Path(name).name
            library = names.get(number, "")
        elif line.startswith("calls="):
            is_call = True  # the next line is what the callee cost
        elif line[0] in "0123456789+-*":
            if not is_call:
                costs[library] += int(line.split()[1])
            is_call = False
        elif line.startswith("cob="):
            number, _, name = line[4:].strip().partition(" ")
            if name:
                names[number] = pathlib.Path(name).name
    return costs


def short(library):
    return re.sub(r"(\.so.*|-[\d.]+)$", "", library) or "unknown"


def measure(trawl):
    with tempfile.TemporaryDirectory(prefix="trawl-instructions-") as name:
        folder = pathlib.Path(name)
        # Its own folder is a short path; and valgrind can't read clang's debug information.
        stripped = folder / "trawl"
        shutil.copy(trawl, stripped)
        subprocess.run(["llvm-objcopy-19", "--strip-debug", stripped], check=True)
        few, many = (crawl(stripped, pages, folder) for pages in (PAGES_FEW, PAGES_MANY))
    costs = collections.Counter()
    for library in many:
        if not library.startswith(LEFT_OUT):
            costs[short(library)] += (many[library] - few[library]) / (PAGES_MANY - PAGES_FEW)
    return {name: round(cost) for name, cost in costs.most_common() if cost >= 500}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trawl")
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        sys.exit(SKIPPED)
    measured = measure(arguments.trawl)
    total = sum(measured.values())
    if arguments.write:
        arguments.record.write_text(
            json.dumps({"tolerance_percent": 6, "per_page": measured}, indent=2) + "\n")
    record = json.loads(arguments.record.read_text())
    before = record["per_page"]
    print(f"{'':16} {'recorded':>12} {'measured':>12}   instructions a page")
    for name in sorted(measured | before, key=lambda n: -max(before.get(n, 0), measured.get(n, 0))):
        print(f"{name:16} {before.get(name, 0):12,} {measured.get(name, 0):12,}")
    recorded = sum(before.values())
    change = 100 * (total - recorded) / recorded
    print(f"{'all':16} {recorded:12,} {total:12,}   {change:+.1f} %")
    if abs(change) > record["tolerance_percent"]:
        print(f"more than {record['tolerance_percent']} % away from the record: if it is meant, run\n"
              f"  tests/cost/instructions.py build/release/trawl {arguments.record} --write\n"
              "and say in the commit why")
        sys.exit(1)


if __name__ == "__main__":
    main()
