// Shares of a whole as bars: names and figures are text, the bar itself says nothing more.
import { h, reconcile, set, text } from './dom.js';
import * as format from './format.js';

// rows: {key, label, count, kind, href?}. The longest bar is the most frequent.
export function bars(empty) {
  const list = h('ul.bars');
  const hint = h('p.empty-line', {}, empty);
  const element = h('div.bars-box', {}, hint, list);
  const make = (row) => {
    const label = row.href ? h('a', { href: row.href }, row.label) : h('span', {}, row.label);
    return h('li', {}, h('div.bar-text', {}, label, h('span.figure')),
      h('div.bar', { 'aria-hidden': true }, h('div.bar-fill', { 'data-kind': row.kind })));
  };
  const update = (rows, empty_now = empty) => {
    text(hint, empty_now);
    const top = Math.max(1, ...rows.map((row) => row.count));
    hint.hidden = rows.length > 0;
    reconcile(list, rows, (row) => row.key, make, (item, row) => {
      if (row.href) set(item.querySelector('a'), 'href', row.href);
      text(item.querySelector('.figure'), format.count(row.count));
      item.querySelector('.bar-fill').style.width = `${(100 * row.count) / top}%`;
    });
  };
  return { element, update };
}
