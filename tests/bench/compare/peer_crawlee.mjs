// Crawlee's CheerioCrawler following every link of the start URLs' host, its datasets in the folder.
import { CheerioCrawler, Configuration, Dataset, log } from 'crawlee';

const [atOnce, ...starts] = process.argv.slice(2);
log.setLevel(log.LEVELS.ERROR);
const configuration = new Configuration({ persistStorage: true, purgeOnStart: true });
const crawler = new CheerioCrawler({
  minConcurrency: Number(atOnce),
  maxConcurrency: Number(atOnce),
  maxRequestRetries: 0,
  async requestHandler({ request, $, body, enqueueLinks }) {
    await Dataset.pushData({ url: request.loadedUrl, bytes: body.length, title: $('title').text() });
    await enqueueLinks({ strategy: 'same-hostname' });
  },
  failedRequestHandler() {},
}, configuration);
await crawler.run(starts);
