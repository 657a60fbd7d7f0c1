// The latest records. The daemon gives records by host and, within a host, in the order of admission;
// so the newest are asked for by time: the shortest of these spans that brings enough of them. A job that
// is at rest fetched its latest before its end, however long ago that was.
import { get_lines, job_path, query } from './api.js';
import { going, live } from './live.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const spans = [5000, 30_000, 5 * minute, hour, 6 * hour, day, 7 * day, 30 * day, Infinity];
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

const since = (span, end) =>
  span === Infinity ? ''
    : Number.isNaN(end) ? `${span / 1000}s`
    : new Date(end - span).toISOString();

// Gives { records, sampled }: sampled says that there may be newer ones than those, since even the
// shortest span with any record in it has more than are asked for.
export async function latest_records(name, filter, options) {
  const key = `${name} ${JSON.stringify(filter)}`;
  const job = live.jobs.get(name);
  const end = job && !going(job) ? Date.parse(job.ended_at ?? '') : NaN;
  const found = new Map();  // by span; of one that was cut, what came of it
  const is_cut = (at) => (found.get(at)?.length ?? 0) >= asked_max;
  let at = Math.max(0, (last_span.get(key) ?? 1) - 1);
  for (;;) {
    const path = job_path(name, `/results${query({ ...filter, since: since(spans[at], end), limit: asked_max })}`);
    found.set(at, await get_lines(path, options));
    const next = is_cut(at) ? at - 1 : found.get(at).length < enough ? at + 1 : at;
    if (next < 0 || next >= spans.length || found.has(next)) break;
    at = next;
  }
  // A few that are the latest say more than many that may not be.
  if (is_cut(at) && found.get(at - 1)?.length > 0) --at;
  if (!is_cut(at) && found.get(at).length === 0 && is_cut(at + 1)) ++at;
  if (last_span.size > remembered_max) last_span.clear();
  last_span.set(key, at);
  const records = found.get(at)
    .sort((a, b) => (b.fetched_at ?? '').localeCompare(a.fetched_at ?? ''))
    .slice(0, shown_max);
  return { records, sampled: is_cut(at) };
}
