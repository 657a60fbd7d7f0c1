// The list of jobs at the side; on a phone it is the first page.
import { announce, fill, h, reconcile, set, text } from './dom.js';
import * as format from './format.js';
import { live } from './live.js';
import { job_hash } from './router.js';

const state_words = {
  invalid: 'invalid', waiting: 'waiting', running: 'running', paused: 'paused', stopping: 'stopping',
  finished: 'finished', limited: 'limit reached', cancelled: 'cancelled', failed: 'failed',
};
export const state_word = (state) => state_words[state] ?? format.words(state);

export const state_badge = (state) => h('span.badge', { 'data-state': state }, state_word(state));
export function set_badge(badge, state) {
  set(badge, 'data-state', state);
  text(badge, state_word(state));
}

// Large files take so long that no page a second would be said of them for minutes.
const arrives_alone = (job) => job.progress?.arriving?.bodies > 0 && !(job.rates?.pages_per_s >= 0.1);
const arriving = ({ bytes, expected_bytes, unannounced }) =>
  unannounced ? format.bytes(bytes) : `${format.bytes(bytes)} of ${format.bytes(expected_bytes)}`;

// One line of what a job is at.
export function job_line(job) {
  const pages = format.plural(job.totals?.fetched ?? 0, 'page');
  if (job.state === 'running' && job.progress?.paused) return 'paused: the disk is full';
  if (job.state === 'running' && arrives_alone(job)) return `${arriving(job.progress.arriving)} · ${pages}`;
  if (job.state === 'running') return `${format.rate(job.rates?.pages_per_s ?? 0)} pages/s · ${pages}`;
  if (job.state === 'waiting' && job.next_run_at) return `next run ${format.until(job.next_run_at)}`;
  if (job.state === 'invalid') return job.detail || 'its file has errors';
  const next = job.state === 'limited' && job.next_run_at;
  return [job.detail || pages, next && `next run ${format.until(next)}`].filter(Boolean).join(' · ');
}

function make_item(job) {
  return h('li', {},
    h('a.job', { href: job_hash(job.name) }, h('span.job-name', {}, job.name), state_badge(job.state),
      h('span.job-line')));
}
function update_item(item, job, current) {
  set(item.firstElementChild, 'aria-current', job.name === current ? 'page' : null);
  set_badge(item.querySelector('.badge'), job.state);
  text(item.querySelector('.job-line'), job_line(job));
}

export function show_jobs(nav, current_job) {
  const list = h('ul.job-list');
  const heading = h('h2', {}, 'Jobs');
  const number = h('span.figure');
  const hint = h('p.empty-line', {}, 'Asking the daemon …');
  fill(nav, h('header', {}, heading, number), hint, list);
  const update = () => {
    const jobs = live.names().map((name) => live.jobs.get(name));
    hint.hidden = jobs.length > 0;
    if (live.loaded) text(hint, 'None yet. “New job” adds one; so does a file in jobs_dir.');
    text(number, jobs.length || '');
    reconcile(list, jobs, (job) => job.name, make_item, (item, job) => update_item(item, job, current_job()));
  };
  live.on('jobs', update);
  live.on('state', ({ job }) => announce(`${job.name}: ${state_word(job.state)}`));
  addEventListener('hashchange', update);
  update();
}
