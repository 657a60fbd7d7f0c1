// Requests to the daemon. Every failure becomes an ApiError with what to do about it; a missing or
// wrong token asks for one and goes on.

const token_key = 'trawl.token';
let asking = null;  // the dialog that is open, so that many requests ask once
let refused = false;  // the user gave no token: an open page, which asks every few seconds, doesn't insist
let ask_for_token = async () => null;

export class ApiError extends Error {
  constructor(status, title, detail, errors = []) {
    super(detail || title);
    Object.assign(this, { status, title, detail, errors });
  }
}

export function token() {
  try {
    return sessionStorage.getItem(token_key) ?? '';
  } catch {
    return memory_token;
  }
}
let memory_token = '';
function keep_token(value) {
  memory_token = value;
  try {
    sessionStorage.setItem(token_key, value);
  } catch {
    // a browser that keeps nothing: it lives as long as the page
  }
}

// ask(was_wrong) gives a token, or null when the user gave up.
export function on_unauthorized(ask) {
  ask_for_token = ask;
}

async function problem_of(response) {
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // an answer of something between us and the daemon
  }
  const title = problem.title || response.statusText || `status ${response.status}`;
  return new ApiError(response.status, title, problem.detail ?? '', problem.errors ?? []);
}

async function send(path, options) {
  const sent = token();
  const headers = new Headers(options.headers);
  if (sent) headers.set('Authorization', `Bearer ${sent}`);
  let response;
  try {
    response = await fetch(`api/v1/${path}`, { cache: 'no-store', credentials: 'omit', ...options, headers });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The daemon doesn’t answer', 'Check that trawl serve runs and that this machine reaches it.');
  }
  return { response, sent };
}

const locked = () => new ApiError(401, 'Locked', 'The daemon wants its token: reload the page to enter it.');

export async function request(path, options = {}) {
  for (;;) {
    const { response, sent } = await send(path, options);
    if (response.ok) return response;
    const problem = await problem_of(response);
    if (response.status !== 401) throw problem;
    if (token() !== sent) continue;  // another request has asked meanwhile
    if (refused) throw locked();
    asking ??= ask_for_token(sent !== '').finally(() => (asking = null));
    const given = await asking;
    refused = given === null;
    if (refused) throw locked();
    keep_token(given);
  }
}

const json_body = (body) => ({ body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
const json_of = async (response) => (response.status === 204 ? null : response.json());

export const get = async (path, options) => json_of(await request(path, options));
export const post = async (path, body) =>
  json_of(await request(path, { method: 'POST', ...(body === undefined ? {} : json_body(body)) }));
export const post_toml = async (path, body) =>
  json_of(await request(path, { method: 'POST', body, headers: { 'Content-Type': 'application/toml' } }));
export const patch = async (path, body) => json_of(await request(path, { method: 'PATCH', ...json_body(body) }));
export const remove = async (path) => json_of(await request(path, { method: 'DELETE' }));

export const job_path = (name, rest = '') => `jobs/${encodeURIComponent(name)}${rest}`;
export function query(fields) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== '' && value != null) params.set(name, value);
  const text = params.toString();
  return text ? `?${text}` : '';
}

const line_bytes_max = 1 << 22;

// on_line(text) for each line of the answer, until it ends or on_line returns false.
export async function each_line(response, on_line, on_bytes = () => {}) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      on_bytes();
      rest += value;
      const lines = rest.split('\n');
      rest = lines.pop();
      if (rest.length > line_bytes_max) throw new ApiError(0, 'An answer without end', 'Reload the page.');
      for (const line of lines) if (on_line(line.replace(/\r$/, '')) === false) return;
    }
    if (rest) on_line(rest);
  } finally {
    reader.cancel().catch(() => {});
  }
}

export async function get_lines(path, options) {
  const rows = [];
  await each_line(await request(path, options), (line) => {
    if (line) rows.push(JSON.parse(line));
  });
  return rows;
}

// At most so many bytes of an answer, and whether there was more.
export async function get_part(path, bytes_max) {
  const response = await request(path);
  const reader = response.body.getReader();
  const chunks = [];
  let size = 0;
  let cut = false;
  while (!cut) {
    const { done, value } = await reader.read();
    if (done) break;
    cut = size + value.length > bytes_max;
    chunks.push(cut ? value.subarray(0, bytes_max - size) : value);
    size += chunks.at(-1).length;
  }
  if (cut) reader.cancel().catch(() => {});
  return { blob: new Blob(chunks), type: response.headers.get('Content-Type') ?? '', cut };
}
