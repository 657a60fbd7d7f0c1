// Dialogs over the page (the browser's own, which keep focus inside and close with Escape), and the
// banners that say what went wrong and what to do.
import { add, by_id, fill, h } from './dom.js';

const banners_max = 4;
const notice_ms = 6000;

// build(close) gives the content; the promise has what close() was called with, null for Escape.
export function dialog(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const box = h(wide ? 'dialog.wide' : 'dialog', { 'aria-label': title });
    let answer = null;
    const close = (value = null) => {
      answer = value;
      box.close();
    };
    add(box, [
      h('header.dialog-head', {}, h('h2', {}, title),
        h('button.icon', { type: 'button', 'aria-label': 'Close', onclick: () => close() }, '✕')),
      build(close),
    ]);
    box.addEventListener('close', () => {
      box.remove();
      if (before?.isConnected) before.focus();
      resolve(answer);
    });
    box.addEventListener('click', (event) => {
      if (event.target === box) close();
    });
    document.body.append(box);
    box.showModal();
    box.querySelector('[data-first]')?.focus();
  });
}

// What is asked for is done by act(), while the dialog is open: a failure is said in it.
function form_dialog(title, content, button, act) {
  return dialog(title, (close) => {
    const problem = h('p.problem', { role: 'alert' });
    const submit = h(`button.${button.kind}`, { type: 'submit' }, button.text);
    return h('form', {
      method: 'dialog',
      onsubmit: async (event) => {
        event.preventDefault();
        submit.disabled = true;
        fill(problem);
        try {
          close(await act());
        } catch (error) {
          fill(problem, error.message);
        }
        submit.disabled = false;
      },
    }, content, problem,
      h('footer.dialog-foot', {},
        h('button', { type: 'button', onclick: () => close() }, 'Not now'), submit));
  });
}

export const confirm = (title, content, button, act) =>
  form_dialog(title, content, { kind: 'danger', text: button }, act);
export const ask = (title, content, button, act) =>
  form_dialog(title, content, { kind: 'primary', text: button }, act);

export async function ask_for_token(was_wrong) {
  const input = h('input', {
    type: 'password', id: 'token', autocomplete: 'current-password', required: true, 'data-first': true,
    'aria-describedby': 'token-hint',
  });
  return ask('This daemon is locked', [
    was_wrong && h('p.problem', { role: 'alert' }, 'The daemon doesn’t know that token.'),
    h('label', { for: 'token' }, 'Token'), input,
    h('p.hint', { id: 'token-hint' }, 'It is in the file that token_file of trawl.toml names. ' +
      'This tab keeps it until it is closed.'),
  ], 'Unlock', async () => input.value.trim());
}

// --- banners ---

function show(kind, title, detail, options) {
  const region = by_id('banners');
  const key = `${kind}:${title}`;
  region.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  const banner = h(`div.banner.${kind}`, { role: kind === 'bad' ? 'alert' : 'status', 'data-key': key },
    h('div', {}, h('strong', {}, title), detail && h('p', {}, detail)),
    options.action && h('button', { type: 'button', onclick: options.action.act }, options.action.text),
    h('button.icon', { type: 'button', 'aria-label': 'Dismiss', onclick: () => banner.remove() }, '✕'));
  region.append(banner);
  while (region.children.length > banners_max) region.firstElementChild.remove();
  return () => banner.remove();
}

export function notice(title, detail = '') {
  const close = show('good', title, detail, {});
  setTimeout(close, notice_ms);
}

const advice = {
  403: 'The daemon doesn’t allow it: see docs/operations.md on what submitted jobs may do.',
  404: 'It may have been removed meanwhile; the list shows what is there.',
  409: 'The job’s state has changed; look at it and try again.',
  413: 'It is larger than the daemon takes: put long lists of URLs into a file that seeds.files names.',
  429: 'The daemon has much to do; try again in a moment.',
  503: 'The daemon is starting or shutting down; try again in a moment.',
};

// doing: "Pausing docs".
export function failure(doing, error) {
  if (error.name === 'AbortError') return;
  const detail = [error.detail || error.message, advice[error.status]].filter(Boolean).join(' ');
  show('bad', `${doing} did not work`, detail, {});
}

export const lasting = (title, detail, action) => show('bad', title, detail, { action });
