// undici's Pool with as many requests at once, each body a file of its own.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Pool } from 'undici';

const [list, atOnce] = process.argv.slice(2);
const urls = readFileSync(list, 'utf8').split('\n').filter(Boolean).map((url) => new URL(url));
const pools = new Map();
let next = 0;

async function work() {
  while (next < urls.length) {
    const number = next++;
    const { origin, pathname } = urls[number];
    if (!pools.has(origin)) pools.set(origin, new Pool(origin, { connections: Number(atOnce) }));
    const { body } = await pools.get(origin).request({ path: pathname, method: 'GET' });
    await writeFile(String(number), Buffer.from(await body.arrayBuffer()));
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, work));
for (const pool of pools.values()) await pool.close();
