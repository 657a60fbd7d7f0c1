// What the dashboard shows when news come late, at once or not at all, and of more than it asks for.
import assert from 'node:assert/strict';
import { badge, close, go, open } from './dashboard_page.mjs';

const asked = (daemon, path) => daemon.requests.filter((line) => line === `GET /api/v1/${path}`).length;
const in_list = (page, name) => page.locator('.job', { hasText: name }).waitFor();

// Nothing says that these jobs came, but that something was missed.
async function lost_events({ browser, daemon, base }) {
  daemon.before_stream = () => daemon.add({ name: 'between', state: 'finished' });
  const page = await open(browser, base);
  await in_list(page, 'between');
  daemon.add({ name: 'unheard', state: 'finished' });
  daemon.send('lagged', { dropped: 3 });
  await in_list(page, 'unheard');
  await go(page, '#/jobs/old-job');
  await page.locator('.problems li', { hasText: 'line 7' }).waitFor();
  daemon.jobs.get('old-job').errors = [{ file: 'old-job.toml', line: 9, column: 1, key: 'seeds.urls', message: 'is missing' }];
  daemon.send('lagged', { dropped: 1 });
  await page.locator('.problems li', { hasText: 'line 9, seeds.urls is missing' }).waitFor();
  assert.equal(await page.locator('.problems li').count(), 1);
  await close(page);
}

async function news_of_hosts({ browser, daemon, base }) {
  const page = await open(browser, `${base}#/jobs/docs-site/hosts`);
  const row = page.locator('.hosts tbody tr', { hasText: 'docs.example.org' });
  await row.locator('.badge[data-state="ready"]').waitFor();
  assert.deepEqual(await row.locator('.c-number').allTextContents(), ['911+', '402+', '1+']);
  assert.equal(await page.locator('.c-number', { hasText: /^320$/ }).count(), 1, 'a figure that was not cut has a mark');
  const said = { job: 'docs-site', host: 'docs.example.org', until: new Date(Date.now() + 60_000).toISOString() };
  for (const state of ['slowed', 'left_alone', 'given_up']) {
    daemon.send('host', { ...said, state, why: `it is ${state}` });
    await row.locator('.c-why', { hasText: `it is ${state}` }).waitFor();
    assert.equal(await row.locator('.badge').getAttribute('data-state'), 'backing_off');
  }
  daemon.send('host', { ...said, state: 'well', why: '' });
  await row.locator('.badge[data-state="ready"]').waitFor();
  const before = asked(daemon, 'jobs/docs-site/hosts');
  for (let i = 0; i < 50; ++i) daemon.send('host', { ...said, host: `h${i}.example.org`, state: 'slowed', why: 'slow' });
  await page.waitForTimeout(1000);
  assert.ok(asked(daemon, 'jobs/docs-site/hosts') <= before + 1, 'every host that is new asks for all');
  await close(page);
}

// All of one URL: only the position tells its requests apart.
async function pages_of_records({ browser, daemon, base }) {
  const job = daemon.add({ name: 'queries', speed: 0, pages: 450 });
  for (const record of job.records) Object.assign(record, { url: 'https://docs.example.org/search', method: 'POST' });
  const page = await open(browser, `${base}#/jobs/queries/records?order=stored`);
  const rows = page.locator('.records tbody tr');
  const shown = (count) => page.waitForFunction((wanted) => document.querySelectorAll('.records tbody tr').length === wanted, count);
  await shown(100);
  await page.evaluate(() => {
    const more = [...document.querySelectorAll('button')].find((button) => button.textContent === 'Load more');
    more.click();
    more.click();
  });
  await shown(200);
  await page.click('text="Load more"');
  await shown(300);
  const keys = await rows.evaluateAll((all) => all.map((row) => row.dataset.key));
  assert.deepEqual(keys, job.records.slice(0, 300).map((record) => record.position));
  await close(page);
}

// The daemon gives records by host: the newest of a job that ended long ago are not its first.
async function latest_of_the_past({ browser, daemon, base }) {
  const end = Date.now() - 10 * 86_400_000;
  const ended = daemon.add({ name: 'ended', state: 'finished', ended_at: new Date(end).toISOString() });
  for (let i = 0; i < 1200; ++i) daemon.fetch_one(ended, end - (1200 - i) * 1000);
  const slow = daemon.add({ name: 'slow', speed: 0 });
  for (let i = 0; i < 900; ++i) daemon.fetch_one(slow, Date.now() - (900 - i) * 3_600_000);
  const burst = daemon.add({ name: 'burst', speed: 0 });
  for (let i = 0; i < 900; ++i) daemon.fetch_one(burst, Date.now() - 1_800_000);
  const page = await open(browser, base);
  const first = page.locator('.records tbody tr').first();
  const foot = (note) => page.locator('.table-foot', { hasText: note }).waitFor();
  for (const job of [ended, slow]) {
    await go(page, `#/jobs/${job.name}/records`);
    await foot(/the latest \d+/);
    assert.equal(await first.getAttribute('data-key'), job.records.at(-1).position, job.name);
  }
  await go(page, '#/jobs/burst/records');
  await foot('100 of very many, and not the latest alone');
  await close(page);
}

// It is asked once; an open page goes on asking the daemon, not the user.
async function no_token({ browser, daemon, base }) {
  const page = await open(browser, `${base}#/jobs/docs-site/records`);
  await badge(page, 'running');
  daemon.token = 'open sesame';
  await page.locator('#token').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#token').waitFor({ state: 'detached' });
  const before = daemon.requests.length;
  await page.waitForTimeout(6500);
  assert.ok(daemon.requests.length > before, 'nothing was asked, so nothing is shown');
  assert.equal(await page.locator('#token').count(), 0, 'the user is asked again');
  await page.reload();
  await page.fill('#token', 'open sesame');
  await page.keyboard.press('Enter');
  await badge(page, 'running');
  await close(page);
}

export const news_scenarios = { lost_events, news_of_hosts, pages_of_records, latest_of_the_past, no_token };
