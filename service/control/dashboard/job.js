// A job's page: what it is, what may be done to it now, and a tab for each side of it.
import { fill, h, set, text } from './dom.js';
import { job_path, post, remove } from './api.js';
import { confirm, failure, notice } from './dialogs.js';
import * as format from './format.js';
import { show_hosts } from './hosts.js';
import { set_badge, state_badge } from './jobs.js';
import { live } from './live.js';
import { show_overview } from './overview.js';
import { show_records } from './records.js';
import { go, job_hash, tabs } from './router.js';
import { add_urls, show_settings } from './settings.js';

const shows = { overview: show_overview, records: show_records, hosts: show_hosts, settings: show_settings };
const doing = { pause: 'Pausing', resume: 'Resuming', cancel: 'Cancelling', run: 'Starting' };

// The commands that fit a state; null leaves the button in its place, but off.
const first_command = ({ state, schedule, next_run_at }) => {
  if (state === 'paused') return 'resume';
  const will_run = state === 'running' || state === 'waiting';
  const runs_again = ['finished', 'limited', 'failed'].includes(state) && (schedule || next_run_at);
  return will_run || runs_again ? 'pause' : null;
};
const second_command = {
  running: 'cancel', paused: 'cancel', stopping: null, waiting: 'run', finished: 'run', limited: 'run',
  cancelled: 'run', failed: 'run', invalid: null,
};
const command_words = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel', run: 'Run now' };

async function steer(name, command) {
  try {
    live.keep_answer(await post(job_path(name, `/${command}`)));
  } catch (error) {
    failure(`${doing[command]} ${name}`, error);
    live.refresh(name).catch(() => {});
  }
}

// What the first button, or the shortcut for it, does now.
export function pause_or_resume(name) {
  const job = live.jobs.get(name);
  const command = job && first_command(job);
  if (command) steer(name, command);
}
export function run_or_cancel(name) {
  const command = second_command[live.jobs.get(name)?.state];
  if (command === 'cancel') ask_to_cancel(name);
  else if (command) steer(name, command);
}

function ask_to_cancel(name) {
  return confirm(`Cancel ${name}?`,
    h('p', {}, 'What is in flight is finished, what was fetched is kept. “Run now” continues it later.'),
    'Cancel the job', async () => live.keep_answer(await post(job_path(name, '/cancel'))));
}

export async function ask_to_delete(name) {
  const keep = h('input', { type: 'radio', name: 'data', value: 'keep', id: 'data-keep', checked: true, 'data-first': true });
  const all = h('input', { type: 'radio', name: 'data', value: 'delete', id: 'data-delete' });
  const deleted = await confirm(`Delete ${name}?`, [
    h('p', {}, 'The job leaves the list. A running one is stopped first.'),
    h('div.choice', {}, keep, h('label', { for: 'data-keep' }, 'Keep what it fetched in ',
      h('code', {}, live.jobs.get(name)?.dir ?? 'its output folder'))),
    h('div.choice', {}, all, h('label', { for: 'data-delete' }, 'Delete that too; nothing brings it back')),
  ], 'Delete', async () => {
    await remove(job_path(name, `?data=${all.checked ? 'delete' : 'keep'}`));
    return true;
  });
  if (!deleted) return;
  live.forget(name);
  go('#/');
  notice(`${name} is deleted`);
}

function controls(name) {
  const first = h('button', { type: 'button', 'aria-keyshortcuts': 'p', onclick: () => pause_or_resume(name) });
  const second = h('button', { type: 'button', 'aria-keyshortcuts': 'r', onclick: () => run_or_cancel(name) });
  const element = h('div.controls', { role: 'group', 'aria-label': 'Controls' }, first, second,
    h('button', { type: 'button', onclick: () => add_urls(name) }, 'Add URLs'),
    h('button.danger-quiet', { type: 'button', onclick: () => ask_to_delete(name) }, 'Delete'));
  const fit = (button, command, fallback) => {
    text(button, command_words[command ?? fallback]);
    set(button, 'aria-disabled', command ? null : 'true');  // stays in the order of focus
    set(button, 'data-command', command ?? '');
  };
  const update = (job) => {
    fit(first, first_command(job), 'pause');
    fit(second, second_command[job.state] ?? null, 'run');
  };
  return { element, update };
}

function tab_bar(name, current) {
  const link = (tab) => h('a.tab', {
    href: job_hash(name, tab), 'aria-current': tab === current ? 'page' : null,
  }, tab[0].toUpperCase() + tab.slice(1));
  return h('nav.tabs', { 'aria-label': `Parts of ${name}` }, tabs.map(link));
}

function facts_line(job) {
  return [
    job.detail, job.mode, job.schedule ? `schedule ${job.schedule}` : 'no schedule',
    job.next_run_at && `next run ${format.until(job.next_run_at)}`,
    format.plural(job.runs ?? 0, 'run'),
    job.ended_at && job.state !== 'running' ? `ended ${format.ago(job.ended_at)}`
      : job.started_at && `started ${format.ago(job.started_at)}`,
  ].filter(Boolean).join(' · ');
}

function gone(main, name) {
  fill(main, h('section.empty', {}, h('h1', {}, 'No such job'),
    h('p', {}, 'There is no job ', h('code', {}, name), '; it may have been deleted.'),
    h('p', {}, h('a.button', { href: '#/' }, 'See all jobs'))));
}

// Gives what to call when the page is left.
export function show_job(main, place) {
  const { job: name, tab } = place;
  let leave = () => {};
  let built = false;
  const parts = {};
  const build = (job) => {
    built = true;
    parts.badge = state_badge(job.state);
    parts.facts = h('p.facts');
    parts.controls = controls(name);
    const body = h('div.tab-body', { 'data-tab': tab });
    fill(main,
      h('a.back', { href: '#/' }, '← Jobs'),
      h('header.job-head', {}, h('div.job-title', {}, h('h1', {}, name), parts.badge), parts.controls.element,
        parts.facts),
      tab_bar(name, tab), body);
    leave = shows[tab](body, name, place.filter) ?? leave;
  };
  const update = () => {
    const job = live.jobs.get(name);
    if (!job) {
      if (live.loaded) {
        leave();
        leave = () => {};
        built = false;
        gone(main, name);
      }
      return;
    }
    if (!built) build(job);
    set_badge(parts.badge, job.state);
    text(parts.facts, facts_line(job));
    parts.controls.update(job);
  };
  fill(main, h('p.empty-line', {}, 'Asking the daemon …'));
  const off = live.on(`job:${name}`, update);
  const off_all = live.on('jobs', () => built || update());
  update();
  live.refresh(name).catch(() => {});
  return () => {
    off();
    off_all();
    leave();
  };
}
