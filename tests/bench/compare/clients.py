"""Who is compared: how each client is told to do the same work. A client is a function of the task
that returns a command; it runs in an empty folder of its own, in memory."""
import os
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TRAWL = os.environ.get("TRAWL", str(ROOT / "build/tuned/trawl"))
PEERS = ROOT / "build/bench-peers"
PYTHON = "/usr/bin/python3"  # the one that Debian's packages are for
CONNECTIONS = 64

QUICK_AND_OPEN = ["--delay", "0", "--concurrency", str(CONNECTIONS)]
for key, value in {"politeness.adaptive": "off", "politeness.per_host": CONNECTIONS,
                   "politeness.per_domain": CONNECTIONS, "politeness.per_ip": CONNECTIONS,
                   "robots.policy": "ignore", "robots.meta": "false",
                   "urls.pattern_budget": "off",
                   "fetch.allow_private_networks": '["127.0.0.0/8"]'}.items():
    QUICK_AND_OPEN += ["--set", f"{key}={value}"]
PLAIN = ["--set", "output.warc_compress=none"]
WATCH = ["--set", "urls.pattern_budget=500"]


def listed(task):
    file = task.folder / "urls.txt"
    file.write_text("".join(url + "\n" for url in task.urls))
    return str(file)


def trawl_list(*more):
    return lambda task: [TRAWL, "fetch", "-i", listed(task), "-o", "out", *QUICK_AND_OPEN, *more]


def trawl_crawl(*more):
    return lambda task: [TRAWL, "crawl", *task.urls, "-o", "out", "--depth", "500",
                         *QUICK_AND_OPEN, *more]


def floor(mode):
    return lambda task: [str(PEERS / "floor"), mode, listed(task), str(CONNECTIONS), "bodies"]


def curl_parallel(task):
    file = task.folder / "curl.cfg"
    file.write_text("".join(f'url = "{url}"\noutput = "{n}"\n' for n, url in enumerate(task.urls)))
    return ["curl", "-s", "--no-progress-meter", "--parallel", "--parallel-max", str(CONNECTIONS),
            "--config", str(file)]


def wget2_list(task):
    return ["wget2", "-q", f"--max-threads={CONNECTIONS}", "--no-config", "-x", "-i", listed(task)]


def wget2_crawl(task):
    return ["wget2", "-q", "-r", "-l", "500", f"--max-threads={CONNECTIONS}", "--robots=off",
            "--no-config", *task.urls]


def aria2_list(task):
    file = task.folder / "aria2.txt"
    file.write_text("".join(f"{url}\n  out={n}\n" for n, url in enumerate(task.urls)))
    return ["aria2c", "-q", "--no-conf", f"-j{CONNECTIONS}", "--file-allocation=none", "-i", str(file)]


def aiohttp_list(task):
    return [PYTHON, str(HERE / "peer_aiohttp.py"), listed(task), str(CONNECTIONS)]


def undici_list(task):
    shutil.copy(HERE / "peer_undici.mjs", PEERS)
    return ["node", str(PEERS / "peer_undici.mjs"), listed(task), str(CONNECTIONS)]


def httrack_crawl(task):
    # With keep-alive it asks for five pages on a connection and then waits for the server to close it.
    return ["httrack", *task.urls, "-O", "out", "-q", "-s0", "-r500", f"-c{CONNECTIONS}", "-%c0",
            "-%k0", "-A0", "--disable-security-limits", "-I0", "-%v0"]


def scrapy_crawl(task):
    return [PYTHON, str(HERE / "peer_scrapy.py"), str(CONNECTIONS), *task.urls]


def crawlee_crawl(task):
    shutil.copy(HERE / "peer_crawlee.mjs", PEERS)
    return ["node", str(PEERS / "peer_crawlee.mjs"), str(CONNECTIONS), *task.urls]


def trawl_tls(task):
    site = task.site
    return trawl_list(*PLAIN, "--set", f"fetch.ca_file={site.bundle}", "--set",
                      f"fetch.hosts_file={site.names}")(task)


def curl_tls(task):
    return curl_parallel(task) + ["--cacert", str(task.site.bundle), "--resolve",
                                  f"*:{task.site.tls_port}:127.0.0.1"]


def floor_tls(task):
    return floor("curl")(task) + [str(task.site.bundle), str(task.site.tls_port)]


LIST = {
    "epoll loop, discarding": floor("epoll-discard"),
    "epoll loop, one file": floor("epoll"),
    "libcurl multi loop, discarding": floor("curl-discard"),
    "libcurl multi loop, one file": floor("curl"),
    "the same with trawl's digests": floor("curl-digests"),
    "trawl, records": trawl_list("--bodies", "none"),
    "trawl, records and WARC": trawl_list(*PLAIN),
    "trawl, records and WARC, gzip": trawl_list(),
    "curl --parallel": curl_parallel,
    "wget2": wget2_list,
    "undici": undici_list,
    "aiohttp": aiohttp_list,
    "aria2": aria2_list,
}
CRAWL = {
    "trawl, records": trawl_crawl("--bodies", "none"),
    "trawl, records and WARC": trawl_crawl(*PLAIN),
    "trawl, all on": trawl_crawl(*WATCH),
    "wget2 -r": wget2_crawl,
    "HTTrack": httrack_crawl,
    "Scrapy": scrapy_crawl,
    "Crawlee, Cheerio": crawlee_crawl,
}
HOSTS = {
    "libcurl multi loop, one file": floor("curl"),
    "trawl, records and WARC": trawl_list(*PLAIN),
    "curl --parallel": curl_parallel,
    "wget2": wget2_list,
    "aiohttp": aiohttp_list,
}
TLS = {
    "libcurl multi loop, no CApath": floor_tls,
    "trawl, records and WARC": trawl_tls,
    "curl --parallel, Debian's CApath": curl_tls,
}
