// All jobs at once: the daemon's throughput, and what wants attention. Without a job, how to get one.
import { fill, h, reconcile, text } from './dom.js';
import * as format from './format.js';
import { throughput } from './charts.js';
import { job_line, set_badge, state_badge } from './jobs.js';
import { live } from './live.js';
import { job_hash } from './router.js';

const empty = () => h('section.empty', {},
  h('h1', {}, 'Nothing to crawl yet'),
  h('p', {}, 'A job says where a crawl begins, what belongs to it and how polite it is.'),
  h('p', {}, h('a.button.primary', { href: '#/new' }, 'Write the first job')),
  h('p.hint', {}, 'Or put a TOML file into the daemon’s jobs_dir, or run: ',
    h('code', {}, 'trawl submit JOB.toml')));

const worries = ['invalid', 'failed', 'paused', 'limited'];  // the worst first

function attention_row(job) {
  return h('li', {}, h('a', { href: job_hash(job.name) }, job.name), state_badge(job.state), h('span.job-line'));
}

function overview() {
  const charts = throughput('');
  const tiles = new Map();
  const tile = (name, label) => {
    const figure = h('dd', {}, format.none);
    tiles.set(name, figure);
    return h('div.tile', {}, h('dt', {}, label), figure);
  };
  const list = h('ul.attention');
  const calm = h('p.empty-line', {}, 'No job has failed or waits for you.');
  const element = h('div', {},
    h('h1', {}, 'All jobs'),
    h('dl.tiles', {}, tile('running', 'Running'), tile('fetched', 'Fetched'), tile('queued', 'Queued'),
      tile('failed', 'Failed')),
    charts.element,
    h('section.panel', {}, h('h2', {}, 'Wants attention'), calm, list));
  const update = () => {
    const jobs = live.names().map((name) => live.jobs.get(name));
    const sum = (field) => jobs.reduce((total, job) => total + (job.totals?.[field] ?? 0), 0);
    text(tiles.get('running'), jobs.filter((job) => job.state === 'running').length);
    for (const field of ['fetched', 'queued', 'failed']) text(tiles.get(field), format.compact(sum(field)));
    const worrying = jobs.filter((job) => worries.includes(job.state))
      .sort((a, b) => worries.indexOf(a.state) - worries.indexOf(b.state));
    calm.hidden = worrying.length > 0;
    reconcile(list, worrying, (job) => job.name, attention_row, (row, job) => {
      set_badge(row.querySelector('.badge'), job.state);
      text(row.querySelector('.job-line'), job_line(job));
    });
  };
  update();
  return { element, update, stop: charts.stop };
}

// Gives what to call when the page is left.
export function show_home(main) {
  let shown = null;  // 'empty', or an overview
  const update = () => {
    if (!live.loaded) return;
    if (live.jobs.size === 0) {
      if (shown === 'empty') return;
      shown?.stop?.();
      fill(main, empty());
      shown = 'empty';
    } else if (shown === null || shown === 'empty') {
      shown = overview();
      fill(main, shown.element);
    } else {
      shown.update();
    }
  };
  fill(main, h('p.empty-line', {}, 'Asking the daemon …'));
  const off = live.on('jobs', update);
  update();
  return () => {
    off();
    shown?.stop?.();
  };
}
