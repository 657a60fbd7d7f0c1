// Figures as people read them.

const whole = new Intl.NumberFormat('en');
const compact_format = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const time_format = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day_format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export const none = '–';

export const count = (n) => (Number.isFinite(n) ? whole.format(n) : none);
export const compact = (n) => (Number.isFinite(n) ? (n < 10000 ? whole.format(n) : compact_format.format(n)) : none);

export function bytes(n) {
  if (!Number.isFinite(n)) return none;
  if (n < 1000) return `${Math.round(n)} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = -1;
  do {
    n /= 1000;
    ++unit;
  } while (n >= 999.5 && unit < units.length - 1);
  return `${n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

// Of a rate: enough digits to see it move, few enough to stay in place.
export const rate = (n) => (!Number.isFinite(n) ? none : n === 0 ? '0' : n < 100 ? n.toFixed(1) : whole.format(Math.round(n)));

export function duration(ms) {
  if (!Number.isFinite(ms)) return none;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

// RFC 3339 as a time of day, with the day when it isn't today's.
export function when(value) {
  const date = value ? new Date(value) : null;
  if (!date || Number.isNaN(date.getTime())) return none;
  const today = new Date().toDateString() === date.toDateString();
  return (today ? time_format : day_format).format(date);
}

export function ago(value) {
  const past = value ? Date.now() - Date.parse(value) : NaN;
  if (Number.isNaN(past)) return none;
  return past < 1500 ? 'just now' : `${duration(past)} ago`;
}

export function until(value) {
  const ahead = value ? Date.parse(value) - Date.now() : NaN;
  if (Number.isNaN(ahead)) return none;
  return ahead <= 0 ? 'now' : `in ${duration(ahead)}`;
}

export const words = (name) => String(name).replaceAll('_', ' ');
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
