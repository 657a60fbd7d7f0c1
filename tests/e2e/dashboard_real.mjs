// The dashboard against a real daemon that crawls a real site: what only the two together can show.
import assert from 'node:assert/strict';
import { badge, close, desktop, go, open, phone, steer, submit } from './dashboard_page.mjs';

// Slow enough to be watched; the daemon has to allow loopback as well.
const toml_of = (...sites) => `[seeds]
urls = ${JSON.stringify(sites)}
[politeness]
delay = "200ms"
adaptive = "off"
[fetch]
allow_private_networks = ["127.0.0.0/8"]
`;

const steer_real = (place) => steer(place, 'steered', toml_of(place.site));

// The validator's own messages, at the lines that they are about.
async function refusals({ browser, base, site }) {
  const page = await open(browser, base);
  await page.locator('.connection[data-state="live"]').waitFor();
  await submit(page, 'refused', '[seeds]\nurls = ["htp://example.org"]\n[fetch]\nconcurency = 2\n');
  await page.locator('.messages li').nth(1).waitFor();
  assert.deepEqual(await page.locator('.gutter [data-bad]').allTextContents(), ['2', '4']);
  assert.match(await page.locator('.messages').textContent(), /fetch\.concurrency/);
  await page.fill('#job-toml', toml_of(site).replace('127.0.0.0/8', '10.0.0.0/8'));
  await page.click('text="Submit"');
  await page.locator('.messages li', { hasText: '10.0.0.0/8' }).waitFor();  // wider than the daemon's own
  await close(page);
}

// Figures of the whole run, a change while it runs, more URLs, and away with it as it runs.
async function watch_and_change({ browser, base, site }) {
  const page = await open(browser, base);
  await submit(page, 'watched', toml_of(site));
  await badge(page, 'running');
  const answers = page.locator('.panel', { hasText: 'Status classes' }).filter({ hasText: 'since the daemon’s start' });
  await answers.locator('li', { hasText: '2xx' }).waitFor();
  await go(page, '#/jobs/watched/settings');
  await page.waitForFunction(() => document.getElementById('s-politeness.delay')?.value === '200ms');
  await page.fill('[id="s-politeness.delay"]', '250ms');
  await page.click('text="Save changes"');
  await page.locator('.banner', { hasText: 'politeness.delay: 200ms → 250ms' }).waitFor();
  await page.click('text="Add URLs"');
  await page.fill('#add-urls', `${new URL('/added?by=hand', site)}\n`);
  await page.click('dialog >> text="Add"');
  await page.locator('.banner', { hasText: '1 URL added' }).waitFor();
  await page.click('.controls >> text="Delete"');
  await page.check('#data-delete');
  await page.click('dialog >> text="Delete"');
  await page.waitForFunction(() => ![...document.querySelectorAll('.job-name')].some((item) => item.textContent === 'watched'));
  await close(page);
}

export const real_scenarios = { steer: steer_real, refusals, watch_and_change };

// With the pointer: the picture has no ring around the tab.
const tab = (name) => async (page) => {
  await page.click(`.tabs >> text="${name}"`);
  await page.locator('tbody tr').first().waitFor();
  await page.waitForTimeout(1000);
};
async function open_record(page) {
  await tab('Records')(page);
  await page.locator('button.url').nth(1).click();
  await page.locator('dialog .fields').waitFor();
}
async function submit_wrong(page) {
  await page.fill('#job-toml', '[seeds]\n\nurls = ["htp://example.org"]\n\n[fetch]\nconcurency = 2\n');
  await page.click('text="Submit"');
  await page.locator('.messages li').first().waitFor();
}

// Of a crawl that runs, of one site or of several with commas between, once its curves show something.
export async function take_pictures({ browser, base, site, into }) {
  const first = await open(browser, base);
  await submit(first, 'python-docs', toml_of(...site.split(',')));
  await badge(first, 'running');
  await first.context().close();
  const job = '#/jobs/python-docs';
  const wanted = [
    ['desktop', desktop, [['job', job], ['records', job, tab('Records')], ['hosts', job, tab('Hosts')], ['submit', '#/new', submit_wrong]]],
    ['dark', { ...desktop, colorScheme: 'dark' }, [['job', job], ['record', job, open_record]]],
    ['phone', phone, [['job', job], ['records', job, tab('Records')]]],
  ];
  const pages = [];
  for (const [, options] of wanted) pages.push(await open(browser, base, options));
  await pages[0].waitForTimeout(Number(process.env.WATCH_MS ?? 200_000));
  for (const [at, [width, , places]] of wanted.entries()) {
    const page = pages[at];
    await page.bringToFront();
    for (const [place, hash, act] of places) {
      await go(page, hash);
      await page.waitForTimeout(2500);
      await act?.(page);
      await page.screenshot({ path: `${into}/dashboard-${place}-${width}.png` });
    }
    await page.context().close();
  }
}
