// The dashboard's page under test, whichever daemon it shows: opened, steered, and looked over at its end.
import assert from 'node:assert/strict';

export const desktop = { viewport: { width: 1360, height: 860 } };
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

// Counts what must not happen, in the page itself.
function watch_page() {
  window.violations = [];
  window.shifts = 0;
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

export async function open(browser, base, context_options = desktop) {
  const context = await browser.newContext(context_options);
  await context.addInitScript(watch_page);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(base).origin) && !request.url().startsWith('data:')) page.problems.push(`a request to ${request.url()}`);
  });
  await page.goto(base);
  if (process.env.TRAWL_TOKEN) {  // a real daemon's
    await page.fill('#token', process.env.TRAWL_TOKEN);
    await page.keyboard.press('Enter');
  }
  return page;
}

// Nothing ran that shouldn't, nothing was asked of others, nothing moved under the reader's eyes.
export async function close(page) {
  const { violations, owned } = await page.evaluate(() => ({ violations: window.violations, owned: window.owned }));
  assert.deepEqual(page.problems, []);
  assert.deepEqual(violations, []);
  assert.equal(owned, undefined, 'a hostile string was run');
  await page.context().close();
}

export const badge = (page, state) => page.locator(`.job-head .badge[data-state="${state}"]`).waitFor();
export const go = (page, hash) => page.evaluate((to) => { location.hash = to; }, hash);
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

export async function submit(page, name, toml) {
  await page.click('#new-job');
  await page.fill('#job-name', name);
  await page.fill('#job-toml', toml);
  await page.click('text="Submit"');
}

// Submit, watch, pause, resume, results, and away with it.
export async function steer({ browser, base }, name, toml) {
  const page = await open(browser, base);
  await page.locator('.connection[data-state="live"]').waitFor();
  await submit(page, name, toml);
  await badge(page, 'running');
  const fetched = page.locator('.tile', { hasText: 'Fetched' }).locator('dd');
  await page.waitForFunction((figure) => Number(figure.textContent.replace(/\D/g, '')) > 0, await fetched.elementHandle());
  await page.click('.controls >> text="Pause"');
  await badge(page, 'paused');
  await page.click('.controls >> text="Resume"');
  await badge(page, 'running');
  await page.click('.tabs >> text="Records"');
  await page.locator('.records tbody tr').first().waitFor();
  await page.locator('button.url').first().click();
  await page.locator('dialog .fields dt', { hasText: 'status' }).first().waitFor();
  for (const part of ['Headers', 'Body', 'Why']) {
    await page.click(`dialog >> text="${part}"`);
    await page.locator('dialog .record-part > :not(.empty-line)').first().waitFor();
  }
  await page.keyboard.press('Escape');
  await page.click('.tabs >> text="Hosts"');
  await page.locator('.hosts tbody tr').first().waitFor();
  await page.click('.controls >> text="Cancel"');
  await page.click('dialog >> text="Cancel the job"');
  await badge(page, 'cancelled');
  await page.click('.controls >> text="Delete"');
  await page.check('#data-delete');
  await page.click('dialog >> text="Delete"');
  await page.waitForFunction((gone) => ![...document.querySelectorAll('.job-name')].some((item) => item.textContent === gone), name);
  await close(page);
}
