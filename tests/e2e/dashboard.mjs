// The dashboard in headless Chromium. Needs Debian's chromium, and playwright-core and axe-core from npm
// beside a copy of these dashboard files (./dev test sees to that).
//
//   node dashboard.mjs ASSETS                  against a daemon of this test's
//   node dashboard.mjs --server URL --site URL [PICTURES]  against a real daemon (its token in TRAWL_TOKEN),
//                                              with a site of some hundred pages that both may crawl;
//                                              or its pictures into a folder, after WATCH_MS
//
// ASSETS is a folder with the files that the program has embedded. Prints a line a scenario, and exits
// with 1 when one fails.
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { FakeDaemon, hostile } from './dashboard_mock.mjs';
import { news_scenarios } from './dashboard_news.mjs';
import { badge, close, desktop, go, open, overflow, phone, steer } from './dashboard_page.mjs';
import { real_scenarios, take_pictures } from './dashboard_real.mjs';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const hostile_line = `urls = ['<img src=x onerror="window.owned = 9">']`;
const job_toml = '[seeds]\nurls = ["https://docs.example.org/"]\n';

const [assets] = process.argv.slice(2);

const jobs = () => [
  { name: 'docs-site', pages: 420, schedule: 'every 6h' },
  { name: 'blog-archive', state: 'paused', pages: 80 },
  { name: 'nightly-news', state: 'waiting', schedule: '0 3 * * *', pages: 60, next_run_at: new Date(Date.now() + 18e6).toISOString() },
  { name: 'shop-catalogue', state: 'limited', detail: 'limits.pages = 1000', pages: 200 },
  {
    name: 'old-job', state: 'invalid',
    errors: [{ file: 'old-job.toml', line: 7, column: 1, key: 'fetch.concurency', message: 'unknown key; the nearest known key is fetch.concurrency' }],
  },
];

// --- scenarios ---

const steer_first = (place) => steer(place, 'first', job_toml);

async function empty_and_errors({ browser, daemon, base }) {
  daemon.jobs.clear();
  const page = await open(browser, base);
  await page.click('text="Write the first job"');
  await page.fill('#job-toml', `[seeds]\n\n${hostile_line}\n[fetch]\nconcurency = 2\n`);
  await page.click('text="Submit"');
  await page.locator('.messages li').nth(1).waitFor();
  assert.match(await page.locator('.layer [data-bad] .inline-message').nth(1).textContent(), /unknown key/);
  assert.deepEqual(await page.locator('.gutter [data-bad]').allTextContents(), ['3', '5']);
  const selected = () => page.evaluate(() => {
    const area = document.getElementById('job-toml');
    return area.value.slice(area.selectionStart, area.selectionEnd);
  });
  assert.equal(await selected(), 'concurency = 2');
  await page.locator('button.message').nth(1).click();
  assert.equal(await selected(), hostile_line);
  await page.fill('#job-toml', job_toml);
  assert.equal(await page.locator('.gutter [data-bad]').count(), 0);
  daemon.add({ name: 'taken' });
  await page.fill('#job-name', 'taken');
  await page.click('text="Submit"');
  await page.locator('.submit .problem', { hasText: 'Choose another name' }).waitFor();
  await close(page);
}

async function settings_and_urls({ browser, daemon, base }) {
  const page = await open(browser, `${base}#/jobs/docs-site/settings`);
  const delay = page.locator('[id="s-politeness.delay"]');
  await page.waitForFunction(() => document.getElementById('s-politeness.delay')?.value === '500ms');
  assert.equal(await page.locator('[id="s-scope.exclude"]').inputValue(), '*/search?*\n*.zip');
  await delay.fill('soon');
  await page.click('text="Save changes"');
  await page.locator('.live-settings .problem', { hasText: 'expected a duration' }).waitFor();
  await delay.fill('2s');
  await page.fill('[id="s-scope.exclude"]', '*.iso');
  await page.click('text="Save changes"');
  await page.locator('.banner', { hasText: 'politeness.delay: 500ms → 2s' }).waitFor();
  const { settings } = daemon.jobs.get('docs-site');
  assert.ok(settings.includes('delay = "2s"') && settings.includes('exclude = ["*.iso"]'), settings);
  await page.click('text="Add URLs"');
  await page.fill('#add-urls', 'https://docs.example.org/a\n\nhttps://docs.example.org/b\n');
  await page.click('dialog >> text="Add"');
  await page.locator('.banner', { hasText: '2 URLs added' }).waitFor();
  await close(page);
}

