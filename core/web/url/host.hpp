#pragma once
// The names by which politeness, queues and robots know a server.

#include "core/web/url/url.hpp"

#include <string>
#include <string_view>

namespace trawl::web {

// "example.org", "example.org:8080", "[::1]:81": the unit of queueing and politeness. Default ports
// are left out, so that http and https of one name share one queue.
std::string host_key(const Url& url);

// "example.co.uk" for "www.example.co.uk" (public suffix list); an address is its own domain.
std::string registrable_domain(std::string_view hostname);

// "co.uk", "github.io", and every name of one label that the list doesn't know; an address is none.
bool is_public_suffix(std::string_view hostname);

}  // namespace trawl::web
