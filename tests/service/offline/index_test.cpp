#include "service/offline/index.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

web::Url url(std::string_view text) {
  return *web::Url::parse(text);
}

TEST(OfflineIndex, RedirectsAreFollowedToTheFile) {
  OfflineIndex index{{.strip_params = {"utm_*"}}};
  index.add_file("http://h/end", OfflineType::html);
  index.add_redirect("http://h/a", "http://h/b");
  index.add_redirect("http://h/b", "http://h/end?utm_source=x#part");
  index.add_redirect("http://h/loop", "http://h/loop");
  index.add_redirect("http://h/out", "ftp://h/");
  EXPECT_EQ(index.file_of(url("http://h/a?utm_medium=y#z")), "offline/h+80/end~.html");
  EXPECT_EQ(index.file_of(url("http://h/loop")), std::nullopt);
  EXPECT_EQ(index.file_of(url("http://h/out")), std::nullopt);
  EXPECT_EQ(index.file_of(url("http://h/none")), std::nullopt);
}

TEST(OfflineIndex, ALinkIsRelativeWhereThereIsAFile) {
  OfflineIndex index{{}};
  index.add_file("http://h/", OfflineType::html);
  index.add_file("http://h/d/x", OfflineType::html);
  const auto from = offline_name("http://h/d/x", OfflineType::html);
  const auto link = [&](std::string_view target, web::LinkUse use = web::LinkUse::resource) {
    return index.link_from(from, url(target), use);
  };
  EXPECT_EQ(link("http://h/").text, "../index.html");
  EXPECT_TRUE(link("http://h/").local);
  EXPECT_EQ(link("http://h/#f").text, "../index.html#f");
  EXPECT_EQ(link("http://h/d/x#f").text, "#f");
  EXPECT_EQ(link("http://h/d/x").text, "x~.html");
  EXPECT_EQ(link("http://h/no?q#f").text, "http://h/no?q#f");
  EXPECT_FALSE(link("http://h/no").local);
  EXPECT_EQ(link("http://h/", web::LinkUse::action).text, "http://h/");
}

}  // namespace
}  // namespace trawl::service
