// The page: what is where, and what leads from one to the other.
import { by_id, h, fill, text, set } from './dom.js';
import { on_unauthorized } from './api.js';
import { ask_for_token, lasting } from './dialogs.js';
import * as format from './format.js';
import { show_home } from './home.js';
import { pause_or_resume, run_or_cancel, show_job } from './job.js';
import { show_jobs } from './jobs.js';
import { live } from './live.js';
import { go, job_hash, place_of, tabs } from './router.js';
import { focus_filter, listen, show_help } from './shortcuts.js';
import { show_submit } from './submit.js';

const main = by_id('main');
const pages = { home: show_home, new: show_submit, job: show_job };
let place = place_of(location.hash);
let leave = () => {};

function titles() {
  const names = { home: 'trawl', new: 'New job · trawl', job: `${place.job} · trawl` };
  document.title = names[place.page];
  document.body.dataset.page = place.page;
}

function show(first = false) {
  leave();
  document.querySelector('dialog.wide[open]')?.close();  // a record of the place that is left
  const before = place;
  place = place_of(location.hash);
  titles();
  leave = pages[place.page](main, place);
  if (first) return;
  const within = before.page === 'job' && place.page === 'job' && before.job === place.job;
  if (within) main.querySelector('.tabs [aria-current]')?.focus({ preventScroll: true });
  else {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

// --- the bar at the top ---

const words = { live: 'Live', connecting: 'Connecting', lost: 'Reconnecting', locked: 'Locked' };
let close_banner = null;
function show_connection() {
  const { state, detail } = live.connection;
  set(by_id('connection'), 'data-state', state);
  text(by_id('connection-text'), words[state]);
  close_banner?.();
  close_banner = null;
  if (state === 'lost')
    close_banner = lasting('The connection to the daemon is lost',
      `${detail} What you see is as it last was; it goes on by itself when the daemon is back.`);
  if (state === 'locked')
    close_banner = lasting('Locked', 'Without its token the daemon shows nothing.', { text: 'Enter it', act: () => location.reload() });
}

function show_vitals() {
  const { status } = live;
  if (!status) return;
  const item = (label, value) => h('div', {}, h('dt', {}, label), h('dd', {}, value));
  fill(by_id('vitals'),
    item('Pages/s', format.rate(status.pages_per_s ?? 0)),
    item('Received', `${format.bytes(status.bytes_per_s ?? 0)}/s`),
    item('Memory', format.bytes(status.resident_bytes)),
    item('Up', format.duration((status.uptime_s ?? NaN) * 1000)));
}

const theme_words = { auto: ['◐', 'as the system'], light: ['☀', 'light'], dark: ['☾', 'dark'] };
function show_theme() {
  const [glyph, word] = theme_words[trawl_theme.mode];
  text(by_id('theme-glyph'), glyph);
  set(by_id('theme'), 'aria-label', `Colours: ${word}`);
  set(by_id('theme'), 'title', `Colours: ${word}`);
}
function next_theme() {
  trawl_theme.next();
  show_theme();
}

// --- keys ---

function step(by) {
  const names = live.names();
  if (names.length === 0) return;
  const at = names.indexOf(place.job);
  const next = at < 0 ? (by > 0 ? 0 : names.length - 1) : (at + by + names.length) % names.length;
  go(job_hash(names[next], place.tab));
}
function open_tab(at) {
  if (place.page === 'job') go(job_hash(place.job, tabs[at]));
}
function filter_records() {
  if (place.page !== 'job') return;
  if (place.tab === 'records') focus_filter();
  else {
    go(job_hash(place.job, 'records'));
    setTimeout(focus_filter, 50);
  }
}

by_id('theme').addEventListener('click', next_theme);
by_id('help').addEventListener('click', () => show_help(live.status?.version));
by_id('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
listen({
  '?': () => show_help(live.status?.version),
  n: () => go('#/new'),
  g: () => go('#/'),
  j: () => step(1),
  k: () => step(-1),
  p: () => place.page === 'job' && pause_or_resume(place.job),
  r: () => place.page === 'job' && run_or_cancel(place.job),
  1: () => open_tab(0),
  2: () => open_tab(1),
  3: () => open_tab(2),
  4: () => open_tab(3),
  '/': filter_records,
  t: next_theme,
});

on_unauthorized(ask_for_token);
live.on('connection', show_connection);
live.on('status', show_vitals);
addEventListener('hashchange', () => show());
show_jobs(by_id('jobs'), () => place_of(location.hash).job);
show_theme();
show(true);
live.start();
