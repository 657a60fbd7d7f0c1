// A daemon for the dashboard's test: its API and events from memory, with jobs that crawl nothing and a
// web of hostile titles and URLs. The files of the dashboard are those that the program has embedded.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const types = {
  html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml', txt: 'text/plain; charset=utf-8',
};

export const hostile = {
  title: '<script>window.owned = 1</script><img src=x onerror="window.owned = 2">',
  url: 'javascript:window.owned=3//"><script>window.owned=4</script>',
  body: '<!doctype html><title>x</title><h1>A page</h1><script>top.owned = 5; parent.owned = 6</script>' +
    '<img src="/api/v1/stolen" onerror="parent.owned = 7"><meta http-equiv="refresh" content="0;url=/api/v1/moved">' +
    '<form action="/api/v1/posted" method="post"><button>Click</button></form><a href="/api/v1/clicked" target="_top">out</a>',
  detail: '<b onmouseover="window.owned = 8">detail</b>',
};

const settings = (name) => `[job]
name = "${name}"                     # default
mode = "crawl"

[seeds]
urls = ["https://docs.example.org/"]

[scope]
mode = "host"
include = []                       # default
exclude = ["*/search?*", "*.zip"]  # docs.toml:12:11

[limits]
pages = 1000
bytes = "off"                      # default
duration = "6h"

[politeness]
delay = "500ms"
per_host = 2

[fetch]
concurrency = 256                  # default
`;

const statuses = [200, 200, 200, 200, 200, 200, 200, 301, 200, 404, 200, 200, 503];
const titles = ['Getting started', 'Installation', 'Configuration reference', 'HTTP caching', 'Command line', 'Changelog'];
const paths = ['guide/start', 'guide/install', 'reference/config', 'articles/http-caching', 'reference/cli', 'news/changes'];

// "90s" ago, or a time.
const time_of = (since) =>
  !since ? 0 : /^[0-9]+s$/.test(since) ? Date.now() - 1000 * parseInt(since, 10) : Date.parse(since);

