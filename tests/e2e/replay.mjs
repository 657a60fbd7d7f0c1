// Replays a WACZ file in ReplayWeb.page, in headless Chromium: node replay.mjs PLAYER FILE URL LINK
// PLAYER: the folder of npm's replaywebpage. Shows URL, clicks on the link with the text LINK, and
// writes what both pages showed, as a line of JSON. All is served from one port of 127.0.0.1.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const [player, wacz, url, link] = process.argv.slice(2);
const types = { '.html': 'text/html', '.js': 'text/javascript', '.wacz': 'application/wacz' };

function serve(request, response) {
  const path = new URL(request.url, 'http://127.0.0.1').pathname;
  const file = path === '/archive.wacz' ? wacz : join(player, normalize(path));
  let size;
  try {
    size = statSync(file).size;
  } catch {
    return response.writeHead(404).end();
  }
  const type = types[file.slice(file.lastIndexOf('.'))] ?? 'application/octet-stream';
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const first = range ? Number(range[1]) : 0;
  const last = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  const headers = { 'Content-Type': type, 'Content-Length': last - first + 1, 'Accept-Ranges': 'bytes' };
  if (range) headers['Content-Range'] = `bytes ${first}-${last}/${size}`;
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === 'HEAD' || last < first) return response.end();
  createReadStream(file, { start: first, end: last }).pipe(response);
}

const server = createServer(serve).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext();
// What the archive doesn't have is not to come from anywhere else.
const asked_elsewhere = [];
await context.route((asked) => asked.origin !== base && asked.protocol.startsWith('http'), (route) => {
  asked_elsewhere.push(route.request().url());
  return route.abort();
});
const page = await context.newPage();
page.setDefaultTimeout(60_000);

// The frame that shows an archived page, once it is all there.
async function replayed(wanted) {
  for (;;) {
    for (const frame of page.frames())
      if (frame.url().endsWith(`mp_/${wanted}`)) {
        const shown = await frame.evaluate(() => document.readyState === 'complete' && [document.title, document.body.innerText]).catch(() => null);
        if (shown?.[0]) return { frame, title: shown[0], text: shown[1] };
      }
    await page.waitForTimeout(50);
  }
}

const limit = setTimeout(async () => {
  console.error(`nothing was replayed: ${await page.innerText('body').catch(() => '')}`);
  process.exit(1);
}, 75_000);
await page.goto(`${base}/index.html?source=/archive.wacz#view=replay&url=${encodeURIComponent(url)}`);
const first = await replayed(url);
const target = await first.frame.getAttribute(`text=${link}`, 'href');
await first.frame.click(`text=${link}`);
const second = await replayed(new URL(target.replace(/^.*mp_\//, ''), url).href);
clearTimeout(limit);
const shown = ({ title, text }) => ({ title, text });
console.log(JSON.stringify({ first: shown(first), second: shown(second), asked_elsewhere }));
await browser.close();
server.close();
