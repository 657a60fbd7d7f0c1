// Server-sent events read with fetch, since EventSource can't send a token
// (HTML, 9.2.6: fields, comments, and a blank line that ends an event).
import { each_line, request } from './api.js';

const silence_ms_max = 40_000;  // the daemon sends a comment every 15 s

// Until the stream ends or breaks. on_open() when it is there, on_event(type, data) for each.
export async function read_events(path, on_open, on_event) {
  const abort = new AbortController();
  let timer = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), silence_ms_max);
  };
  let type = 'message';
  let data = [];
  const on_line = (line) => {
    if (line === '') {
      if (data.length) on_event(type, data.join('\n'));
      type = 'message';
      data = [];
      return;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === 'event') type = value;
    if (field === 'data') data.push(value);
  };
  heard();
  try {
    const response = await request(path, { signal: abort.signal, headers: { Accept: 'text/event-stream' } });
    on_open();
    await each_line(response, on_line, heard);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
