// The latest records. The daemon gives records by host and, within a host, in the order of admission;
// so the newest are asked for by time: the shortest of these spans that brings enough.
import { get_lines, job_path, query } from './api.js';

const spans = ['5s', '30s', '5m', '1h', ''];
const enough = 40;
const asked_max = 500;
const shown_max = 100;

// How long to wait before they are asked for again. The daemon may have to look through all records of
// a large job: it is busy with that for a twentieth of the time at most.
const pause_after = (took_ms, least_ms) => Math.max(least_ms, 20 * took_ms);

// repeat(ask, least_ms) asks again and again, until the function that it gives is called.
export function repeat(ask, least_ms) {
  let timer = 0;
  let stopped = false;
  const turn = async () => {
    const start = performance.now();
    await ask();
    if (!stopped) timer = setTimeout(turn, pause_after(performance.now() - start, least_ms));
  };
  turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

const last_span = new Map();  // by job and filter: where to begin the next time
const remembered_max = 50;

export async function latest_records(name, filter, options) {
  const key = `${name} ${JSON.stringify(filter)}`;
  let records = [];
  let at = Math.max(0, (last_span.get(key) ?? 1) - 1);
  for (; at < spans.length; ++at) {
    records = await get_lines(
      job_path(name, `/results${query({ ...filter, since: spans[at], limit: asked_max })}`), options);
    if (records.length >= enough) break;
  }
  if (last_span.size > remembered_max) last_span.clear();
  last_span.set(key, Math.min(at, spans.length - 1));
  return records
    .sort((a, b) => (b.fetched_at ?? '').localeCompare(a.fetched_at ?? ''))
    .slice(0, shown_max);
}
