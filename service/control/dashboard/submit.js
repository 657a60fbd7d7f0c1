// A new job: its TOML, and what the daemon's validator says to it, at the lines it says it of.
import { add, fill, h, text } from './dom.js';
import { post_toml, query } from './api.js';
import { failure, notice } from './dialogs.js';
import { editor } from './editor.js';
import { live } from './live.js';
import { go, job_hash } from './router.js';

const example = `# Where the crawl begins, and how far it goes.
[seeds]
urls = ["https://example.org/"]

[scope]
mode = "host"              # page, prefix, host, domain or any
exclude = ["*.zip", "*.iso"]
max_depth = 8

[limits]
pages = 1000

[politeness]
delay = "1s"               # between two fetches on one host
`;

const draft_key = 'trawl.draft';
const draft = {
  read() {
    try {
      return sessionStorage.getItem(draft_key) ?? example;
    } catch {
      return example;
    }
  },
  keep(value) {
    try {
      sessionStorage.setItem(draft_key, value);
    } catch {
      // then it lives as long as the page
    }
  },
};

const help = () => h('aside.panel.help', {}, h('h2', {}, 'The smallest job'),
  h('pre', {}, '[seeds]\nurls = ["https://example.org/"]'),
  h('p', {}, 'Everything else has a default that is polite: one fetch at a time on a host, a second apart, robots.txt obeyed.'),
  h('p', {}, 'Durations and sizes carry their unit: ', h('code', {}, '"500ms"'), ', ', h('code', {}, '"32MiB"'), '; ',
    h('code', {}, '"off"'), ' lifts a bound.'),
  h('p', {}, 'All keys are in docs/jobs.md; ', h('code', {}, 'trawl check --print JOB.toml'), ' shows them with their values.'));

async function submit(name, box, problem) {
  fill(problem);
  try {
    const job = await post_toml(`jobs${query({ name })}`, box.area.value);
    draft.keep(example);
    box.show([]);
    live.keep_answer(job);
    notice(`${job.name} is submitted`);
    go(job_hash(job.name));
  } catch (error) {
    if (error.errors?.length) {  // 403 has them too: wider than the daemon allows
      box.show(error.errors);
      text(problem, error.errors.length === 1 ? 'One thing to correct.' : `${error.errors.length} things to correct.`);
    } else if (error.status === 409) {
      text(problem, `${error.message} Choose another name.`);
    } else {
      failure('Submitting the job', error);
    }
  }
}

export function show_submit(main) {
  const box = editor('job-toml', draft.read());
  const name = h('input', { id: 'job-name', autocomplete: 'off', spellcheck: 'false', pattern: '[A-Za-z0-9_\\-]+', maxlength: 64,
    placeholder: 'as the text says', 'aria-describedby': 'job-name-hint' });
  const problem = h('p.problem', { role: 'alert' });
  const send = h('button.primary', { type: 'submit' }, 'Submit');
  const form = h('form.submit', {
    onsubmit: async (event) => {
      event.preventDefault();
      if (send.getAttribute('aria-disabled')) return;
      send.setAttribute('aria-disabled', 'true');
      await submit(name.value.trim(), box, problem);
      send.removeAttribute('aria-disabled');
    },
  },
    h('div.field', {}, h('label', { for: 'job-name' }, 'Name'), name,
      h('p.hint', { id: 'job-name-hint' }, 'Letters, digits, - and _; empty: the text’s own.')),
    h('div.field', {}, h('label', { for: 'job-toml' }, 'Job, as TOML'), box.element),
    h('div.submit-foot', {}, send,
      h('button', { type: 'button', onclick: () => box.put(example) }, 'Put in the example'),
      h('span.hint.wide-only', {}, 'Ctrl+Enter submits'), problem));
  box.area.addEventListener('input', () => draft.keep(box.area.value));
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  fill(main);
  add(main, [h('a.back', { href: '#/' }, '← Jobs'), h('h1', {}, 'New job'), h('div.submit-page', {}, h('div.panel', {}, form), help())]);
  return () => {};
}
