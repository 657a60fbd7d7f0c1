#!/usr/bin/env python3
"""What many requests to the API cost a crawl.

    tests/bench/daemon_load.py [--rounds 3] [--seconds 8] [--connections 4]

A daemon crawls, first a site that politeness holds to a pace, then python3-doc on nginx as fast as
it can; each with and without wrk on the API, by turns, the first of two being the one and the other
by turns as well. wrk and nginx share the processors with the crawl, so the processor time of each is
told too: what wrk takes is lost to the crawl whatever it asks. What a crawl loses is the median of
what it lost in each pair of runs. Needs nginx, wrk and the package python3-doc.
"""
import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from daemon_bench import Daemon, Site, free_port, job_text

DOCS = "/usr/share/doc/python3.11/html"
HOSTS = 32


class Nginx:
    def __init__(self):
        self.dir, self.port = tempfile.TemporaryDirectory(), free_port()
        with open(self.dir.name + "/conf", "w") as file:
            file.write(f"""daemon off; master_process off; pid {self.dir.name}/pid;
events {{ worker_connections 2048; }}
http {{ include /etc/nginx/mime.types; access_log off; keepalive_requests 1000000;
  client_body_temp_path {self.dir.name}/b; proxy_temp_path {self.dir.name}/p;
  fastcgi_temp_path {self.dir.name}/f; uwsgi_temp_path {self.dir.name}/u;
  scgi_temp_path {self.dir.name}/s;
  server {{ listen {self.port} backlog=1024; allow 127.0.0.0/8; deny all; root {DOCS}; }} }}
""".replace(f"listen {self.port}", "".join(
                f"listen 127.0.0.{i}:{self.port}; " for i in range(2, HOSTS + 1)) +
                f"listen 127.0.0.1:{self.port}"))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", self.dir.name + "/conf", "-e",
                                         self.dir.name + "/log"])

    def cpu(self):
        text = open(f"/proc/{self.process.pid}/stat").read()
        fields = text[text.rindex(")") + 2:].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.dir.cleanup()


def wrk(daemon, path, seconds, connections):
    return subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{int(seconds)}s",
                             f"http://127.0.0.1:{daemon.port}{path}"],
                            stdout=subprocess.PIPE, text=True)


def outcome(loads):
    """Requests a second, and answers that were no good."""
    per_s, bad = [], 0
    for load in loads:
        text = load.communicate()[0]
        found = re.search(r"Requests/sec:\s+([\d.]+)", text)
        per_s.append(float(found[1]) if found else 0.0)
        if found := re.search(r"Non-2xx or 3xx responses: (\d+)", text):
            bad += int(found[1])
    return per_s, bad


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(daemon, name, seconds, loads, site_cpu=lambda: 0.0):
    """Pages a second, and processor time, of a crawl that goes on."""
    def fetched():
        return daemon.job(name)["totals"]["fetched"]
    wrk_before, site_before = children_cpu(), site_cpu()
    pages, before, began = fetched(), daemon.cpu_of_threads(), time.monotonic()
    running = [wrk(daemon, path, seconds, c) for path, c in loads]
    time.sleep(seconds)
    after, took = daemon.cpu_of_threads(), time.monotonic() - began
    pages, site = fetched() - pages, site_cpu() - site_before
    per_s, bad = outcome(running)
    spent = {tid: (who, nice, cpu - before.get(tid, (0, 0, 0))[2])
             for tid, (who, nice, cpu) in after.items()}
    api = sum(cpu for _, nice, cpu in spent.values() if nice > 0)
    crawl = sum(cpu for _, nice, cpu in spent.values() if nice <= 0)
    return {"rate": pages / took, "api": api / took, "crawl": crawl / took, "requests": per_s,
            "wrk": (children_cpu() - wrk_before) / took, "site": site / took, "bad": bad, "state": daemon.job(name)["state"],
            "per_cpu": pages / crawl if crawl else 0.0}


