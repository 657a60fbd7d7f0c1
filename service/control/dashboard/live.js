// What the daemon says, kept up to date: jobs, its own figures, and the last minutes of rates. Parts
// of the page listen for "jobs", "job:NAME", "tick", "connection", "host".
import { get, job_path } from './api.js';
import { read_events } from './events.js';

const points_max = 600;
const together_ms = 250;
const retry_ms = [1000, 2000, 4000, 8000, 15_000];
const status_every_ms = 5000;

export const going = (job) => ['running', 'paused', 'stopping'].includes(job.state);

class Live extends EventTarget {
  jobs = new Map();
  status = null;
  connection = { state: 'connecting' };
  series = new Map();  // of a job; '' is all of them
  loaded = false;
  pending = new Set();
  newer = new Set();  // jobs of which more was told since the last reload began
  last_reload = Promise.resolve();
  next_reload = null;
  changes = 0;  // that commands made

  on(topic, listener) {
    const call = (event) => listener(event.detail);
    this.addEventListener(topic, call);
    return () => this.removeEventListener(topic, call);
  }
  tell(topic, detail) {
    this.dispatchEvent(new CustomEvent(topic, { detail }));
  }

  // Together with what else happens about now: a daemon of hundreds of jobs sends as many events a
  // second, and the list is brought up to date once for all of them.
  soon(...topics) {
    if (this.pending.size === 0) setTimeout(() => this.flush(), together_ms);
    for (const topic of topics) this.pending.add(topic);
  }
  flush() {
    const topics = [...this.pending];
    this.pending.clear();
    for (const topic of topics) this.tell(topic);
  }

  names() {
    return [...this.jobs.keys()].sort();
  }
  points(name) {
    return this.series.get(name) ?? [];
  }

  keep(job) {
    const known = this.jobs.get(job.name);
    const merged = { ...known, ...job };
    this.jobs.set(job.name, merged);
    if (known && known.state !== merged.state) this.tell('state', { job: merged, before: known.state });
    this.soon('jobs', `job:${job.name}`);
  }
  // The answer of a command is newer than what was asked for, or sent, before it and comes after it:
  // each comes by a connection of its own.
  keep_answer(job) {
    ++this.changes;
    this.keep(job);
  }
  forget(name) {
    ++this.changes;
    this.jobs.delete(name);
    this.series.delete(name);
    this.soon('jobs', `job:${name}`);
  }

  // What the daemon says now, asked again while a command was answered meanwhile.
  async ask(path) {
    for (;;) {
      const { changes } = this;
      const answer = await get(path);
      if (changes === this.changes) return answer;
    }
  }
  // All jobs anew. One at a time: who asks meanwhile has the next one, in common with the others.
  reload() {
    this.next_reload ??= this.last_reload.then(() => {
      this.next_reload = null;
      const loading = this.load();
      this.last_reload = loading.catch(() => {});
      return loading;
    });
    return this.next_reload;
  }
  async load() {
    this.newer.clear();
    const { jobs } = await this.ask('jobs');
    const names = new Set(jobs.map((job) => job.name));
    for (const name of this.names()) if (!names.has(name) && !this.newer.has(name)) this.forget(name);
    this.loaded = true;
    for (const job of jobs) if (!this.newer.has(job.name)) this.keep(job);
    this.tell('jobs');
    // The list has no errors and no settings: those that were looked at are asked for one by one.
    for (const job of this.jobs.values()) if (job.settings !== undefined) await this.refresh(job.name);
  }
  async refresh(name) {
    try {
      this.keep(await this.ask(job_path(name)));
    } catch (error) {
      if (error.status === 404) this.forget(name);
      else throw error;
    }
  }

  on_event(type, data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;  // a newer daemon's
    }
    if (type === 'lagged') this.reload().catch(() => {});
    if (type === 'host') this.tell('host', event);
    if (type === 'state' || type === 'removed') this.newer.add(event.job);
    if (type === 'progress') {
      const { job: name, state, ...rest } = event;
      if (this.jobs.has(name)) this.keep({ name, ...rest });
      if (this.jobs.get(name)?.state !== state) this.refresh(name).catch(() => {});
    }
    if (type === 'removed' && this.jobs.has(event.job)) {
      this.forget(event.job);
      this.tell('jobs');
    }
    if (type === 'state') this.refresh(event.job).catch(() => {});
  }

  // One point a second of every job, so that all curves have the same times.
  sample() {
    const now = Date.now();
    const total = { time: now, pages: 0, bytes: 0 };
    for (const job of this.jobs.values()) {
      const moves = job.state === 'running' || job.state === 'stopping';
      const point = {
        time: now,
        pages: moves ? job.rates?.pages_per_s ?? 0 : 0,
        bytes: moves ? job.rates?.bytes_per_s ?? 0 : 0,
      };
      total.pages += point.pages;
      total.bytes += point.bytes;
      this.add_point(job.name, point);
    }
    this.add_point('', total);
    this.tell('tick');
  }
  add_point(name, point) {
    if (!this.series.has(name)) this.series.set(name, []);
    const points = this.series.get(name);
    points.push(point);
    if (points.length > points_max) points.shift();
  }

  set_connection(state, detail = '') {
    this.connection = { state, detail };
    this.tell('connection');
  }

  async stay_connected() {
    let failures = 0;
    for (;;) {
      try {
        await this.reload();
        await read_events(
          'events',
          () => {
            failures = 0;
            this.set_connection('live');
            this.reload().catch(() => {});  // what was told between the answer and the stream
          },
          (type, data) => this.on_event(type, data),
        );
      } catch (error) {
        this.set_connection(error.status === 401 ? 'locked' : 'lost', error.message);
        if (error.status === 401) return;
      }
      const wait = retry_ms[Math.min(failures++, retry_ms.length - 1)];
      if (this.connection.state === 'live') this.set_connection('lost', 'The stream of events ended.');
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async watch_status() {
    for (;;) {
      if (!document.hidden && this.connection.state !== 'locked') {
        try {
          this.status = await get('status');
          this.tell('status');
        } catch {
          // the connection's own message says what is wrong
        }
      }
      await new Promise((resolve) => setTimeout(resolve, status_every_ms));
    }
  }

  start() {
    setInterval(() => this.sample(), 1000);
    this.stay_connected();
    this.watch_status();
  }
}

export const live = new Live();
