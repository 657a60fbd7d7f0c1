// What may change while a job runs, and all settings as the daemon merged them.
import { fill, h, set, text } from './dom.js';
import { job_path, patch, post } from './api.js';
import { ask, failure, notice } from './dialogs.js';
import * as format from './format.js';
import { live } from './live.js';
import { read_settings } from './toml.js';

const keys = [
  { key: 'politeness.delay', label: 'Pause per host', hint: 'such as 500ms, 2s' },
  { key: 'politeness.per_host', label: 'At once per host', whole: true },
  { key: 'fetch.concurrency', label: 'Fetches at once', hint: 'of the whole job', whole: true },
  { key: 'limits.pages', label: 'Limit of pages', hint: 'a number, or off', whole: true },
  { key: 'limits.bytes', label: 'Limit of bytes', hint: '10GiB, or off' },
  { key: 'limits.duration', label: 'Limit of time', hint: '6h, or off' },
  { key: 'scope.include', label: 'Include', hint: 'a pattern a line; with any, a URL must match one', list: true },
  { key: 'scope.exclude', label: 'Exclude', hint: 'a pattern a line; these win', list: true },
];

const as_text = (value) => (Array.isArray(value) ? value.join('\n') : String(value ?? ''));
function as_value(field, typed) {
  if (field.list) return typed.split('\n').map((line) => line.trim()).filter(Boolean);
  const trimmed = typed.trim();
  return field.whole && /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function make_field(field) {
  const id = `s-${field.key}`;
  const control = field.list
    ? h('textarea', { id, rows: 4, spellcheck: 'false', wrap: 'off' })
    : h('input', { id, autocomplete: 'off', spellcheck: 'false' });
  set(control, 'aria-describedby', `${id}-hint ${id}-problem`);
  const problem = h('p.problem', { id: `${id}-problem` });
  const element = h(field.list ? 'div.field.list' : 'div.field', {},
    h('label', { for: id }, field.label), control, h('p.hint', { id: `${id}-hint` }, field.hint ?? ''), problem);
  return { ...field, control, problem, element, before: '' };
}

function explain_errors(fields, error) {
  let left = 0;
  for (const { key, message } of error.errors ?? []) {
    const field = fields.find((candidate) => candidate.key === key);
    if (field) {
      text(field.problem, message);
      set(field.control, 'aria-invalid', 'true');
    } else ++left;
  }
  fields.find((field) => field.problem.textContent)?.control.focus();
  return left > 0 || !error.errors?.length;
}

async function save(name, fields) {
  const changed = fields.filter((field) => field.control.value.trim() !== field.before.trim());
  for (const field of fields) {
    text(field.problem, '');
    set(field.control, 'aria-invalid', null);
  }
  if (changed.length === 0) return notice('Nothing to save', 'No value differs from the job’s.');
  const saying = changed.map((field) => `${field.key}: ${field.before || 'none'} → ${field.control.value || 'none'}`).join(', ');
  try {
    live.keep_answer(await patch(job_path(name), Object.fromEntries(
      changed.map((field) => [field.key, as_value(field, field.control.value)]))));
    notice('Saved', saying);
    for (const field of changed) field.before = field.control.value;
    await live.refresh(name);
  } catch (error) {
    if (explain_errors(fields, error)) failure('Saving', error);
  }
}

export function show_settings(body, name) {
  const fields = keys.map(make_field);
  const merged = h('pre.settings', { tabindex: 0, 'aria-label': 'All settings' });
  const form = h('form.panel.live-settings', {
    onsubmit: (event) => {
      event.preventDefault();
      save(name, fields);
    },
  }, h('header', {}, h('h2', {}, 'Change while it runs'), h('span.hint', {}, 'stored: it outlives a restart')),
    h('div.fields-grid', {}, fields.map((field) => field.element)),
    h('footer', {}, h('button.primary', { type: 'submit' }, 'Save changes')));
  const place = h('p.hint');
  fill(body, form, h('section.panel', {}, h('header', {}, h('h2', {}, 'All settings'), place), merged));
  let shown = null;
  const update = () => {
    const job = live.jobs.get(name);
    if (!job || job.settings === shown) return;
    shown = job.settings;
    const values = read_settings(job.settings ?? '');
    for (const field of fields) {
      const touched = field.control.value !== field.before;
      field.before = as_text(values[field.key]);
      if (!touched) field.control.value = field.before;
    }
    text(merged, job.settings ?? '');
    fill(place, job.file ? h('code', {}, job.file) : '');
  };
  const off = live.on(`job:${name}`, update);
  update();
  live.refresh(name).catch((error) => failure('Reading the settings', error));
  return off;
}

export async function add_urls(name) {
  const input = h('textarea', {
    id: 'add-urls', rows: 8, wrap: 'off', spellcheck: 'false', required: true, 'data-first': true,
    placeholder: 'https://example.org/page', 'aria-describedby': 'add-urls-hint',
  });
  const added = await ask(`Add URLs to ${name}`, [
    h('label', { for: 'add-urls' }, 'URLs, one a line'), input,
    h('p.hint', { id: 'add-urls-hint' }, 'What the job knows already is not queued again.'),
  ], 'Add', async () => {
    const urls = input.value.split('\n').map((line) => line.trim()).filter(Boolean);
    return post(job_path(name, '/urls'), { urls });
  });
  if (!added) return;
  const others = [
    added.known > 0 ? `${format.count(added.known)} known already` : '',
    added.invalid > 0 ? `${format.count(added.invalid)} no URL to fetch` : '',
  ].filter(Boolean).join(', ');
  notice(`${format.plural(added.added, 'URL')} added`, others);
}
