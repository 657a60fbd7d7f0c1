"""aiohttp with a pool of workers, uvloop where it is installed, a row for each page in SQLite."""
import asyncio
import sqlite3
import sys

import aiohttp


async def work(session, urls, rows):
    for url in urls:
        async with session.get(url) as answer:
            body = await answer.read()
            rows.append((url, answer.status, answer.headers.get("Content-Type"), len(body), body))


async def main(path, at_once):
    with open(path, encoding="utf-8") as file:
        urls = iter(file.read().split())
    database = sqlite3.connect("pages.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE page(url TEXT, status INT, type TEXT, bytes INT, body BLOB)")
    rows = []

    def keep():
        database.executemany("INSERT INTO page VALUES(?,?,?,?,?)", rows)
        database.commit()
        rows.clear()

    async def keep_often():
        while True:
            await asyncio.sleep(0.1)
            keep()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
        keeping = asyncio.create_task(keep_often())
        await asyncio.gather(*(work(session, urls, rows) for _ in range(at_once)))
        keeping.cancel()
    keep()


if __name__ == "__main__":
    try:
        import uvloop
        uvloop.install()
    except ImportError:
        pass
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
