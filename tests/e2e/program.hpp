#pragma once
// The program as its users have it: run with arguments, and asked about its output folder through
// the database and the archive alone.

#include "core/crawl/state/record.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::e2e {

using support::Command;
using support::Finished;
using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using support::Subprocess;
using support::TempDir;

using Arguments = std::vector<std::string>;
using Records = std::map<std::string, crawl::Record>;  // by URL

// "trawl" and the arguments.
Command trawl(Arguments arguments, Millis timeout = Millis{50'000});
Finished run_trawl(Arguments arguments, Millis timeout = Millis{50'000});
// "-o FOLDER" and what every test on loopback sets: its addresses allowed, no wait between fetches
// and short ones for overloads, no breaker, any number of fetches at once on its one address, any
// amount of free disk; further arguments behind it.
Arguments loopback(const std::filesystem::path& folder, Arguments more = {});
Arguments operator+(Arguments left, const Arguments& right);

// All records of an output folder; fails the test when a URL has two.
Records read_records(const std::filesystem::path& folder);
std::size_t count(const Records& records, crawl::UrlState state);
// The record's error code; "" without one, "no record" when the URL is not known.
std::string error_of(const Records& records, const std::string& url);
std::string state_of(const Records& records, const std::string& url);

// Fails the test unless the database is sound, every archived record lies where it should with the
// body that its digest names (but for coded bodies), and the archive files hold nothing else.
// Returns the number of archived bodies.
std::size_t expect_sound(const std::filesystem::path& folder);

// Fails the test unless the body of each archived record lies where it says.
void expect_archived(const std::filesystem::path& folder, const Records& records);

// The page of a test site: a title and links.
std::string page(std::string_view title, const std::vector<std::string>& links);

constexpr bool sanitized =
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    true;
#else
    false;
#endif

}  // namespace trawl::e2e
