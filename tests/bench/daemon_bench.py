"""What the scripts about a daemon under use share: a site, the daemon, and its API.

Everything is on loopback, in a folder of its own that is removed at the end.
"""
import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TRAWL = os.environ.get("TRAWL", os.path.join(HERE, "../../build/release/trawl"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Site:
    """A small web: /sNAME/ links to its pages; every page is found on 127.0.0.1 to 127.0.0.8."""

    def __init__(self, pages=12):
        self.port, self.pages, self.asked = free_port(), pages, 0
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        threading.Thread(target=self.run, daemon=True).start()
        self.ready.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)
        hosts = [f"127.0.0.{i}" for i in range(1, 9)]
        self.loop.run_until_complete(asyncio.start_server(self.serve, hosts, self.port))
        self.ready.set()
        self.loop.run_forever()

    def page(self, path):
        if path == "/robots.txt":
            return "404 Not Found", "none"
        site, _, name = path.strip("/").partition("/")
        if name:
            return "200 OK", f"<title>{path}</title><a href='/{site}/'>home</a>" + path * 50
        links = "".join(f"<a href='/{site}/p{i}'>{i}</a>" for i in range(self.pages))
        return "200 OK", f"<title>{site}</title>{links}"

    async def serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked += 1
                status, body = self.page(head.split()[1].decode())
                writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n"
                             f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def url(self, host, name):
        return f"http://127.0.0.{host}:{self.port}/s{name}/"


class Daemon:
    """`trawl serve` and what is seen of its process."""

    def __init__(self, more=""):
        self.dir = tempfile.mkdtemp(prefix="trawl-daemon-")
        self.port, self.more, self.process, self.log = free_port(), more, None, None
        os.mkdir(self.path("jobs"))
        self.configure()

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def configure(self, more=None):
        if more is not None:
            self.more = more
        with open(self.path("trawl.toml"), "w") as file:
            file.write(f'listen = "127.0.0.1:{self.port}"\njobs_dir = "{self.path("jobs")}"\n'
                       f'data_dir = "{self.path("data")}"\n'
                       f'allow_private_networks = ["127.0.0.0/8"]\n{self.more}')

    def start(self):
        self.log = open(self.path("log"), "ab")
        self.process = subprocess.Popen([TRAWL, "serve", "--config", self.path("trawl.toml")],
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        sys.exit("the daemon doesn't start:\n" + open(self.path("log")).read()[-3000:])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def ask(self, method, path, body=None, kind="application/json", timeout=40):
        """One request on a connection of its own: the status and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body, {"Content-Type": kind} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def jobs(self):
        return {job["name"]: job for job in json.loads(self.ask("GET", "/api/v1/jobs")[1])["jobs"]}

    def job(self, name):
        return json.loads(self.ask("GET", f"/api/v1/jobs/{name}")[1])

    def figures(self):
        """Resident KiB, open descriptors, threads."""
        proc = f"/proc/{self.process.pid}"
        status = dict(line.split(":", 1) for line in open(proc + "/status") if ":" in line)
        return (int(status["VmRSS"].split()[0]), len(os.listdir(proc + "/fd")),
                int(status["Threads"]))

    def cpu_of_threads(self):
        """Seconds of processor time by thread: {tid: (name, nice, seconds)}."""
        times, tick = {}, os.sysconf("SC_CLK_TCK")
        for tid in os.listdir(f"/proc/{self.process.pid}/task"):
            try:
                text = open(f"/proc/{self.process.pid}/task/{tid}/stat").read()
            except OSError:
                continue
            name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:]
            rest = rest.split()
            times[tid] = (name, int(rest[16]), (int(rest[11]) + int(rest[12])) / tick)
        return times


def job_text(url, more="", job="", name=None, delay="0s", per_host=4):
    """A job that asks a site of ours quickly."""
    named = f'name = "{name}"\n' if name else ""
    return (f'[job]\n{named}{job}\n[seeds]\nurls = ["{url}"]\n'
            '[fetch]\nallow_private_networks = ["127.0.0.0/8"]\nhost_breaker = "off"\n'
            f'[politeness]\nadaptive = "off"\nper_ip = "off"\ndelay = "{delay}"\n'
            f'per_host = {per_host}\n[limits]\nmin_free_disk = "off"\n{more}')
