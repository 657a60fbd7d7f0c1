#!/usr/bin/env python3
"""A month of a daemon in minutes: runs by short schedules, and everything users do to it.

    tests/bench/daemon_month.py [--minutes 5] [--kills 3] [--seed 1] [--samples FILE]

Jobs run every few seconds. Meanwhile jobs are submitted, changed, paused, resumed, cancelled, run
and deleted, URLs are pushed, files of jobs_dir come, change and go, and the configuration is read
anew. First the daemon is killed some times; then one process lives for the minutes that were asked
for, and its memory, descriptors and threads are noted. At the end every archive is verified, and no
job may be lost or in a state that nobody asked for. Ends with 1 and says why when something is
wrong.
"""
import argparse
import collections
import glob
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from daemon_bench import TRAWL, Daemon, Site, job_text

SUBMITTED_MAX = 24
FILES_MAX = 14
# The answers that each of these may have, by what users can run into.
EXPECTED = {"submit": {201}, "pause": {200, 409}, "resume": {200, 409}, "cancel": {200, 409},
            "run": {200, 409}, "patch": {200}, "push": {200, 202, 409, 503}, "delete": {200, 204},
            "read": {200, 404}, "wrong": {400, 404, 405, 409, 415, 422}}


class Month:
    def __init__(self, seed):
        self.random, self.site, self.daemon = random.Random(seed), Site(), Daemon()
        self.submitted, self.files, self.paused = {}, {}, set()
        self.answers, self.faults, self.number = collections.Counter(), [], 0
        self.samples, self.runs, self.kept = [], collections.Counter(), []
        self.slowest, self.took = {}, collections.Counter()

    def fault(self, text):
        print("FAULT:", text, flush=True)
        self.faults.append(text)

    def ask(self, what, method, path, body=None, kind="application/json"):
        began = time.monotonic()
        status, answer = self.daemon.ask(method, path, body, kind)
        self.answers[f"{what} {status}"] += 1
        if status not in EXPECTED[what]:
            self.fault(f"{what} {method} {path}: {status} {answer[:300]!r}")
        took = time.monotonic() - began
        self.slowest[what] = max(self.slowest.get(what, 0), took)
        self.took[what] += took
        if took > 15:
            self.fault(f"{what} {path} took {took:.1f} s")
        return status

    # What users do, one thing at a time.

    def text(self, name, scheduled):
        every = f'schedule = "every {self.random.choice([1, 2, 2, 3])}s"\n' if scheduled else ""
        bodies = self.random.choice(["warc", "warc", "files", "none"])
        delay = self.random.choice(["0s", "0s", "20ms", "100ms"])
        return job_text(self.site.url(self.random.randint(1, 8), name),
                        more=f'[output]\nbodies = "{bodies}"\n', job=every, name=name, delay=delay)

    def submit(self):
        if len(self.submitted) >= SUBMITTED_MAX:
            return self.delete()
        self.number += 1
        name = f"sub{self.number}"
        text = self.text(name, self.random.random() < 0.4)
        if self.ask("submit", "POST", "/api/v1/jobs", text, "application/toml") == 201:
            self.submitted[name] = True

    def delete(self):
        if not self.submitted:
            return
        name = self.random.choice(list(self.submitted))
        data = self.random.choice(["keep", "delete", "delete", "delete"])
        if self.ask("delete", "DELETE", f"/api/v1/jobs/{name}?data={data}") in (200, 204):
            del self.submitted[name]
            self.paused.discard(name)
            folder = self.daemon.path("data/out", name)
            if data == "keep":
                self.kept.append(folder)
            elif os.path.exists(folder):
                self.fault(f"{name} is deleted with its data, and {folder} is still there")

    def file(self):
        """A file that comes, changes or goes; as a careful owner does it."""
        act = self.random.random()
        if self.files and (act < 0.25 or len(self.files) >= FILES_MAX):
            name = self.random.choice(list(self.files))
            os.remove(self.daemon.path("jobs", name + ".toml"))
            del self.files[name]
            self.paused.discard(name)
            self.kept.append(self.daemon.path("data/out", name))
            return
        if self.files and act < 0.7:
            name = self.random.choice(list(self.files))
        else:
            self.number += 1
            name = f"file{self.number}"
        new = self.daemon.path("new.toml")
        with open(new, "w") as file:
            file.write(self.text(name, True))
        os.rename(new, self.daemon.path("jobs", name + ".toml"))
        self.files[name] = True

    def some(self):
        return self.random.choice([*self.submitted, *self.files] or ["nobody"])

    def steer(self):
        name = self.some()
        # Files that were written a moment ago are not seen yet.
        verb = self.random.choice(["pause", "resume", "resume", "cancel", "run", "run"])
        if name not in self.submitted:
            verb = self.random.choice(["run", "resume"])
            if self.daemon.ask("GET", f"/api/v1/jobs/{name}")[0] != 200:
                return
        if self.ask(verb, "POST", f"/api/v1/jobs/{name}/{verb}") == 200:
            (self.paused.add if verb == "pause" else self.paused.discard)(name)

    def patch(self):
        if not self.submitted:
            return
        name = self.random.choice(list(self.submitted))
        change = self.random.choice([
            {"politeness.delay": f"{self.random.randint(0, 60)}ms"},
            {"fetch.concurrency": self.random.randint(1, 64)},
            {"job.weight": self.random.randint(1, 9)},
            {"scope.exclude": [f"**/never{self.random.randint(1, 9)}"]}])
        self.ask("patch", "PATCH", f"/api/v1/jobs/{name}", change)

    def push(self):
        if self.submitted:
            name = self.random.choice(list(self.submitted))
            urls = [self.site.url(1, name) + f"q{self.random.randint(1, 99)}" for _ in range(5)]
            self.ask("push", "POST", f"/api/v1/jobs/{name}/urls", {"urls": urls})

    def read(self):
        name = self.some()
        path = self.random.choice(["", "/results", "/results?limit=5", "/hosts"])
        self.ask("read", "GET", f"/api/v1/jobs/{name}{path}")
        self.ask("read", "GET", self.random.choice(["/metrics", "/api/v1/status", "/api/v1/jobs"]))

    def wrong(self):
        method, path, body = self.random.choice([
            ("POST", "/api/v1/jobs", "[seeds"), ("GET", "/api/v1/jobs/no/such", None),
            ("PATCH", "/api/v1/jobs/nobody", '{"politeness.delay": 1}'), ("PUT", "/healthz", "x"),
            ("POST", "/api/v1/jobs/nobody/run", None)])
        self.ask("wrong", method, path, body)

    def reload(self):
        self.daemon.configure(f"concurrency = {self.random.randint(64, 512)}\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.answers["reload"] += 1

    def act(self):
        acts = [(self.submit, 6), (self.delete, 4), (self.file, 4), (self.steer, 10),
                (self.patch, 4), (self.push, 4), (self.read, 6), (self.wrong, 2), (self.reload, 1)]
        self.random.choices([a for a, _ in acts], [weight for _, weight in acts])[0]()

    # What is watched.

    def listen(self):
        """Somebody watches all events, as the dashboard does."""
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=60)
                connection.request("GET", "/api/v1/events")
                answer = connection.getresponse()
                while answer.readline():
                    self.answers["event lines"] += 1
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)

    def sample(self, since):
        memory, descriptors, threads = self.daemon.figures()
        jobs = self.daemon.jobs()
        running = sum(job["state"] == "running" for job in jobs.values())
        ledger = os.path.getsize(self.daemon.path("data/daemon.db"))
        self.samples.append((round(time.monotonic() - since, 1), memory, descriptors, threads,
                             len(jobs), running, ledger))
        for name, job in jobs.items():
            self.runs[name] = max(self.runs[name], job["runs"])

    def settle(self):
        """No job is lost, none is too much, and what was paused is."""
        wanted = {*self.submitted, *self.files}
        end = time.monotonic() + 25
        while (jobs := self.daemon.jobs()) and set(jobs) != wanted and time.monotonic() < end:
            time.sleep(0.2)
        if set(jobs) != wanted:
            self.fault(f"lost: {wanted - set(jobs)}, too much: {set(jobs) - wanted}")
        for name, job in jobs.items():
            if name in self.submitted and (job["state"] == "paused") != (name in self.paused):
                self.fault(f"{name} is {job['state']} ({job['detail']}), paused by us: "
                           f"{name in self.paused}")
            if job["state"] in ("failed", "invalid", "limited"):
                self.fault(f"{name} is {job['state']}: {job['detail']}")

    def fill(self):
        """As many jobs as there will be, so that what comes later is no growth of theirs."""
        while len(self.submitted) < SUBMITTED_MAX * 2 // 3:
            self.submit()
        while len(self.files) < FILES_MAX * 2 // 3:
            self.file()

    def empty(self, seconds):
        """Without jobs it is as small as it began: what is deleted leaves nothing behind."""
        for name in list(self.submitted):
            if self.ask("delete", "DELETE", f"/api/v1/jobs/{name}?data=keep") == 204:
                del self.submitted[name]
        for name in list(self.files):
            os.remove(self.daemon.path("jobs", name + ".toml"))
            del self.files[name]
        self.paused.clear()
        self.settle()
        time.sleep(seconds)
        memory, descriptors, threads = self.daemon.figures()
        print(f"without jobs: resident {self.first[0]} KiB at the start, {memory} now; descriptors "
              f"{self.first[1]} and {descriptors}, threads {self.first[2]} and {threads}")
        if descriptors > self.first[1] + 8 or threads > self.first[2] + 6:
            self.fault("jobs that are gone left descriptors or threads")
        if memory > self.first[0] + 48 * 1024:
            self.fault("jobs that are gone left memory")
        page = self.daemon.ask("GET", "/metrics")[1].decode()
        if left := [line for line in page.splitlines() if "job=" in line]:
            self.fault(f"/metrics has jobs that are gone: {left[:3]}")
        with sqlite3.connect(f"file:{self.daemon.path('data/daemon.db')}?mode=ro", uri=True) as db:
            tables = [row[0] for row in db.execute("select name from sqlite_schema "
                                                   "where type = 'table'")]
            rows = {t: db.execute(f"select count(*) from {t}").fetchone()[0] for t in tables}
        print("rows of the ledger:", rows)

    def live(self, seconds, pace, sampled):
        began = time.monotonic()
        next_sample = began
        while (now := time.monotonic()) < began + seconds:
            self.act()
            if sampled and now >= next_sample:
                self.sample(began)
                next_sample = now + max(1.0, seconds / 100)
            time.sleep(max(0.0, pace - (time.monotonic() - now)))

    def verify(self):
        """After the daemon has ended: archives, records, the ledger."""
        outputs = sorted({*self.kept, *glob.glob(self.daemon.path("data/out/*"))})
        archives = [f for o in outputs for f in glob.glob(o + "/warc/*.warc.gz")]
        for at in range(0, len(archives), 100):
            done = subprocess.run([TRAWL, "warc", "verify", *archives[at:at + 100]],
                                  capture_output=True, text=True)
            if done.returncode:
                said = done.stdout[-500:] + done.stderr[-500:]
                self.fault(f"warc verify: {done.returncode} {said}")
        for output in outputs:
            if os.path.exists(output + "/crawl.db"):
                with sqlite3.connect(f"file:{output}/crawl.db?mode=ro", uri=True) as db:
                    if (said := db.execute("pragma quick_check").fetchone()[0]) != "ok":
                        self.fault(f"{output}: {said}")
                leftovers = os.listdir(output + "/tmp") if os.path.isdir(output + "/tmp") else []
                if leftovers:
                    self.fault(f"{output}/tmp has {leftovers[:5]}")
        stored = {f[:-5] for f in os.listdir(self.daemon.path("data/jobs")) if f.endswith(".toml")}
        if stored != set(self.submitted):
            self.fault(f"files of submitted jobs: {stored ^ set(self.submitted)}")
        return len(outputs), len(archives)


