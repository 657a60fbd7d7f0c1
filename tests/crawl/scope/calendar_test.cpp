#include "core/crawl/scope/calendar.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

bool far(std::string_view target) {
  return names_far_date(web::Url::parse(std::string("http://h").append(target)).value(), 2026, 5);
}

TEST(Calendar, DatesThatAreFarAheadAreATrap) {
  for (const auto* target :
       {"/calendar/7749/", "/calendar/7749/03", "/events/2032/01/15", "/events/2032-01",
        "/x/2032-01-15/", "/archive/2999/", "/events/203201", "/cal/20320115", "/?date=2032-01-01",
        "/?year=2032", "/?y=7749&m=3", "/?m=12&y=7749", "/x?month=203201", "/x?start=20320101",
        "/x?from=2032-01-01T00:00", "/x?to=2032-01", "/x/2032-01-5", "/x/2032-01-5/Tokyo"})
    EXPECT_TRUE(far(target)) << target;
}

TEST(Calendar, DatesThatSomebodyMayWriteAboutAreNot) {
  for (const auto* target :
       {"/calendar/2031/12", "/calendar/1999/", "/events/2026/", "/x/2031-12-31",
        "/archive/1848/03", "/?date=2026-01-01", "/?year=1850", "/archives/1890-01/"})
    EXPECT_FALSE(far(target)) << target;
}

TEST(Calendar, CalendarsOfTheDistantPastAreATrap) {
  EXPECT_TRUE(far("/calendar/1743/05/"));
  EXPECT_TRUE(far("/events/0001-01/"));
  EXPECT_FALSE(far("/x/1743-05-01"));
}

// Numbers of articles, standards, tiles, products.
TEST(Calendar, ANumberAloneIsNoYear) {
  for (const auto* target :
       {"/7749/",         "/rfc/9309/",           "/item/4500/12", "/p/8080-10",
        "/?id=7749",      "/?page=7749",          "/?y=77490",     "/calendar/99999/",
        "/events/12345",  "/x/7749-13-01",        "/x/2032-01",    "/x?start=250010",
        "/x?from=203212", "/?z=13&x=4400&y=2686", "/?y=2686&m=13", "/x/2032-01-",
        "/x/2032-01-0",   "/wiki/7749",           "/iso/8601-1",   "/date/"})
    EXPECT_FALSE(far(target)) << target;
}

}  // namespace
}  // namespace trawl::crawl
