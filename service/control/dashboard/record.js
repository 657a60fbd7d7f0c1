// One record: its fields, the headers, the body, and why it is as it is. The body is another's: it is
// shown as text, as an image of a harmless kind, or in a frame where nothing runs and nothing loads.
import { add, fill, h, web_url } from './dom.js';
import { get, get_part, job_path, query } from './api.js';
import { dialog } from './dialogs.js';
import * as format from './format.js';

const body_bytes_max = 1 << 19;
const image_types = /^image\/(png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)\b/;
// In front of a page in the frame; besides, the frame inherits the dashboard's own policy.
// No policy covers names that a browser looks up ahead, for links that may be clicked.
const frame_policy =
  '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; form-action \'none\'">' +
  '<meta http-equiv="x-dns-prefetch-control" content="off">';

const sizes = new Set(['bytes_wire', 'bytes_body', 'archive_length']);
function value_of(key, value) {
  if (sizes.has(key)) return `${format.bytes(value)} (${format.count(value)})`;
  if (key.endsWith('_ms')) return format.duration(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

const fields = (object) =>
  h('dl.fields', {}, Object.entries(object)
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => [
      h('dt', {}, format.words(key.replace(/_ms$/, ''))),
      h('dd', {}, typeof value !== 'object' ? value_of(key, value)
        : Array.isArray(value) ? h('ul', {}, value.map((item) => h('li', {}, typeof item === 'object' ? fields(item) : String(item))))
        : fields(value)),
    ]));

function summary(record) {
  const link = web_url(record.url);
  return [
    link && h('p', {}, h('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, 'Open on the web ↗')),
    fields({ ...record, url: null }),  // it is above
  ];
}

const head = (title, text, without) =>
  h('section', {}, h('h3', {}, title),
    text ? h('pre', { tabindex: 0, 'aria-label': title }, text) : h('p.empty-line', {}, without));

const headers = (answer) => [
  head('Answer', answer.response_head, 'Not kept: there was no answer, or the job keeps no WARC archive.'),
  head('Request', answer.request_head, 'Not kept: nothing was sent, or the job keeps no WARC archive.'),
];

function frame(text) {
  const element = h('iframe.body-frame', { sandbox: '', title: 'The page, without scripts, styles and outside content' });
  element.srcdoc = frame_policy + text;
  return element;
}

function decoded(bytes, type) {
  const charset = /charset="?([^";\s]+)/.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);  // a name that no browser knows
  }
}

async function data_url(blob, type) {
  const reader = new FileReader();
  await new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([blob], { type }));
  });
  return reader.result;
}

async function body(name, url, record) {
  const { blob, type, cut } = await get_part(job_path(name, `/body${query({ url })}`), body_bytes_max);
  const note = cut && h('p.hint', {}, `The first ${format.bytes(body_bytes_max)}; trawl cat has all of it.`);
  if (blob.size === 0) return h('p.empty-line', {}, 'The body is empty.');
  const image = image_types.exec(type)?.[0];
  if (image && !cut)
    return h('img.body-image', { src: await data_url(blob, image), alt: `The image at ${url}` });
  const text = decoded(await blob.arrayBuffer(), type);
  const source = h('pre.body-text', { tabindex: 0, 'aria-label': 'Source of the body' }, text);
  if (!/html/.test(record?.content_type ?? '')) return [note, source];
  const view = h('div', {}, source);
  const toggle = h('button', {
    type: 'button', 'aria-pressed': 'false',
    onclick: () => {
      const preview = toggle.getAttribute('aria-pressed') === 'false';
      toggle.setAttribute('aria-pressed', String(preview));
      fill(view, preview ? frame(text) : source);
    },
  }, 'Preview');
  return [h('p.body-tools', {}, toggle, h('span.hint', {}, 'sandboxed: no scripts, no styles, nothing from outside')), note, view];
}

const parts = [
  ['Summary', async (name, url, answer) => summary(answer.record)],
  ['Headers', async (name, url, answer) => headers(answer)],
  ['Body', (name, url, answer) => body(name, url, answer.record)],
  ['Why', async (name, url) => fields(await get(job_path(name, `/explain${query({ url })}`)))],
];

function without(part, error) {
  if (part === 'Body' && error.status === 404) return 'No body is kept for this URL.';
  return error.message;
}

export function show_record(name, url) {
  const known = get(job_path(name, `/record${query({ url })}`));
  known.catch(() => {});  // said by the part that needs it
  return dialog('Record', () => {
    const panel = h('div.record-part', { role: 'tabpanel', id: 'record-part', tabindex: -1 });
    const buttons = parts.map(([label], at) =>
      h('button.tab', { type: 'button', role: 'tab', 'aria-controls': 'record-part', id: `record-tab-${at}`,
        'data-first': at === 0, onclick: () => choose(at) }, label));
    let turn = 0;
    const choose = async (at) => {
      const mine = ++turn;
      buttons.forEach((button, other) => {
        button.setAttribute('aria-selected', String(other === at));
        button.tabIndex = other === at ? 0 : -1;
      });
      panel.setAttribute('aria-labelledby', `record-tab-${at}`);
      const [part, build] = parts[at];
      fill(panel, h('p.empty-line', {}, 'Asking the daemon …'));
      let content;
      try {
        content = await build(name, url, await known);
      } catch (error) {
        content = h('p.empty-line', {}, without(part, error));
      }
      if (mine === turn) add(fill(panel), [content]);
    };
    const move = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const at = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
      buttons[at].focus();
      choose(at);
    };
    choose(0);
    return h('div', {}, h('p.record-url', {}, url),
      h('div.tabs', { role: 'tablist', 'aria-label': 'Parts of the record', onkeydown: move }, buttons), panel);
  }, { wide: true });
}