async function hostile_strings({ browser, daemon, base }) {
  const page = await open(browser, `${base}#/jobs/docs-site/records`);
  await page.selectOption('#f-order', 'stored');
  await page.locator('.title', { hasText: hostile.title }).first().waitFor();
  await page.locator('button.url', { hasText: hostile.url }).click();
  await page.locator('dialog .fields').waitFor();
  assert.equal(await page.locator('dialog a[href]').count(), 0, 'a javascript: URL became a link');
  await page.click('dialog >> text="Headers"');
  await page.locator('dialog pre', { hasText: '<script>window.owned = 10' }).waitFor();
  await page.click('dialog >> text="Body"');
  await page.locator('pre.body-text', { hasText: '<script>top.owned' }).waitFor();
  await page.click('dialog >> text="Preview"');
  const frame = page.frameLocator('iframe.body-frame');
  await frame.locator('h1', { hasText: 'A page' }).waitFor();
  assert.equal(await page.locator('iframe.body-frame').getAttribute('sandbox'), '');
  assert.equal(await frame.locator('meta[http-equiv="x-dns-prefetch-control"][content="off"]').count(), 1);
  await frame.locator('button').click();
  await frame.locator('a').click();
  await page.waitForTimeout(300);
  assert.equal(daemon.requests.filter((line) => /stolen|moved|posted|clicked/.test(line)).join(), '', 'the frame sent requests');
  assert.equal(new URL(page.url()).hash.startsWith('#/jobs/docs-site'), true);
  await page.click('dialog >> [aria-label="Close"]');
  await go(page, '#/jobs/docs-site/hosts');
  await page.locator('.c-why', { hasText: '<b onmouseover' }).hover();
  await close(page);
}

// No pointer from here on: what is focused is found by Tab, as a user would.
async function tab_to(page, matches) {
  for (let i = 0; i < 80; ++i) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), matches)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab doesn’t reach ${matches}`);
}
const ring = (page) => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);

async function keyboard_only({ browser, base }) {
  const page = await open(browser, base);
  await page.locator('.connection[data-state="live"]').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'skip');
  await page.keyboard.press('n');
  await tab_to(page, '#job-name');
  assert.notEqual(await ring(page), 'none', 'focus isn’t seen');
  await page.keyboard.type('typed');
  await tab_to(page, '#job-toml');
  await page.keyboard.press('Control+Enter');
  await badge(page, 'running');
  await page.keyboard.press('p');
  await badge(page, 'paused');
  await tab_to(page, '.controls button');
  assert.notEqual(await ring(page), 'none', 'focus isn’t seen');
  await page.keyboard.press('Enter');
  await badge(page, 'running');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Pause', 'focus was lost');
  await page.keyboard.press('2');
  await page.locator('.records tbody tr').first().waitFor();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-status');
  await page.keyboard.type('404');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => [...document.querySelectorAll('.records .status')].every((item) => item.textContent === '404'));
  await tab_to(page, 'button.url');
  await page.keyboard.press('Enter');
  await page.locator('dialog .fields').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.locator('dialog [aria-selected="true"]', { hasText: 'Headers' }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'url', 'focus doesn’t come back');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.querySelector('h1').textContent !== 'typed');
  await page.keyboard.press('?');
  await tab_to(page, '#shortcuts-on');
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  assert.notEqual(await page.evaluate(() => document.body.dataset.page), 'new', 'shortcuts can’t be turned off');
  await close(page);
}

async function large_files({ browser, daemon, base }) {
  const arriving = { bodies: 2, unannounced: 0, bytes: 84e6, expected_bytes: 200e6 };
  daemon.add({ name: 'disk-images', speed: 0, arriving });
  const page = await open(browser, `${base}#/jobs/disk-images`);
  await page.locator('.job-line', { hasText: '84 MB of 200 MB · 0 pages' }).waitFor();
  await page.locator('dd', { hasText: /^84 MB$/ }).waitFor();
  await close(page);
}

