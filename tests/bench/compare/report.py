"""docs/benchmarks.md and its plot, from the figures of the runs."""
import math
import pathlib
import statistics
import time

INTRODUCTION = """# Benchmarks

`./dev bench` makes this page (`./dev bench --quick` a shorter one, `./dev bench micro` runs the benchmarks of
single parts). It builds trawl as packages have it, installs the peers from packages, serves real
documentation sites and a site of many hosts from memory with nginx, and runs trawl and each peer on the
same work **in turns**, {connections} connections at most, without delays and without robots.txt.

- **CPU a page** is user and system time of the whole client process by the pages that nginx's log says it got
  (distinct URLs answered with 200). It is the figure to compare: on a few cores, with the server on them, pages
  a second say as much about the server.
- **Ratio** is the client's CPU a page by that of the row marked with 1.00, both medians of {rounds}.
- **Peak memory** below 25 MB is that of the program that starts the client, which Linux counts as its own.
- *Stopped* runs had their time out; what they had done by then counts.
- The peers do less in part: wget2, curl and aria2 write files and keep no records; the loops don't even that.
  And more in part: Scrapy and Crawlee have hooks for code at every step. trawl keeps a record of each URL in
  SQLite in any case, and with WARC also what was asked and answered, with SHA-256 of the block and of
  the body, and each body once.

Absolute figures are those of one machine on one day. Trust the ratios inside a table, to some 15 %.
"""


TITLES = {"list": "List", "crawl": "Crawl", "large": "Large crawl", "hosts": "Many hosts",
          "tls": "New TLS hosts"}


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def cpu_us(runs):
    return statistics.median(1e6 * run["cpu_s"] / max(run["pages"], 1) for run in runs)


def rows_of(figures):
    baseline = next((client for client in ("trawl, records and WARC",) if client in figures), None)
    reference = cpu_us(figures[baseline]) if baseline else None
    most = max(run["pages"] for runs in figures.values() for run in runs)
    for client, runs in figures.items():
        # What its start cost would be told as the cost of the few pages.
        if median(runs, "pages") < most / 2:
            yield client, None
            continue
        cost = cpu_us(runs)
        yield client, {"cost": cost, "ratio": cost / reference if reference else 1,
                       "pages": median(runs, "pages"), "megabytes": median(runs, "bytes") / 1e6,
                       "rate": statistics.median(run["pages"] / run["wall_s"] for run in runs),
                       "memory": median(runs, "memory_mb"),
                       "stopped": any(run["late"] for run in runs)}


def table(figures):
    lines = ["| client | CPU a page, µs | ratio | pages/s | peak memory, MB | pages | MB |",
             "|---|--:|--:|--:|--:|--:|--:|"]
    for client, row in rows_of(figures):
        if row is None:
            lines.append(f"| {client} | too few pages in its time | | | | "
                         f"{median(figures[client], 'pages'):,.0f} | |")
            continue
        stopped = " *stopped*" if row["stopped"] else ""
        lines.append(f"| {client}{stopped} | {row['cost']:,.0f} | {row['ratio']:.2f} | {row['rate']:,.0f} | "
                     f"{row['memory']:,.0f} | {row['pages']:,.0f} | {row['megabytes']:,.0f} |")
    return "\n".join(lines)


def plot(results):
    """Bars of CPU a page, on a logarithmic scale, since Python and C differ by a hundred times."""
    bars = []
    for task in results:
        bars.append((task["text"], None))
        bars += [(client, row["cost"]) for client, row in rows_of(task["figures"]) if row]
    height, left, width = 22, 250, 430
    most = max((cost for _, cost in bars if cost), default=1)
    scale = width / (math.log10(max(most, 10)) - 1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" '
             f'height="{height * len(bars) + 20}" font-family="sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>']
    for number, (label, cost) in enumerate(bars):
        y = 10 + number * height
        if cost is None:
            parts.append(f'<text x="10" y="{y + 16}" font-weight="bold">CPU a page: {label}</text>')
            continue
        length = max(2, scale * (math.log10(max(cost, 10.5)) - 1))
        color = "#1b6ca8" if label.startswith("trawl") else "#b0b7bd"
        parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{label}</text>'
                     f'<rect x="{left}" y="{y + 3}" width="{length:.0f}" height="15" fill="{color}"/>'
                     f'<text x="{left + length + 5:.0f}" y="{y + 15}">{cost:,.0f} µs</text>')
    return "\n".join(parts) + "\n</svg>\n"


def machine():
    model = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), "unknown")
    cores = sum(line.startswith("processor") for line in open("/proc/cpuinfo", encoding="utf-8"))
    with open("/proc/loadavg", encoding="utf-8") as file:
        load = file.read().split()[1]
    return f"{model}, {cores} cores; load over the last five minutes {load}"


def write(path, results, versions, quick, rounds):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pathlib.Path("images/benchmarks.svg")
    text = [INTRODUCTION.format(connections=64, rounds=f"{rounds} round{'s' if rounds > 1 else ''}")]
    text.append(f"Made on {time.strftime('%Y-%m-%d')}{' with --quick' if quick else ''}: {machine()}.\n")
    text.append(f"![CPU a page]({image})\n")
    for task in results:
        text.append(f"## {TITLES[task['name']]}: {task['text']}\n\n{table(task['figures'])}\n")
    text.append("## Versions\n\n" + "\n".join(f"- {name}: {version[:60]}" for name, version in versions.items()))
    path.write_text("\n".join(text) + "\n")
    (path.parent / image).parent.mkdir(parents=True, exist_ok=True)
    (path.parent / image).write_text(plot(results))
