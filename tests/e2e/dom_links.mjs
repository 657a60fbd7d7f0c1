// The links of pages in headless Chromium's DOM (scripts off) beside those of `trawl inspect links`:
// a second opinion on real sites, by hand, since a browser is too much for every test run. Needs
// Debian's chromium, and playwright-core from npm beside a copy of this file.
//
//   node dom_links.mjs TRAWL URL_LIST SAMPLES [SEED]
//
// URL_LIST is a file with a URL a line; SAMPLES of them are drawn with the seed. Prints what only one
// of the two has, and exits with 1 when there is anything.
import { chromium } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const differences_shown = 40;

// The same seed draws the same pages (Fisher-Yates over a linear congruential generator).
function draw(urls, count, seed) {
  let state = seed >>> 0;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (let i = urls.length - 1; i > 0; --i) {
    const j = Math.floor(random() * (i + 1));
    [urls[i], urls[j]] = [urls[j], urls[i]];
  }
  return urls.slice(0, count);
}

// Runs in the page. Absolute http(s) URLs as "url tag attribute".
function links_of_dom() {
  const links = [];
  const add = (element, attribute, value) => {
    let url;
    try {
      url = new URL(value, document.baseURI).href;
    } catch {
      return;
    }
    if (/^https?:/.test(url)) links.push(`${url} ${element.localName} ${attribute}`);
  };
  for (const element of document.querySelectorAll('[href],[src],[srcset]')) {
    if (element.localName === 'base') continue;
    for (const name of ['href', 'src'])
      if (element.hasAttribute(name)) add(element, name, element.getAttribute(name));
    for (const candidate of (element.getAttribute('srcset') ?? '').split(/,\s+|,$/)) {
      const [url] = candidate.trim().split(/\s+/);
      if (url) add(element, 'srcset', url);
    }
  }
  return links;
}

function links_of_trawl(trawl, page) {
  const answer = execFileSync(trawl, ['inspect', 'links'], {
    input: JSON.stringify(page) + '\n',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(answer)
    .links.filter((link) => ['href', 'src', 'srcset'].includes(link.attribute))
    .map((link) => `${link.url} ${link.tag} ${link.attribute}`);
}

const [trawl, list, samples, seed = '1'] = process.argv.slice(2);
const urls = readFileSync(list, 'utf8').split('\n').filter(Boolean);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ javaScriptEnabled: false });
const tab = await context.newPage();
await tab.route('**/*', (route) =>
  route.request().resourceType() === 'document' ? route.continue() : route.abort());

let pages = 0;
let links = 0;
const differences = [];
for (const url of draw(urls, Number(samples), Number(seed))) {
  const response = await tab.goto(url, { waitUntil: 'load' });
  const content_type = response.headers()['content-type'] ?? '';
  if (!content_type.includes('html')) continue;
  const html_base64 = (await response.body()).toString('base64');
  const browsers = new Set(await tab.evaluate(links_of_dom));
  const ours = new Set(links_of_trawl(trawl, { html_base64, base_url: tab.url(), content_type }));
  ++pages;
  links += browsers.size;
  for (const link of browsers) if (!ours.has(link)) differences.push(`${url}: only browser: ${link}`);
  for (const link of ours) if (!browsers.has(link)) differences.push(`${url}: only trawl: ${link}`);
}
await browser.close();
console.log(`${pages} pages, ${links} links, ${differences.length} differences`);
for (const line of differences.slice(0, differences_shown)) console.log(line);
process.exit(differences.length === 0 ? 0 : 1);
