// The hosts of a job: which may be asked now, which are left alone, and why.
import { fill, h, reconcile, set, text } from './dom.js';
import { get, job_path, query } from './api.js';
import * as format from './format.js';
import { repeat } from './latest.js';
import { going, live } from './live.js';
import { job_hash } from './router.js';

const refresh_ms = 3000;
const hosts_max = 200;
const order = ['backing_off', 'ready', 'waiting', 'drained'];

function make_row(name, host) {
  return h('tr', {},
    h('td.c-host', {}, h('a', { href: job_hash(name, 'records', { host: host.host }) }, host.host)),
    h('td.c-state', {}, h('span.badge')), h('td.c-number', { 'data-label': 'queued' }),
    h('td.c-number', { 'data-label': 'fetched' }), h('td.c-number', { 'data-label': 'failed' }), h('td.c-next'),
    h('td.c-why'));
}
function update_row(row, host) {
  const badge = row.querySelector('.badge');
  set(badge, 'data-state', host.state);
  text(badge, format.words(host.state));
  const numbers = row.querySelectorAll('.c-number');
  const more = host.counts_cut ? '+' : '';  // of a large host only the first URLs are counted
  [host.queued, host.fetched, host.failed].forEach((value, at) => text(numbers[at], format.count(value) + more));
  text(row.querySelector('.c-next'), host.next_fetch_at ? format.until(host.next_fetch_at) : '');
  text(row.querySelector('.c-why'), host.why ?? '');
}

const rank = (host) => {
  const at = order.indexOf(host.state);
  return at < 0 ? order.length : at;
};

const by_need = (a, b) =>
  rank(a) - rank(b) || b.queued - a.queued || b.fetched - a.fetched || a.host.localeCompare(b.host);

// Links out of scope are recorded too: their hosts, often hundreds, are nothing to look after.
const is_crawled = (host) => host.state !== 'drained' || host.queued + host.fetched + host.failed > 0;

// An event says how a host answers, the table when it is asked next.
const news_of = (host, event) =>
  event.state === 'well'
    ? { state: host.queued > 0 || host.counts_cut ? 'ready' : 'drained', next_fetch_at: null, why: null }
    : { state: 'backing_off', next_fetch_at: event.until ?? null, why: event.why ?? null };

function note_of(all, outside) {
  const parts = [];
  if (outside > 0) parts.push(`not shown: ${format.count(outside)} with excluded URLs alone`);
  if (all >= hosts_max) parts.push(`the first ${format.count(hosts_max)}; trawl stats has them all`);
  return parts.join('; ');
}

export function show_hosts(body, name) {
  const list = h('tbody');
  const hint = h('p.empty-line', {}, 'Asking the daemon …');
  const note = h('span.hint');
  const head = ['Host', 'State', 'Queued', 'Fetched', 'Failed', 'Next fetch', 'Why'];
  fill(body, h('div.panel.flush', {},
    h('table.hosts', {}, h('thead', {}, h('tr', {}, head.map((label) => h('th', { scope: 'col' }, label)))), list), hint),
    h('footer.table-foot', {}, note));
  let hosts = [];
  const show = () => {
    const shown = hosts.filter(is_crawled).sort(by_need);
    reconcile(list, shown, (host) => host.host, (host) => make_row(name, host), update_row);
    hint.hidden = shown.length > 0;
    text(note, note_of(hosts.length, hosts.length - shown.length));
  };
  let turn = 0;
  const load = async () => {
    const mine = ++turn;
    try {
      const answer = await get(job_path(name, `/hosts${query({ limit: hosts_max })}`));
      if (mine !== turn) return;
      ({ hosts } = answer);
      text(hint, 'No hosts yet. They come with the first URLs.');
      show();
    } catch (error) {
      text(hint, error.message);
    }
  };
  // A host that isn't in the table yet comes with the next turn: there may be hundreds a second.
  const on_host = (event) => {
    const known = event.job === name && hosts.find((host) => host.host === event.host);
    if (!known) return;
    Object.assign(known, news_of(known, event));
    show();
  };
  let first = true;
  const stop = repeat(async () => {
    const job = live.jobs.get(name);
    if (first || (!document.hidden && job && going(job))) await load();
    first = false;
  }, refresh_ms);
  const offs = [live.on('host', on_host), live.on('state', ({ job }) => job.name === name && load())];
  return () => {
    stop();
    offs.forEach((off) => off());
  };
}
