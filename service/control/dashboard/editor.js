// A plain text area with line numbers, and each message at the end of its line. What is typed stays in
// the text area; the layer behind it has the same text, unseen, to hang the messages on.
import { fill, h, set, text } from './dom.js';

export function editor(id, value) {
  const gutter = h('div.gutter', { 'aria-hidden': true });
  const layer = h('div.layer', { 'aria-hidden': true });
  const area = h('textarea', {
    id, wrap: 'off', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off',
    'aria-describedby': `${id}-messages`,
  });
  const messages = h('ul.messages', { id: `${id}-messages` });
  const element = h('div.editor-box', {},
    h('div.editor', {}, gutter, h('div.editor-text', {}, layer, area)), h('div', { role: 'alert' }, messages));
  let errors = [];

  const draw = () => {
    const lines = area.value.split('\n');
    const at_line = new Map();
    for (const error of errors) {
      const line = Math.min(error.line || 1, lines.length);
      at_line.set(line, [...(at_line.get(line) ?? []), error.message]);
    }
    fill(gutter, lines.map((_, at) => h('div', { 'data-bad': at_line.has(at + 1) }, at + 1)));
    fill(layer, lines.map((line, at) => h('div', { 'data-bad': at_line.has(at + 1) },
      h('span.ghost', {}, line || '\u200b'), at_line.has(at + 1) && h('span.inline-message', {}, at_line.get(at + 1).join(' · ')))));
    follow();
  };
  const follow = () => {
    gutter.scrollTop = area.scrollTop;
    layer.scrollTop = area.scrollTop;
    layer.scrollLeft = area.scrollLeft;
  };
  const jump = (error) => {
    const lines = area.value.split('\n');
    const line = Math.min(error.line || 1, lines.length);
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + lines[line - 1].length);
  };
  const show = (list) => {
    errors = list;
    set(area, 'aria-invalid', list.length ? 'true' : null);
    fill(messages, list.map((error) => h('li', {},
      h('button.message', { type: 'button', onclick: () => jump(error) },
        h('span.where', {}, [error.line && `line ${error.line}`, error.key].filter(Boolean).join(' · ') || 'the job'),
        h('span', {}, error.message)))));
    draw();
    if (list.length) jump(list[0]);
  };
  const put = (content) => {
    area.value = content;
    show([]);
  };
  area.addEventListener('input', () => {
    errors = [];
    set(area, 'aria-invalid', null);
    draw();
  });
  area.addEventListener('scroll', follow);
  text(messages, '');
  put(value);
  return { element, area, show, put };
}