export class FakeDaemon {
  constructor({ assets, token = '', policy, jobs = [] }) {
    Object.assign(this, { assets, token, policy });
    this.jobs = new Map();
    this.streams = new Set();
    this.requests = [];
    this.held = null;  // a list: what a job is and was, to be sent later
    for (const job of jobs) this.add(job);
    this.server = createServer((request, response) => this.answer(request, response).catch((error) => {
      response.writeHead(500).end(String(error));
    }));
    this.timer = setInterval(() => this.tick(), 250);
  }
  listen() {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port)));
  }
  close() {
    clearInterval(this.timer);
    this.server.closeAllConnections();
    this.server.close();
  }

  add({ name, state = 'running', pages = 0, speed = 12, arriving, ...rest }) {
    const job = {
      name, state, detail: '', mode: 'crawl', schedule: null, next_run_at: null, started_at: new Date().toISOString(),
      ended_at: null, runs: 1, weight: 1, submitted: true, file: `/var/lib/trawl/jobs/${name}.toml`, dir: `/var/lib/trawl/out/${name}`,
      totals: { queued: 18_400, fetched: 0, failed: 0, excluded: 212, bytes_wire: 0 }, rates: { pages_per_s: 0, bytes_per_s: 0 },
      statuses: {}, progress: null, settings: settings(name), errors: [], ...rest,
    };
    Object.defineProperty(job, 'records', { value: [], enumerable: false });
    Object.defineProperty(job, 'arriving', { value: arriving, enumerable: false });
    Object.defineProperty(job, 'speed', { value: speed, enumerable: false });
    this.jobs.set(name, job);
    for (let i = 0; i < pages; ++i) this.fetch_one(job, Date.now() - (pages - i) * 80);
    this.move(job);
    return job;
  }
  fetch_one(job, time = Date.now()) {
    const n = job.records.length;
    const status = statuses[n % statuses.length];
    const failed = n % 29 === 28;
    const host = ['docs.example.org', 'api.example.org', 'cdn.example.net'][n % 3];
    const hostile_turn = n % 7 === 3;
    const size = 6000 + ((n * 7919) % 90000);
    job.records.push({
      url: n === 5 ? hostile.url : `https://${host}/${paths[n % paths.length]}/${n}`,
      state: failed ? 'failed' : 'fetched', status: failed ? null : status, error: failed ? 'first_byte_timeout' : null,
      error_detail: failed ? hostile.detail : null, depth: 1 + (n % 4), via: `https://${host}/`, attempts: 1,
      fetched_at: new Date(time).toISOString(), ip: '192.0.2.7', http_version: '2', dns_ms: 2, connect_ms: 11, tls_ms: 14, ttfb_ms: 48,
      total_ms: 61 + (n % 240), bytes_wire: failed ? null : Math.round(size / 3), bytes_body: failed ? null : size, truncated: false,
      content_type: n % 11 === 10 ? 'image/png' : 'text/html; charset=utf-8', title: hostile_turn ? hostile.title : titles[n % titles.length],
      digest: 'sha256:9f86d081884c7d65', redirect_to: status === 301 ? `https://${host}/moved` : null, method: 'GET',
      position: `1.${n}`,
    });
    const range = `${Math.floor(status / 100)}xx`;
    if (!failed) job.statuses[range] = (job.statuses[range] ?? 0) + 1;
    job.totals.fetched += failed ? 0 : 1;
    job.totals.failed += failed ? 1 : 0;
    job.totals.queued = Math.max(0, job.totals.queued - 1);
    job.totals.bytes_wire += size / 3;
  }
  move(job) {
    const active = ['running', 'paused', 'stopping'].includes(job.state);
    const wave = 1 + 0.35 * Math.sin(Date.now() / 9000) + 0.15 * Math.sin(Date.now() / 1700);
    const speed = job.state === 'running' ? job.speed * wave : 0;
    job.rates = { pages_per_s: speed, bytes_per_s: speed * 151_000 };
    const failed = job.totals.failed;
    job.progress = active ? {
      pages: job.totals.fetched, bytes_wire: job.totals.bytes_wire, retries: 9, in_flight: job.state === 'running' ? 38 : 0, hosts_ready: 4,
      hosts_waiting: 11, hosts_backing_off: 2, next_fetch_in_ms: 180, loop_lag_ms: 1,
      arriving: job.arriving ?? { bodies: 0, unannounced: 0, bytes: 0, expected_bytes: 0 }, paused: job.state === 'paused', seeding: false,
      errors: failed ? { first_byte_timeout: failed, connect_refused: Math.ceil(failed / 2), tls_cert: 1 } : {},
    } : null;
  }
  tick() {
    for (const job of this.jobs.values()) {
      this.move(job);
      if (job.state === 'running')
        for (let i = 0; i < job.speed / 4; ++i) if (job.records.length < 4000) this.fetch_one(job);
      if (job.progress && !this.held) this.send('progress', this.progress_of(job));
    }
  }
  progress_of({ name, state, totals, rates, statuses: answers, progress }) {
    return { job: name, state, totals, rates, statuses: answers, progress };
  }
  send(type, data) {
    for (const stream of this.streams) stream.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }
  become(job, state) {
    const before = this.progress_of(job);
    this.held?.push(() => this.send('progress', before));
    job.state = state;
    this.move(job);
    this.send('state', { job: job.name, state, detail: job.detail });
    return job;
  }

  problem(response, status, title, detail, errors) {
    response.writeHead(status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'about:blank', title, status, detail, ...(errors ? { errors } : {}) }));
  }
  json(response, value, status = 200) {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  }

  async answer(request, response) {
    const url = new URL(request.url, 'http://localhost');
    if (!url.pathname.startsWith('/api/')) return this.asset(url.pathname, response);
    this.requests.push(`${request.method} ${url.pathname}`);
    if (this.token && request.headers.authorization !== `Bearer ${this.token}`)
      return this.problem(response, 401, 'Unauthorized', 'The token is missing or wrong.');
    let body = '';
    for await (const chunk of request) body += chunk;
    const [, , , what, name, part] = url.pathname.split('/').map(decodeURIComponent);
    if (what === 'status') return this.status(response);
    if (what === 'events') return this.events(request, response);
    if (what !== 'jobs') return this.problem(response, 404, 'Not found', 'There is nothing here.');
    if (!name) return request.method === 'POST' ? this.submit(response, body, url) : this.list(response);
    const job = this.jobs.get(name);
    if (!job) return this.problem(response, 404, 'Not found', `There is no job ${name}.`);
    return this.of_job(request, response, job, part, url, body);
  }
  asset(path, response) {
    const file = join(this.assets, path === '/' ? '/dashboard/index.html' : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': types[file.split('.').pop()], 'Content-Security-Policy': this.policy, 'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache', 'Cross-Origin-Opener-Policy': 'same-origin',
    });
    response.end(readFileSync(file));
  }
  status(response) {
    const sum = (field) => [...this.jobs.values()].reduce((total, job) => total + job.rates[field], 0);
    this.json(response, {
      version: '0.1.0', uptime_s: 93_784, resident_bytes: 148_000_000, jobs: { running: 1 }, pages_per_s: sum('pages_per_s'),
      bytes_per_s: sum('bytes_per_s'),
    });
  }
  events(request, response) {
    this.before_stream?.();
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    this.streams.add(response);
    request.on('close', () => this.streams.delete(response));
  }
  list(response) {
    this.json(response, { jobs: [...this.jobs.values()].map(({ settings: _, errors: __, ...job }) => job) });
  }
  submit(response, toml, url) {
    const at = toml.split('\n').findIndex((line) => line.includes('concurency'));
    if (at >= 0)
      return this.problem(response, 422, 'Unprocessable', 'The job has errors.', [
        { file: 'submitted', line: at + 1, column: 1, key: 'fetch.concurency', message: 'unknown key; the nearest known key is fetch.concurrency' },
        { file: 'submitted', line: 3, column: 8, key: 'seeds.urls', message: `expected an http or https URL, found ${toml.split('\n')[2].slice(7)}` },
      ]);
    const name = url.searchParams.get('name') || /name\s*=\s*"([^"]+)"/.exec(toml)?.[1] || 'job';
    if (this.jobs.has(name)) return this.problem(response, 409, 'Conflict', `There is a job ${name} already.`);
    this.json(response, this.add({ name, speed: 40 }), 201);
  }

  of_job(request, response, job, part, url, body) {
    const commands = { pause: 'paused', resume: 'running', cancel: 'cancelled', run: 'running' };
    if (request.method === 'POST' && commands[part]) return this.json(response, this.become(job, commands[part]));
    if (request.method === 'POST' && part === 'urls') return this.json(response, { added: JSON.parse(body).urls.length });
    if (request.method === 'PATCH') return this.change(response, job, JSON.parse(body));
    if (request.method === 'DELETE') {
      this.jobs.delete(job.name);
      return response.writeHead(204).end();
    }
    if (!part) {
      const now = { ...job };
      return this.held ? this.held.push(() => this.json(response, now)) : this.json(response, now);
    }
    const record = job.records.find((each) => each.url === url.searchParams.get('url'));
    if (part === 'results') return this.results(response, job, url.searchParams);
    if (part === 'hosts') return this.hosts(response, job);
    if (part === 'explain')
      return this.json(response, { asked: record.url, state: 'fetched', scope: { inside: true, rule: null }, robots: { allowed: true, line: 4 }, via: [{ url: record.via, depth: 0, by: 'link' }] });
    if (part === 'record')
      return this.json(response, {
        record, request_head: 'GET / HTTP/2\r\nhost: docs.example.org\r\nuser-agent: trawl/0.1.0\r\n',
        response_head: 'HTTP/2 200\r\ncontent-type: text/html; charset=utf-8\r\nx-evil: <script>window.owned = 10</script>\r\netag: "5f"\r\n',
      });
    if (part === 'body') {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Security-Policy': "sandbox; default-src 'none'", 'X-Content-Type-Options': 'nosniff' });
      return response.end(hostile.body);
    }
    return this.problem(response, 404, 'Not found', 'There is nothing here.');
  }
  change(response, job, changes) {
    if (changes['politeness.delay'] === 'soon')
      return this.problem(response, 422, 'Unprocessable', 'The change has errors.', [
        { file: 'PATCH', line: 0, column: 0, key: 'politeness.delay', message: 'expected a duration like "2s", found "soon"' }]);
    for (const [key, value] of Object.entries(changes))
      job.settings = job.settings.replace(new RegExp(`^${key.split('.')[1]} = .*`, 'm'), `${key.split('.')[1]} = ${JSON.stringify(value)}`);
    this.json(response, job);
  }
  results(response, job, params) {
    const since = time_of(params.get('since'));
    const ranges = (params.get('status') ?? '').split(',').filter(Boolean);
    let rows = job.records.filter((record) =>
      Date.parse(record.fetched_at) >= since &&
      (!params.get('state') || record.state === params.get('state')) &&
      (!params.get('error') || record.error === params.get('error')) &&
      (!params.get('host') || record.url.includes(`//${params.get('host')}/`)) &&
      (!ranges.length || ranges.some((range) => String(record.status).startsWith(range.replaceAll('x', '')))));
    const after = rows.findIndex((record) => [record.position, record.url].includes(params.get('after')));
    rows = rows.slice(after + 1, after + 1 + Number(params.get('limit') ?? 1000));
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    response.end(rows.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }
  hosts(response, job) {
    const soon = new Date(Date.now() + 900).toISOString();
    const later = new Date(Date.now() + 412_000).toISOString();
    this.json(response, { hosts: job.records.length === 0 ? [] : [
      { host: 'docs.example.org', state: 'ready', queued: 911, fetched: 402, failed: 1, counts_cut: true, next_fetch_at: null, why: null },
      { host: 'api.example.org', state: 'waiting', queued: 320, fetched: 388, failed: 0, next_fetch_at: soon, why: 'politeness.delay = 500ms' },
      { host: 'cdn.example.net', state: 'backing_off', queued: 87, fetched: 120, failed: 9, next_fetch_at: later, why: `503 with Retry-After: 420 ${hostile.detail}` },
      { host: 'old.example.com', state: 'drained', queued: 0, fetched: 44, failed: 0, next_fetch_at: null, why: null },
    ] });
  }
}
