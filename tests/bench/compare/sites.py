"""The sites of the comparison: real documentation from Debian's packages, and many small hosts,
both served by one nginx from memory. Its access log is the witness of what each client fetched."""
import collections
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

# Name of the site, its folder on the machine, the page that leads to all others.
DOCS = [
    ("pg", "/usr/share/doc/postgresql-doc-15/html", "index.html"),
    ("sqlite", "/usr/share/doc/sqlite3", "index.html"),
    ("py", "/usr/share/doc/python3.11/html", "index.html"),
    ("cpp", "/usr/share/cppreference/doc/html", "en/index.html"),
    ("jdk", "/usr/share/doc/openjdk-17-jre-headless/api", "index.html"),
    ("boost", "/usr/share/doc/libboost1.74-doc", "doc/html/index.html"),
    ("qt", "/usr/share/qt5/doc", "qtcore/qtcore-index.html"),
    ("llvm", "/usr/share/doc/llvm-14-doc/html", "index.html"),
    ("gtk", "/usr/share/gtk-doc/html", "gtk3/index.html"),
]
HOSTS, PAGES_PER_HOST = 200, 20
TLS_HOSTS = 400  # names of one server: each is a host of its own to a client
TLS_DOMAIN = "bench.test"

CONFIGURATION = """daemon off; master_process off; worker_processes 1; pid {dir}/pid;
error_log {dir}/error.log; worker_rlimit_nofile 16000;
events {{ worker_connections 8000; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream;
  log_format bench "$status $body_bytes_sent $host$request_uri";
  access_log {dir}/access.log bench buffer=256k flush=200ms;
  sendfile on; tcp_nopush on; server_tokens off;
  open_file_cache max=12000 inactive=600s; open_file_cache_valid 600s; open_file_cache_errors on;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000; keepalive_timeout 300s;
  server {{ {listen} root {dir}/web; }}
  server {{ listen 127.0.0.1:{tls_port} ssl backlog=4096; root {dir}/web; keepalive_timeout 5s;
            ssl_certificate {dir}/server.pem; ssl_certificate_key {dir}/server.key; }}
}}
"""

# status, bytes and distinct URLs of what a client asked for
Witness = collections.namedtuple("Witness", "requests pages bytes")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Site:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.web = self.dir / "web"
        self.web.mkdir(parents=True)
        for name, source, _ in DOCS:
            if os.path.isdir(source):
                shutil.copytree(source, self.web / name, ignore_dangling_symlinks=True)
        self.make_hosts()
        self.port, self.tls_port = free_port(), free_port()
        self.make_certificates()
        self.seen = 0
        listen = " ".join(f"listen {address}:{self.port} backlog=4096;"
                          for address in ["127.0.0.1"] + self.hosts())
        (self.dir / "nginx.conf").write_text(CONFIGURATION.format(dir=self.dir, listen=listen,
                                                                     tls_port=self.tls_port))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.dir, "-c", self.dir / "nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("nginx does not listen: " + (self.dir / "error.log").read_text()[-500:])

    @staticmethod
    def hosts():
        return [f"127.1.{n // 200}.{n % 200 + 1}" for n in range(HOSTS)]

    def make_hosts(self):
        """Pages of many hosts: one file a page, the same for each host, with links among them."""
        folder = self.web / "hosts"
        folder.mkdir()
        for page in range(PAGES_PER_HOST):
            links = "".join(f'<li><a href="/hosts/{(page + n) % PAGES_PER_HOST}.html">page</a></li>\n'
                            for n in range(1, 6))
            words = " ".join(f"word{page * 7 + n}" for n in range(1200))
            (folder / f"{page}.html").write_text(
                f"<!DOCTYPE html><html><head><title>{page}</title></head><body><ul>{links}</ul>"
                f"<p>{words}</p></body></html>")

    def make_certificates(self):
        """A certificate of an authority that stands last in a bundle as long as Debian's."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.dir, check=True, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench",
                "-days", "30")
        openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj",
                f"/CN=*.{TLS_DOMAIN}")
        (self.dir / "names").write_text(f"subjectAltName=DNS:*.{TLS_DOMAIN}")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-extfile", "names", "-out", "server.pem", "-days", "30")
        system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        self.bundle = self.dir / "bundle.pem"
        self.bundle.write_text((system.read_text() if system.exists() else "") +
                               (self.dir / "ca.pem").read_text())
        self.names = self.dir / "names.txt"
        self.names.write_text("".join(f"127.0.0.1 h{n}.{TLS_DOMAIN}\n" for n in range(TLS_HOSTS)))

    def tls_pages(self):
        return [f"https://h{n}.{TLS_DOMAIN}:{self.tls_port}/hosts/0.html" for n in range(TLS_HOSTS)]

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}/{path}"

    def starts(self, names):
        return [self.url(f"{name}/{start}") for name, _, start in DOCS if name in names]

    def pages(self, count):
        """Real pages, spread over all sites."""
        found = sorted(p.relative_to(self.web).as_posix()
                       for name, _, _ in DOCS for p in (self.web / name).rglob("*.html"))
        found = [p for p in found if re.fullmatch(r"[\w./-]+", p)]
        step = max(1, len(found) // count)
        return [self.url(p) for p in found[::step][:count]]

    def host_pages(self):
        return [self.url(f"hosts/{page}.html", host) for page in range(PAGES_PER_HOST)
                for host in self.hosts()]

    def witness(self):
        """What was asked since the last call, robots.txt left out."""
        time.sleep(0.5)  # nginx's buffer
        with open(self.dir / "access.log", "rb") as log:
            log.seek(self.seen)
            text = log.read()
            self.seen += len(text)
        lines = [line.split(b" ", 2) for line in text.splitlines()]
        lines = [line for line in lines if not line[2].endswith(b"/robots.txt")]
        good = {line[2] for line in lines if line[0] in (b"200", b"206")}
        return Witness(len(lines), len(good), sum(int(line[1]) for line in lines))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
