"""Scrapy following every link of the start URLs' host, a JSON line for each page."""
import sys

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule


class Pages(CrawlSpider):
    name = "pages"
    allowed_domains = ["127.0.0.1"]
    start_urls = sys.argv[2:]
    rules = [Rule(LinkExtractor(), callback="keep", follow=True)]

    def keep(self, response):
        title = response.css("title::text").get() if isinstance(response, scrapy.http.HtmlResponse) else ""
        yield {"url": response.url, "status": response.status, "bytes": len(response.body), "title": title}


at_once = int(sys.argv[1])
process = CrawlerProcess({
    "CONCURRENT_REQUESTS": at_once, "CONCURRENT_REQUESTS_PER_DOMAIN": at_once, "DEPTH_LIMIT": 0,
    "ROBOTSTXT_OBEY": False, "LOG_LEVEL": "ERROR", "FEEDS": {"pages.jsonl": {"format": "jsonlines"}},
    "TELNETCONSOLE_ENABLED": False})
process.crawl(Pages)
process.start()
