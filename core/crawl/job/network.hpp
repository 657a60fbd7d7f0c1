#pragma once
// Network: what the job's files say of certificates, proxies and credentials, read once per run.

#include "core/base/result.hpp"
#include "core/crawl/job/job.hpp"
#include "core/http/client/transport_options.hpp"
#include "core/http/message/credentials.hpp"

namespace trawl::crawl {

struct Network {
  http::TransportOptions transport;
  http::Credentials credentials;
  http::Headers headers;  // of fetch.headers, those that every server gets
};

// Reads the files that fetch.* names; blocks. Errors: Errc::config with the key, the file and what
// is wrong, and never a word of what is in it.
Result<Network> read_network(const JobSpec& job);

}  // namespace trawl::crawl