def show(title, run):
    print(f"  {title:9} {run['rate']:8.1f} pages/s  processors: crawl {run['crawl']:.2f}, site "
          f"{run['site']:.2f}, API {run['api']:.2f}, wrk {run['wrk']:.2f}  "
          f"{run['per_cpu']:5.0f} pages per processor second  "
          f"{[round(r) for r in run['requests']]} requests/s, {run['bad']} refused, {run['state']}",
          flush=True)


def compare(runs, title):
    quiet, loud = ([r for r in runs if bool(r["requests"]) == x] for x in (False, True))

    def mid(of, key):
        return statistics.median(r[key] for r in of)
    pairs = [100 * (b["rate"] / a["rate"] - 1) for a, b in zip(quiet, loud)]
    print(f"{title}: {mid(quiet, 'rate'):.1f} → {mid(loud, 'rate'):.1f} pages/s; by pairs "
          f"{', '.join(f'{p:+.1f}' for p in pairs)} %, median {statistics.median(pairs):+.1f} %; "
          f"the API's threads {mid(loud, 'api'):.2f} of a processor, wrk {mid(loud, 'wrk'):.2f}; "
          f"pages per processor second {mid(quiet, 'per_cpu'):.0f} → {mid(loud, 'per_cpu'):.0f}")


def loads_of(name, connections):
    paths = ["/api/v1/status", "/api/v1/jobs", f"/api/v1/jobs/{name}/results?limit=200", "/metrics"]
    return [(path, max(1, connections // len(paths))) for path in paths]


def polite(daemon, asked):
    site = Site(pages=int(2 * asked.rounds * asked.seconds * 60) + 200)  # it is asked for 48 a second
    text = "".join(job_text(site.url(1, "polite"), name="polite", delay="20ms", per_host=1))
    assert daemon.ask("POST", "/api/v1/jobs", text, "application/toml")[0] == 201
    time.sleep(2)
    loads = loads_of("polite", asked.connections)
    runs = []
    for number in range(asked.rounds):
        for load in ([], loads) if number % 2 == 0 else (loads, []):
            runs.append(measure(daemon, "polite", asked.seconds, load))
            show("with wrk" if load else "without", runs[-1])
    compare(runs, "a polite crawl")
    daemon.ask("DELETE", "/api/v1/jobs/polite?data=delete")


def fast(daemon, asked, nginx):
    runs = []
    for number in range(asked.rounds * 2):
        name = f"fast{number}"
        urls = '", "'.join(f"http://127.0.0.{i}:{nginx.port}/index.html"
                           for i in range(1, HOSTS + 1))
        text = job_text(urls, name=name, per_host=16)
        assert daemon.ask("POST", "/api/v1/jobs", text, "application/toml")[0] == 201
        while daemon.job(name)["totals"]["fetched"] < 100:
            time.sleep(0.05)
        loads = loads_of(name, asked.connections) if number % 4 in (1, 2) else []
        runs.append(measure(daemon, name, asked.fast_seconds, loads, nginx.cpu))
        if runs[-1]["state"] != "running":
            sys.exit(f"{name} is {runs[-1]['state']}: it should crawl as long as it is measured")
        show("with wrk" if loads else "without", runs[-1])
        daemon.ask("DELETE", f"/api/v1/jobs/{name}?data=delete")
    compare(runs, "python3-doc at full speed")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=8, help="of each polite measurement")
    options.add_argument("--fast-seconds", type=int, default=8, help="of each fast one")
    options.add_argument("--connections", type=int, default=8)
    asked = options.parse_args()
    if not os.path.isdir(DOCS):
        sys.exit("needs the package python3-doc")
    daemon, nginx = Daemon(), Nginx()
    try:
        daemon.start()
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        polite(daemon, asked)
        fast(daemon, asked, nginx)
        print("SIGTERM:", daemon.stop())
    finally:
        nginx.close()
        daemon.remove()


if __name__ == "__main__":
    main()
