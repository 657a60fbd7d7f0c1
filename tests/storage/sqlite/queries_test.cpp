#include "storage/sqlite/queries.hpp"

#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace trawl::storage {
namespace {

using crawl::UrlState;
using testing::ElementsAre;
using testing::IsEmpty;

// a/0 … a/4 and b/0 … b/4: 0 queued, 1 fetched 200, 2 fetched 404, 3 failed reset, 4 excluded.
void fill(SqliteStore& store) {
  crawl::StoreBatch batch;
  for (int i = 0; i < 5; ++i)
    for (const std::string host : {"a", "b"})
      batch.admitted.push_back(
          {.url = "http://" + host + "/" + std::to_string(i), .host = host, .depth = i});
  batch.admitted[8].excluded = batch.admitted[9].excluded = Errc::robots;
  const auto ids = store.apply(batch);
  const auto at = [](int ms) { return Wall{Millis{ms}}; };
  crawl::StoreBatch results;
  for (const std::size_t i : {0u, 1u}) {
    const int ms = i == 0 ? 1000 : 2000;
    results.updates.push_back({.id = ids[2 + i],
                               .outcome = {.state = UrlState::fetched,
                                           .status = 200,
                                           .fetched_at = at(ms),
                                           .total_ms = 10,
                                           .bytes_wire = 100,
                                           .bytes_body = 300}});
    results.updates.push_back({.id = ids[4 + i],
                               .outcome = {.state = UrlState::fetched,
                                           .status = 404,
                                           .fetched_at = at(ms + 1),
                                           .total_ms = 30,
                                           .bytes_wire = 10,
                                           .bytes_body = 10}});
    results.updates.push_back({.id = ids[6 + i],
                               .outcome = {.state = UrlState::failed,
                                           .error = Errc::reset,
                                           .fetched_at = at(ms + 2),
                                           .total_ms = 50}});
  }
  store.apply(results);
}

}  // namespace

