// Keys for those who don't leave the keyboard. Single letters can be turned off (WCAG 2.1.4), and
// never act while something is typed or a dialog is open.
import { by_id, h } from './dom.js';
import { dialog } from './dialogs.js';

const off_key = 'trawl.shortcuts';
function enabled() {
  try {
    return localStorage.getItem(off_key) !== 'off';
  } catch {
    return true;
  }
}
function enable(on) {
  try {
    localStorage.setItem(off_key, on ? 'on' : 'off');
  } catch {
    // as before at the next visit
  }
}

const list = [
  ['?', 'these shortcuts'], ['n', 'new job'], ['j k', 'next and previous job'], ['p', 'pause or resume the job'],
  ['r', 'run or cancel the job'], ['1 2 3 4', 'overview, records, hosts, settings'], ['/', 'filter of the records'],
  ['g', 'all jobs'], ['t', 'light, dark or the system’s colours'], ['Esc', 'close a dialog'],
];

export function show_help(version) {
  const box = h('input', { type: 'checkbox', id: 'shortcuts-on', checked: enabled(), onchange: () => enable(box.checked) });
  return dialog('Keyboard shortcuts', () => h('div', {},
    h('dl.shortcuts', {}, list.map(([keys, meaning]) => h('div', {},
      h('dt', {}, keys.split(' ').map((key) => h('kbd', {}, key))), h('dd', {}, meaning)))),
    h('div.choice', {}, box, h('label', { for: 'shortcuts-on' }, 'Single keys act')),
    h('p.hint', {}, `trawl ${version ?? ''} · charts by Chart.js, `,
      h('a', { href: 'dashboard/chart-license.txt', target: '_blank', rel: 'noopener' }, 'MIT licence'))));
}

const typing = (element) => element?.matches?.('input, textarea, select, [contenteditable]');

// actions: {n: () => …}; "?" works even when the others are off.
export function listen(actions) {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key !== '?' && !enabled()) return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
}

export const focus_filter = () => by_id('f-status')?.focus();