async function phone_width({ browser, base }) {
  const page = await open(browser, base, phone);
  await page.locator('.job', { hasText: 'docs-site' }).waitFor();
  assert.equal(await overflow(page), 0, 'home is wider than the phone');
  await page.locator('.job', { hasText: 'docs-site' }).tap();
  await badge(page, 'running');
  for (const tab of ['overview', 'records', 'hosts', 'settings']) {
    await go(page, `#/jobs/docs-site/${tab}`);
    await page.locator(`.tab-body[data-tab="${tab}"] > :not(:empty)`).first().waitFor();
    await page.waitForTimeout(400);
    assert.equal(await overflow(page), 0, `${tab} is wider than the phone`);
  }
  await go(page, '#/new');
  await page.locator('#job-toml').waitFor();
  assert.equal(await overflow(page), 0, 'the form is wider than the phone');
  await go(page, '#/jobs/docs-site/records');
  await page.locator('button.url').first().tap();
  await page.locator('dialog .fields').waitFor();
  assert.equal(await overflow(page), 0, 'a record is wider than the phone');
  await close(page);
}

async function colours({ browser, base }) {
  const page = await open(browser, base, { ...desktop, colorScheme: 'dark' });
  const dark = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const at_first = await dark();
  assert.equal(at_first, 'rgb(14, 17, 23)');
  await page.click('#theme');
  assert.equal(await dark(), 'rgb(245, 246, 248)');
  await page.reload();
  assert.equal(await dark(), 'rgb(245, 246, 248)', 'the choice is forgotten');
  await page.click('#theme');
  await page.click('#theme');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor === 'rgb(245, 246, 248)');
  await close(page);
}

async function token_and_loss({ browser, daemon, base }) {
  daemon.token = 'open sesame';
  const page = await open(browser, base);
  await page.fill('#token', 'wrong');
  await page.keyboard.press('Enter');
  await page.locator('dialog .problem', { hasText: 'doesn’t know that token' }).waitFor();
  await page.fill('#token', 'open sesame');
  await page.keyboard.press('Enter');
  await page.locator('.connection[data-state="live"]').waitFor();
  await page.locator('.job', { hasText: 'docs-site' }).waitFor();
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes('sesame')), false, 'the token outlives the tab');
  for (const stream of daemon.streams) stream.destroy();
  await page.locator('.banner', { hasText: 'connection to the daemon is lost' }).waitFor();
  await page.locator('.connection[data-state="live"]').waitFor();
  assert.equal(await page.locator('.banner.bad').count(), 0, 'the banner stays');
  await close(page);
}

// Events and answers come by connections of their own: what is old doesn't undo what is new.
async function late_answers({ browser, daemon, base }) {
  const page = await open(browser, `${base}#/jobs/docs-site`);
  await badge(page, 'running');
  const held = [];
  daemon.held = held;
  await page.evaluate(() => {
    const shown = document.querySelector('.job-head .badge');
    window.states = [];
    new MutationObserver(() => window.states.push(shown.dataset.state)).observe(shown, { attributeFilter: ['data-state'] });
  });
  await page.click('.controls >> text="Pause"');
  await badge(page, 'paused');
  await page.click('.controls >> text="Resume"');
  await badge(page, 'running');
  daemon.held = null;
  for (const late of held) {
    late();
    await page.waitForTimeout(400);
  }
  assert.deepEqual(await page.evaluate(() => window.states), ['paused', 'running']);
  await close(page);
}

async function calm({ browser, base }) {
  const page = await open(browser, `${base}#/jobs/docs-site`);
  await page.locator('.bars li').first().waitFor();
  await page.waitForTimeout(1500);
  await page.evaluate(() => { window.shifts = 0; });
  await page.waitForTimeout(4000);
  const shifts = await page.evaluate(() => window.shifts);
  assert.ok(shifts < 0.01, `the layout shifts by ${shifts} while figures change`);
  await close(page);
}

async function accessible({ browser, base }) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(browser, base, { ...desktop, colorScheme });
    await page.locator('.connection[data-state="live"]').waitFor();
    for (const hash of ['#/', '#/new', '#/jobs/docs-site', '#/jobs/docs-site/records', '#/jobs/docs-site/hosts', '#/jobs/docs-site/settings', '#/jobs/old-job']) {
      await go(page, hash);
      await page.waitForTimeout(700);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
      assert.deepEqual(found, [], `${colorScheme} ${hash}`);
    }
    await close(page);
  }
}

const printed = `[job]
name = "docs"                                 # default
contact = "https://example.org/#about"        # docs.toml:5:11
[seeds]
urls = []                                     # default
[scope]
exclude = ["*/search?a=[1,2]#x", 're:\\.zip$', "say \\"no\\""]  # docs.toml:12:11
[limits]
pages = 100000  # docs.toml:16:9
[[site]]
match = "other.example.org"
[site.limits]
pages = 5
`;