class QueryTest : public testing::Test {
 protected:
  std::vector<std::string> urls(RecordFilter filter, std::size_t batch = 3) {
    Db reader = open_for_reading(path_);
    RecordQuery query{reader, std::move(filter)};
    std::vector<std::string> found;
    for (auto records = query.next_batch(batch); !records.empty();
         records = query.next_batch(batch))
      for (const auto& record : records) found.push_back(record.url.substr(7));
    return found;
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
  SqliteStore store_{path_};
};

TEST_F(QueryTest, WithoutAFilterEveryRecordComesOnceByHostAndSequence) {
  EXPECT_THAT(urls({}), IsEmpty());
  fill(store_);
  for (const std::size_t batch : {1u, 3u, 10u, 100u})
    EXPECT_THAT(urls({}, batch),
                ElementsAre("a/0", "a/1", "a/2", "a/3", "a/4", "b/0", "b/1", "b/2", "b/3", "b/4"));
}

TEST_F(QueryTest, NotesAreWholeWords) {
  fill(store_);
  int number = 0;
  for (const char* note : {"max_body", "max_body,outlink", "", "outlinks"}) {
    const auto ids =
        store_.apply({.admitted = {{.url = fmt::format("http://n/{}", ++number), .host = "n"}}});
    store_.apply(
        {.updates = {{.id = ids[0], .outcome = {.state = UrlState::fetched, .note = note}}}});
  }
  EXPECT_THAT(urls({.notes = {"outlink"}}), ElementsAre("n/2"));
  EXPECT_THAT(urls({.notes = {"outlink", "max_body"}}), ElementsAre("n/1", "n/2"));
}

TEST_F(QueryTest, EachFilterNarrows) {
  fill(store_);
  EXPECT_THAT(urls({.states = {UrlState::queued}}), ElementsAre("a/0", "b/0"));
  EXPECT_THAT(urls({.states = {UrlState::excluded}}), ElementsAre("a/4", "b/4"));
  EXPECT_THAT(urls({.states = {UrlState::queued, UrlState::excluded}, .host = "a"}),
              ElementsAre("a/0", "a/4"));
  EXPECT_THAT(urls({.status = {{200, 200}}}), ElementsAre("a/1", "b/1"));
  EXPECT_THAT(urls({.status = {{400, 499}, {200, 200}}}), ElementsAre("a/1", "a/2", "b/1", "b/2"));
  EXPECT_THAT(urls({.status = {{500, 599}}}), IsEmpty());
  EXPECT_THAT(urls({.host = "b"}, 2), ElementsAre("b/0", "b/1", "b/2", "b/3", "b/4"));
  EXPECT_THAT(urls({.host = "none"}), IsEmpty());
  EXPECT_THAT(urls({.since_ms = 2000}), ElementsAre("b/1", "b/2", "b/3"));
  EXPECT_THAT(urls({.errors = {Errc::reset}}), ElementsAre("a/3", "b/3"));
  EXPECT_THAT(urls({.limit = 4}), ElementsAre("a/0", "a/1", "a/2", "a/3"));
  EXPECT_THAT(urls({.limit = 0}), IsEmpty());
}

TEST_F(QueryTest, AHostWithoutAPortIsThatOfAllPortsWhereThereIsNoOther) {
  for (const std::string host : {"a:81", "a:80800", "aa:81", "b", "b:81", "[::1]:81", "[::1]:82"})
    store_.apply({.admitted = {{.url = "http://" + host + "/0", .host = host},
                               {.url = "http://" + host + "/1", .host = host}}});
  for (const std::size_t batch : {1u, 3u, 100u}) {
    EXPECT_THAT(urls({.host = "a"}, batch),
                ElementsAre("a:81/0", "a:81/1", "a:80800/0", "a:80800/1"));
    EXPECT_THAT(urls({.host = "[::1]"}, batch),
                ElementsAre("[::1]:81/0", "[::1]:81/1", "[::1]:82/0", "[::1]:82/1"));
  }
  EXPECT_THAT(urls({.host = "b"}), ElementsAre("b/0", "b/1"));
  EXPECT_THAT(urls({.host = "a:82"}), IsEmpty());
  EXPECT_THAT(urls({.host = "[::2]"}), IsEmpty());
  EXPECT_THAT(urls({.host = "a", .limit = 3}, 2), ElementsAre("a:81/0", "a:81/1", "a:80800/0"));
  Db reader = open_for_reading(path_);
  RecordQuery first{reader, {.host = "a"}};
  EXPECT_EQ(first.next_batch(3).size(), 3u);
  EXPECT_THAT(urls({.host = "a", .after = first.position()}), ElementsAre("a:80800/1"));
}

TEST_F(QueryTest, ContentTypesAreGlobs) {
  const auto ids = store_.apply({.admitted = {{.url = "http://a/0", .host = "a"},
                                              {.url = "http://a/1", .host = "a"},
                                              {.url = "http://a/2", .host = "a"}}});
  for (const auto& [i, type] : {std::pair{0, "text/html"}, {1, "image/png"}, {2, ""}})
    store_.apply(
        {.updates = {
             {.id = ids[static_cast<std::size_t>(i)],
              .outcome = {.state = UrlState::fetched, .status = 200, .content_type = type}}}});
  EXPECT_THAT(urls({.types = {"text/html"}}), ElementsAre("a/0"));
  EXPECT_THAT(urls({.types = {"*/png", "text/*"}}), ElementsAre("a/0", "a/1"));
  EXPECT_THAT(urls({.types = {"text"}}), IsEmpty());
}

TEST_F(QueryTest, PatternsOfUrlsAreTriedOnEachAndCountAgainstNoLimit) {
  crawl::StoreBatch batch;
  for (int i = 0; i < 2000; ++i)
    batch.admitted.push_back({.url = "http://a/" + std::to_string(i), .host = "a"});
  store_.apply(batch);
  const auto pattern = [](std::string_view text) { return *crawl::UrlPattern::create(text); };
  for (const std::size_t size : {1u, 2u, 600u}) {
    EXPECT_THAT(urls({.urls = {pattern("*/1999"), pattern("re:/7$")}}, size),
                ElementsAre("a/7", "a/1999"));
    EXPECT_THAT(urls({.host = "a", .urls = {pattern("*/*99")}, .limit = 3}, size),
                ElementsAre("a/99", "a/199", "a/299"));
  }
  EXPECT_THAT(urls({.urls = {pattern("*/none")}}), IsEmpty());
  Db reader = open_for_reading(path_);
  RecordQuery first{reader, {.urls = {pattern("*99")}}};
  EXPECT_EQ(first.next_batch(2).size(), 2u);
  EXPECT_THAT(urls({.urls = {pattern("*99")}, .limit = 1, .after = first.position()}),
              ElementsAre("a/299"));
}

TEST_F(QueryTest, FiltersHoldTogether) {
  fill(store_);
  EXPECT_THAT(urls({.states = {UrlState::fetched}, .status = {{400, 499}}, .host = "a"}),
              ElementsAre("a/2"));
  EXPECT_THAT(urls({.states = {UrlState::failed}, .since_ms = 1500, .errors = {Errc::reset}}),
              ElementsAre("b/3"));
  EXPECT_THAT(urls({.states = {UrlState::queued}, .status = {{200, 200}}}), IsEmpty());
}

TEST_F(QueryTest, AQueryContinuesBehindThePositionOfAnother) {
  fill(store_);
  Db reader = open_for_reading(path_);
  RecordQuery first{reader, {.states = {UrlState::fetched}}};
  EXPECT_EQ(first.position(), std::nullopt);
  EXPECT_EQ(first.next_batch(3).size(), 3u);
  EXPECT_THAT(urls({.states = {UrlState::fetched}, .after = first.position()}), ElementsAre("b/2"));
}

TEST_F(QueryTest, RowsWrittenMeanwhileAreSeenAndNoSnapshotIsHeld) {
  fill(store_);
  Db reader = open_for_reading(path_);
  RecordQuery query{reader, {}};
  EXPECT_EQ(query.next_batch(9).size(), 9u);
  store_.apply({.admitted = {{.url = "http://b/5", .host = "b"}}});
  EXPECT_EQ(query.next_batch(9).size(), 2u);
  Db writer = Db::open(path_, Access::write);
  EXPECT_EQ(writer.integer("PRAGMA wal_checkpoint(TRUNCATE)"), 0);  // 1: a reader is in the way
}

TEST_F(QueryTest, OneRecordIsFoundByItsExactUrl) {
  fill(store_);
  Db reader = open_for_reading(path_);
  const auto record = find_record(reader, "http://b/3", "b");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->outcome.state, UrlState::failed);
  EXPECT_EQ(record->outcome.total_ms, 50);
  EXPECT_EQ(record->depth, 3);
  EXPECT_FALSE(find_record(reader, "http://b/3", "a"));
  EXPECT_FALSE(find_record(reader, "http://b/33", "b"));
  EXPECT_FALSE(find_record(reader, "http://c/3", "c"));
}

TEST(StatusFilter, CodesClassesAndRangesAreRead) {
  using Ranges = std::vector<StatusRange>;
  EXPECT_EQ(parse_status_filter("200"), (Ranges{{200, 200}}));
  EXPECT_EQ(parse_status_filter("200, 404,5xx"), (Ranges{{200, 200}, {404, 404}, {500, 599}}));
  EXPECT_EQ(parse_status_filter("301-308,4XX"), (Ranges{{301, 308}, {400, 499}}));
}

TEST(StatusFilter, NonsenseIsNamed) {
  for (const char* text :
       {"", "20", "2000", "200,", "0xx", "xxx", "308-301", "ok", "-200", "20x", "200-", "099"})
    EXPECT_FALSE(parse_status_filter(text)) << text;
  EXPECT_THAT(parse_status_filter("200,4x4").error().detail, testing::HasSubstr("\"4x4\""));
}

}  // namespace trawl::storage
