#pragma once
// Every bound of the control API, with its unit in the name. docs/api.md tells them to users.

#include <chrono>
#include <cstddef>

namespace trawl::service::control::bounds {

using std::chrono::seconds;

// Clients.
inline constexpr std::size_t connections_max = 1024;
inline constexpr std::size_t refusals_max = 32;  // being told that there are too many
inline constexpr std::size_t streams_max = 64;   // results and bodies, under way
inline constexpr std::size_t events_max = 768;   // clients that listen to events
inline constexpr std::size_t fetches_max = 16;   // POST /api/v1/fetch, under way
inline constexpr std::size_t bodies_max = 8;     // stored bodies, each with a thread

// One request.
inline constexpr std::size_t head_bytes_max = 16 * 1024;
inline constexpr std::size_t body_bytes_max = 1024 * 1024;
inline constexpr std::size_t read_buffer_bytes_max = 24 * 1024;
inline constexpr std::size_t query_parameters_max = 32;
inline constexpr std::size_t pushed_urls_max = 100'000;
inline constexpr std::size_t changes_max = 100;  // of one PATCH

// Times.
inline constexpr seconds idle_max{60};         // between two requests of a connection
inline constexpr seconds head_time_max{10};    // from a request's first byte to its head's last
inline constexpr seconds body_time_max{30};    // for its body
inline constexpr seconds answer_time_max{30};  // for what has to be found out
inline constexpr seconds fetch_time_max{300};
inline constexpr seconds write_time_max{60};  // for each piece of an answer to be taken
inline constexpr seconds probe_after{15};     // of silence, whether who gets a stream is there yet
inline constexpr int probes_max = 4;          // without an answer
inline constexpr seconds goodbye_max{2};      // what is still sent is read so long, then cut off
inline constexpr std::size_t goodbye_bytes_max = 4 * 1024 * 1024;

// Answers.
inline constexpr std::size_t batch_records_max = 128;  // read, written and forgotten at a time
inline constexpr std::size_t hosts_shown_max = 1000;
inline constexpr std::size_t head_shown_bytes_max = 256 * 1024;  // of a record
inline constexpr std::size_t body_pieces_queued_max = 4;
inline constexpr std::size_t folders_open_max = 8;
inline constexpr seconds folder_idle_max{30};
inline constexpr std::size_t folder_connections_max = 4;  // each with a thread

// What is told of all jobs, where nothing says that they changed.
inline constexpr std::chrono::milliseconds snapshot_age_max{100};

// Processor time, while the crawl has use for it. docs/operations.md has what it comes to.
inline constexpr long crawl_busy_percent = 10;  // of all processors: from here on it has
inline constexpr std::chrono::milliseconds crawl_looked_at_every{100};
inline constexpr seconds crawl_busy_for{1};  // it may be waiting for the disk a moment later
inline constexpr long api_cpu_percent = 4;   // of all processors
inline constexpr std::chrono::milliseconds api_cpu_burst{50};
inline constexpr seconds turn_wait_max{2};                // of the first in the queue
inline constexpr std::size_t ahead_per_second_max = 100;  // steering and liveness, past the queue

// Events.
inline constexpr std::size_t events_queued_max = 256;  // for a client; more is dropped, and said
inline constexpr std::size_t events_queued_bytes_max = 128 * 1024;  //
inline constexpr std::size_t events_arriving_max = 4096;
inline constexpr seconds heartbeat{15};

inline constexpr int niceness = 10;  // of the server's threads

}  // namespace trawl::service::control::bounds