// What the modules make of text, asked in the page.
async function modules({ browser, base }) {
  const page = await open(browser, base);
  const settings = await page.evaluate(async (toml) => (await import('./dashboard/toml.js')).read_settings(toml), printed);
  assert.deepEqual(settings, {
    'job.name': 'docs', 'job.contact': 'https://example.org/#about', 'seeds.urls': [],
    'scope.exclude': ['*/search?a=[1,2]#x', 're:\\.zip$', 'say "no"'], 'limits.pages': '100000',
  });
  const lines = await page.evaluate(async () => {
    const { each_line } = await import('./dashboard/api.js');
    const bytes = new TextEncoder().encode('event: a\r\ndata: größe\n\nlast');
    const chunks = [...bytes].map((byte) => new Uint8Array([byte]));  // no boundary is respected
    const found = [];
    await each_line(new Response(new ReadableStream({ pull: (to) => (chunks.length ? to.enqueue(chunks.shift()) : to.close()) })),
      (line) => found.push(line));
    return found;
  });
  assert.deepEqual(lines, ['event: a', 'data: größe', '', 'last']);
  const places = await page.evaluate(async () => {
    const { place_of, job_hash } = await import('./dashboard/router.js');
    return [place_of('#/jobs/%'), place_of(job_hash('a/b', 'records', { host: 'x y' })), place_of('#/jobs/a/nothing')];
  });
  assert.deepEqual(places, [
    { page: 'home' }, { page: 'job', job: 'a/b', tab: 'records', filter: { host: 'x y' } },
    { page: 'job', job: 'a', tab: 'overview', filter: {} },
  ]);
  const figures = await page.evaluate(async () => {
    const { bytes, duration, rate } = await import('./dashboard/format.js');
    return [bytes(0), bytes(999), bytes(9999), bytes(999_999), bytes(2.5e9), duration(999), duration(89_000), duration(7.2e6), rate(0.04), rate(1234.5)];
  });
  assert.deepEqual(figures, ['0 B', '999 B', '10 kB', '1.0 MB', '2.5 GB', '999 ms', '89 s', '2 h', '0.0', '1,235']);
  await close(page);
}

// --- all of them ---

const scenarios = {
  modules, steer: steer_first, empty_and_errors, settings_and_urls, hostile_strings, keyboard_only, large_files, phone_width, colours, token_and_loss,
  late_answers, calm, accessible, ...news_scenarios,
};

async function with_fake_daemon(browser, scenario) {
  const daemon = new FakeDaemon({ assets, policy, jobs: jobs() });
  const base = `http://127.0.0.1:${await daemon.listen()}/`;
  try {
    await scenario({ browser, daemon, base });
  } finally {
    daemon.close();
  }
}

// --- the browser ---

const args = ['--disable-dev-shm-usage', '--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args });
let launched = launch().catch(launch);
async function browser_now() {
  const before = launched;
  if (!(await before).isConnected() && launched === before) launched = launch();
  return launched;
}

// A browser that dies says nothing of the dashboard, unless it does so twice.
async function with_browser(work) {
  const browser = await browser_now();
  try {
    await work(browser);
  } catch (error) {
    if (browser.isConnected() && !/crashed/.test(error.message)) throw error;
    console.log(`the browser died, so once more: ${error.message.split('\n')[0]}`);
    await work(await browser_now());
  }
}

let failed = 0;
async function run(name, work) {
  const start = Date.now();
  try {
    await with_browser(work);
    console.log(`${name}: passed in ${Date.now() - start} ms`);
  } catch (error) {
    ++failed;
    console.log(`${name}: FAILED\n${error.stack}`);
  }
}
const only = process.env.SCENARIO;
const chosen = (all) => Object.entries(all).filter(([name]) => !only || only === name);
if (assets === '--server') {
  const [, base, , site, into] = process.argv.slice(2);
  const place = { base, site, into };
  if (into) await run('pictures', (browser) => take_pictures({ browser, ...place }));
  else for (const [name, scenario] of chosen(real_scenarios)) await run(name, (browser) => scenario({ browser, ...place }));
} else {
  // Side by side, since most of each is waiting; the layout is watched with nothing else going on.
  const alone = new Set(['calm']);
  const queue = chosen(scenarios).filter(([name]) => !alone.has(name));
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await run(next[0], (browser) => with_fake_daemon(browser, next[1]));
  };
  await Promise.all([work(), work(), work()]);
  for (const [name, scenario] of chosen(scenarios)) if (alone.has(name)) await run(name, (browser) => with_fake_daemon(browser, scenario));
}
await (await launched).close();
process.exit(failed === 0 ? 0 : 1);