def report(month, seconds):
    print("answers:", dict(sorted(month.answers.items())))
    print("slowest answers, s:", {k: round(v, 2) for k, v in sorted(month.slowest.items())})
    print("all answers, s:", {k: round(v, 1) for k, v in sorted(month.took.items())})
    print(f"job runs: {sum(month.runs.values())} of {len(month.runs)} jobs (as far as sampled); "
          f"{month.site.asked} requests to the site; {seconds:.0f} s")
    names = ["resident KiB", "descriptors", "threads", "jobs", "running", "ledger bytes"]
    warm = month.samples[len(month.samples) // 4:]
    half = len(warm) // 2
    for at, name in enumerate(names, 1):
        values = [s[at] for s in warm]
        first, last = values[:half], values[half:]
        print(f"{name}: after warm-up {values[0]}, last {values[-1]}, max {max(values)}, mean of "
              f"halves {sum(first) / half:.1f} and {sum(last) / len(last):.1f}")
    # Flat: the second half's mean is within a tenth and a bit of the first half's. Descriptors and
    # threads are those of running jobs, and how many run is chance.
    def halves(at):
        values = [s[at] for s in warm]
        return sum(values[:half]) / half, sum(values[half:]) / (len(values) - half)

    running, running_last = halves(5)
    more = max(1, running_last / max(running, 1))
    for at, name, share, slack in ((1, "resident KiB", 1, 8192), (2, "descriptors", more, 30),
                                   (3, "threads", more, 10)):
        first, last = halves(at)
        if last > first * share * 1.1 + slack:
            month.fault(f"{name} grow: {first:.0f} → {last:.0f}")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--kills", type=int, default=3)
    options.add_argument("--kill-after", type=float, default=15, help="seconds")
    options.add_argument("--pace", type=float, default=0.1, help="seconds between two acts")
    options.add_argument("--empty", type=float, default=35,
                         help="seconds without jobs at the end; folders stay open for 30")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--samples", help="a file for all samples, CSV")
    options.add_argument("--keep", action="store_true", help="keep the folder")
    asked = options.parse_args()
    month, began = Month(asked.seed), time.monotonic()
    try:
        month.daemon.start()
        month.first = month.daemon.figures()
        threading.Thread(target=month.listen, daemon=True).start()
        month.fill()
        for _ in range(asked.kills):
            month.live(asked.kill_after, asked.pace, False)
            month.daemon.kill()
            month.daemon.start()
            month.settle()
        month.live(asked.minutes * 60, asked.pace, True)
        month.settle()
        month.empty(asked.empty)
        if (code := month.daemon.stop()) != 0:
            month.fault(f"SIGTERM: exit code {code}")
        outputs, archives = month.verify()
        print(f"verified: {outputs} output folders, {archives} archives")
        report(month, time.monotonic() - began)
        log = open(month.daemon.path("log"), errors="replace").read()
        bad = [line for line in log.splitlines() if " error " in line or "internal" in line]
        print(f"log: {len(log)} bytes, {len(bad)} errors", *bad[:10], sep="\n  ")
    finally:
        if asked.samples:
            with open(asked.samples, "w") as file:
                file.write("seconds,resident_kib,descriptors,threads,jobs,running,ledger_bytes\n")
                file.writelines(",".join(map(str, s)) + "\n" for s in month.samples)
        if asked.keep:
            print("kept:", month.daemon.dir)
            if month.daemon.process.poll() is None:
                month.daemon.kill()
        else:
            month.daemon.remove()
    print("faults:", len(month.faults))
    sys.exit(1 if month.faults else 0)


if __name__ == "__main__":
    main()
