// A job at a glance: figures, curves, what came back, and what went wrong.
import { fill, h, text } from './dom.js';
import { bars } from './bars.js';
import { throughput } from './charts.js';
import * as format from './format.js';
import { live } from './live.js';
import { latest_records, repeat } from './latest.js';
import { job_hash } from './router.js';

const classes = [
  ['2xx', 'success', 'good'], ['3xx', 'redirect', 'info'], ['4xx', 'client error', 'warn'],
  ['5xx', 'server error', 'bad'],
];
const sample_every_ms = 5000;

const figures = [
  ['Fetched', (job) => format.compact(job.totals?.fetched)],
  ['Queued', (job) => format.compact(job.totals?.queued)],
  ['Failed', (job) => format.compact(job.totals?.failed)],
  ['Excluded', (job) => format.compact(job.totals?.excluded)],
  ['Received', (job) => format.bytes(job.totals?.bytes_wire + (job.progress?.arriving?.bytes ?? 0))],
  ['In flight', (job) => format.count(job.progress?.in_flight)],
  ['Retries', (job) => format.count(job.progress?.retries)],
  ['Next fetch', (job) => format.duration(job.progress?.next_fetch_in_ms ?? NaN)],
];

// The daemon's own count where it has one; of a job that ended before its start, the latest records.
function status_rows(name, job, records) {
  const counts = job.statuses ?? {};
  const known = job.state === 'running' || Object.keys(counts).length > 0;
  const count = (range) =>
    known ? counts[range] ?? 0 : records.filter((record) => Math.floor(record.status / 100) === Number(range[0])).length;
  const rows = classes.map(([range, word, kind]) => ({
    key: range, label: `${range} ${word}`, count: count(range), kind, href: job_hash(name, 'records', { status: range }),
  }));
  return { known, rows: rows.every((row) => row.count === 0) ? [] : rows };
}

function error_rows(name, job, records) {
  const errors = { ...job.progress?.errors };
  if (!job.progress) for (const { error } of records) if (error) errors[error] = (errors[error] ?? 0) + 1;
  return Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 8)
    .map(([code, count]) => ({
      key: code, label: format.words(code), count, kind: 'bad', href: job_hash(name, 'records', { error: code }),
    }));
}

// What has failed for good has no kind where the latest records are all that is known.
function failed_row(name, job) {
  const count = job.totals?.failed ?? 0;
  if (count === 0) return [];
  return [{ key: 'failed', label: 'failed', count, kind: 'bad', href: job_hash(name, 'records', { state: 'failed' }) }];
}

const all_well = 'Nothing has gone wrong so far.';
function trouble_in_time(job) {
  const { retries = 0, hosts_backing_off = 0 } = job.progress ?? {};
  if (retries === 0 && hosts_backing_off === 0) return all_well;
  const attempts = retries === 1 ? 'one attempt was in vain' : `${format.count(retries)} attempts were in vain`;
  const hosts = hosts_backing_off === 1 ? 'one host is' : `${format.count(hosts_backing_off)} hosts are`;
  const parts = [retries > 0 && attempts, hosts_backing_off > 0 && `${hosts} left alone for a while (Hosts)`];
  return `No URL has failed for good: ${parts.filter(Boolean).join(', and ')}.`;
}

const host_states = [
  ['hosts_ready', 'ready', 'good'], ['hosts_waiting', 'waiting', 'info'], ['hosts_backing_off', 'backing off', 'warn'],
];
function host_rows(name, job) {
  if (!job.progress) return [];
  return host_states.map(([field, label, kind]) => ({
    key: field, label, count: job.progress[field] ?? 0, kind, href: job_hash(name, 'hosts'),
  }));
}

function problems(job) {
  const errors = job.errors ?? [];
  if (job.state !== 'invalid' || errors.length === 0) return null;
  return h('section.panel.problems', {}, h('h2', {}, 'The job file has errors'),
    h('ul', {}, errors.map((error) => h('li', {},
      h('code', {}, [error.line && `line ${error.line}`, error.key].filter(Boolean).join(', ') || 'file'),
      ' ', error.message))),
    h('p.hint', {}, 'Correct ', h('code', {}, job.file ?? 'the file'), '; the daemon reads it again when it changes.'));
}

export function show_overview(body, name) {
  const tiles = figures.map(([label, of]) => ({ figure: h('dd', {}, format.none), label, of }));
  const charts = throughput(name);
  const status = bars('No answers yet. They appear as soon as the first page is fetched.');
  const errors = bars(all_well);
  const hosts = bars('The job isn’t running; the Hosts tab has what is stored.');
  const status_note = h('span.hint');
  const trouble = h('div');
  fill(body, trouble,
    h('dl.tiles.many', {}, tiles.map(({ label, figure }) => h('div.tile', {}, h('dt', {}, label), figure))),
    charts.element,
    h('div.panels', {},
      h('section.panel', {}, h('header', {}, h('h2', {}, 'Status classes'), status_note), status.element),
      h('section.panel', {}, h('header', {}, h('h2', {}, 'Errors by kind')), errors.element),
      h('section.panel', {}, h('header', {}, h('h2', {}, 'Hosts')), hosts.element)));
  let records = [];
  let sampled = false;
  let shown_problems = '';
  const update = () => {
    const job = live.jobs.get(name);
    if (!job) return;
    for (const { figure, of } of tiles) text(figure, of(job));
    const { known, rows } = status_rows(name, job, records);
    status.update(rows);
    text(status_note, known ? 'since the daemon’s start' : records.length === 0 ? ''
      : `${sampled ? 'a sample of' : 'the latest'} ${format.count(records.length)}`);
    const kinds = error_rows(name, job, records);
    errors.update(kinds.length > 0 ? kinds : failed_row(name, job), trouble_in_time(job));
    hosts.update(host_rows(name, job));
    const wrong = JSON.stringify([job.state, job.errors]);  // the list of all jobs has no errors
    if (wrong !== shown_problems) fill(trouble, problems(job));
    shown_problems = wrong;
  };
  const sample = async () => {
    if (document.hidden) return;
    try {
      ({ records, sampled } = await latest_records(name, {}));
      update();
    } catch {
      // the connection's own message says what is wrong
    }
  };
  const offs = [live.on(`job:${name}`, update)];
  update();
  const stop = repeat(sample, sample_every_ms);
  return () => {
    offs.forEach((off) => off());
    stop();
    charts.stop();
  };
}
