// The records of a job: the latest, refreshed while it runs, or all of them page by page.
import { announce, fill, h, reconcile, set, text } from './dom.js';
import { get_lines, job_path, query } from './api.js';
import { failure } from './dialogs.js';
import * as format from './format.js';
import { latest_records, repeat } from './latest.js';
import { going, live } from './live.js';
import { show_record } from './record.js';
import { job_hash } from './router.js';

const refresh_ms = 3000;
const page_size = 100;
const rows_max = 2000;

const states = ['', 'fetched', 'failed', 'excluded', 'queued'];

export function status_badge(record) {
  const kind = record.error ? 'bad'
    : record.status >= 500 ? 'bad'
    : record.status >= 400 ? 'warn'
    : record.status >= 300 ? 'info'
    : record.status >= 200 ? 'good' : 'none';
  return h('span.status', { 'data-kind': kind }, record.status ?? record.state);
}

function make_row(name, record) {
  const url = h('button.url', { type: 'button', onclick: () => show_record(name, record.url) });
  return h('tr', {}, h('td.c-status'), h('td.c-url', {}, url, h('span.title')), h('td.c-type'), h('td.c-size'),
    h('td.c-time'), h('td.c-when'));
}
function update_row(row, record) {
  const stamp = `${record.fetched_at} ${record.state} ${record.status} ${record.error}`;
  if (row.dataset.stamp !== stamp) {
    row.dataset.stamp = stamp;
    fill(row.querySelector('.c-status'), status_badge(record));
    text(row.querySelector('.url'), record.url);
    text(row.querySelector('.title'),
      record.error ? [format.words(record.error), record.error_detail].filter(Boolean).join(': ') : record.title ?? '');
    text(row.querySelector('.c-type'), (record.content_type ?? '').split(';')[0]);
    text(row.querySelector('.c-size'), record.bytes_body === null ? '' : format.bytes(record.bytes_body));
    text(row.querySelector('.c-time'), record.total_ms === null ? '' : format.duration(record.total_ms));
  }
  text(row.querySelector('.c-when'), record.fetched_at ? format.when(record.fetched_at) : '');
}

// The fields above the table; read() gives what is in them.
function filter_form(name, filter, on_change) {
  const state = h('select', { id: 'f-state' },
    states.map((value) => h('option', { value, selected: value === (filter.state ?? '') }, value || 'any state')));
  const input = (id, value, placeholder) =>
    h('input', { id, value: value ?? '', placeholder, autocomplete: 'off', spellcheck: 'false' });
  const status = input('f-status', filter.status, '200,404,5xx');
  const host = input('f-host', filter.host, 'example.org');
  const error = input('f-error', filter.error, 'dns_timeout');
  const order = h('select', { id: 'f-order' }, h('option', { value: 'latest' }, 'latest first'),
    h('option', { value: 'stored', selected: filter.order === 'stored' }, 'all, by host'));
  const field = (label, control) => h('div.field', {}, h('label', { for: control.id }, label), control);
  const read = () => ({
    state: state.value, status: status.value.trim(), host: host.value.trim(), error: error.value.trim(),
    order: order.value === 'latest' ? '' : order.value,
  });
  const changed = (event) => {
    event?.preventDefault();
    history.replaceState(null, '', job_hash(name, 'records', read()));
    on_change();
  };
  const clear = h('button', {
    type: 'button',
    onclick: () => {
      for (const control of [state, status, host, error]) control.value = '';
      changed();
      status.focus();
    },
  }, 'Clear');
  const element = h('form.filters', { role: 'search', 'aria-label': 'Filter of records', onsubmit: changed, onchange: changed },
    field('State', state), field('Status', status), field('Host', host), field('Error', error), field('Order', order), clear);
  return { element, read };
}

const empty_text = (job, filtered) =>
  filtered ? 'No record passes this filter. “Clear” shows all.'
    : job && going(job) ? 'No records yet. The first page appears here when it is fetched.'
    : 'No records yet. “Run now” starts the job.';

const note_of_latest = (count, sampled) =>
  sampled ? `${format.count(count)} of very many, and not the latest alone; a filter shows others`
    : `the latest ${format.count(count)}`;

class Records {
  constructor(body, name, filter) {
    this.name = name;
    this.rows = [];
    this.abort = new AbortController();
    this.form = filter_form(name, filter, () => this.load());
    this.list = h('tbody');
    this.hint = h('p.empty-line', {}, 'Asking the daemon …');
    this.more = h('button', { type: 'button', onclick: () => this.load_more() }, 'Load more');
    this.note = h('span.hint');
    const head = ['Status', 'URL and title', 'Type', 'Size', 'Took', 'When'];
    fill(body, this.form.element,
      h('div.panel.flush', {}, h('table.records', {}, h('thead', {}, h('tr', {}, head.map((label) => h('th', { scope: 'col' }, label)))), this.list),
        this.hint),
      h('footer.table-foot', {}, this.more, this.note));
    this.more.hidden = true;
  }

  filter() {
    const { order, ...filter } = this.form.read();
    return { latest: order === '', filter };
  }

  show(rows, sampled = false) {
    this.rows = rows;
    const { latest, filter } = this.filter();
    const filtered = Object.values(filter).some(Boolean);
    reconcile(this.list, rows, (record) => record.position, (record) => make_row(this.name, record), update_row);
    this.hint.hidden = rows.length > 0;
    text(this.hint, empty_text(live.jobs.get(this.name), filtered));
    this.more.hidden = latest || !this.may_have_more;
    text(this.note, rows.length === 0 ? '' : latest ? note_of_latest(rows.length, sampled)
      : rows.length >= rows_max ? `${format.count(rows.length)} shown; trawl results has them all` : format.plural(rows.length, 'record'));
  }

  async load() {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const { latest, filter } = this.filter();
    try {
      const { records, sampled } = latest ? await latest_records(this.name, filter, { signal })
        : { records: await this.page(filter, '', signal) };
      if (!signal.aborted) this.show(records, sampled);
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (error.status === 404) return this.show([]);  // it has fetched nothing yet
      text(this.hint, error.message);
      if (error.status) failure('Reading the records', error);
    }
  }

  async page(filter, after, signal) {
    const rows = await get_lines(
      job_path(this.name, `/results${query({ ...filter, limit: page_size, after })}`), { signal });
    this.may_have_more = rows.length === page_size;
    return rows;
  }

  async load_more() {
    if (this.more.hasAttribute('aria-disabled')) return;  // one page at a time
    set(this.more, 'aria-disabled', 'true');
    try {
      // Several requests of one URL have records of their own: only the position tells them apart.
      const rows = await this.page(this.filter().filter, this.rows.at(-1)?.position ?? '', this.abort.signal);
      if (this.rows.length + rows.length >= rows_max) this.may_have_more = false;
      this.show(this.rows.concat(rows).slice(0, rows_max));
      announce(`${rows.length} more records`);
    } catch (error) {
      failure('Reading more records', error);
    }
    set(this.more, 'aria-disabled', null);
  }

  async refresh() {
    const job = live.jobs.get(this.name);
    if (!document.hidden && job && going(job) && this.filter().latest) await this.load();
  }
}

export function show_records(body, name, filter) {
  const records = new Records(body, name, filter);
  let first = true;
  const stop = repeat(() => {
    const asking = first ? records.load() : records.refresh();
    first = false;
    return asking;
  }, refresh_ms);
  const off = live.on('state', ({ job }) => job.name === name && records.load());
  return () => {
    stop();
    off();
    records.abort.abort();
  };
}
