#pragma once
// Every bound of the program that is not a setting of the job, with its unit in the name.

#include <cstddef>

namespace trawl::limits {

// One answer.
inline constexpr std::size_t header_bytes_max = 256 * 1024;  // all header lines, 1xx included
inline constexpr std::size_t header_lines_max = 1000;
inline constexpr std::size_t location_bytes_max = 8 * 1024;
inline constexpr std::size_t location_shown_bytes_max = 200;  // of one that is no URL or too long
inline constexpr std::size_t chunk_size_digits_max = 15;      // hexadecimal: below 2^60
inline constexpr std::size_t chunk_framing_ratio_max = 8;     // chunk lines : body, past the head's
inline constexpr std::size_t robots_bytes_max = 512 * 1024;   // RFC 9309 2.5 wants at least 500 KiB
inline constexpr std::size_t robots_redirects_max = 5;        // RFC 9309 2.3.1.2

// Bodies in memory: beyond it a body goes to a file in tmp/.
inline constexpr std::size_t body_memory_bytes_max = 256 * 1024;
inline constexpr std::size_t body_memory_bytes_min = 16 * 1024;
inline constexpr std::size_t sink_buffer_bytes_max =
    1024 * 1024;  // unwritten; then the transfer is paused

// A body that breaks off: from so many bytes on, what came is kept and continued.
inline constexpr std::size_t part_bytes_min = 1024 * 1024;
inline constexpr int part_save_interval_ms = 2000;  // while it arrives: what a crash can lose

// Patterns of a job, those of sites and priorities too: how many, and how many instructions of RE2.
inline constexpr std::size_t scope_patterns_max = 10'000;
inline constexpr std::size_t scope_programs_max = 1'000'000;

// Lists.
inline constexpr std::size_t list_line_bytes_max = 1024 * 1024;
inline constexpr std::size_t mirrors_max = 16;  // of one file

// Decoding.
inline constexpr std::size_t content_codings_max = 5;
inline constexpr std::size_t decode_ratio_max = 1000;  // decoded : received, past 1 MiB

// One page.
inline constexpr std::size_t links_per_page_max = 50'000;
inline constexpr std::size_t link_bytes_per_page_max = 16 * 1024 * 1024;  // URLs, written or whole
inline constexpr std::size_t base_bytes_max = 8 * 1024;       // a longer <base> or xml:base is none
inline constexpr std::size_t page_piece_bytes = 1024 * 1024;  // a longer page is read in pieces
inline constexpr std::size_t page_token_bytes_max = 64 * 1024 * 1024;  // a tag, comment or script
inline constexpr std::size_t style_bytes_max = 16 * 1024 * 1024;       // of which links are read
inline constexpr std::size_t title_bytes_max = 1024;
inline constexpr std::size_t filename_bytes_max = 255;  // that a Content-Disposition gives

// Cookies (RFC 6265bis, sections 5.6 and 6.1).
inline constexpr std::size_t cookie_bytes_max = 4096;            // name and value
inline constexpr std::size_t cookie_attribute_bytes_max = 1024;  // a longer one is read over
inline constexpr std::size_t cookies_per_answer_max = 50;
inline constexpr std::size_t cookies_per_domain_max = 180;  // of one registrable domain
inline constexpr std::size_t cookie_jar_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t cookie_field_bytes_max = 8 * 1024;        // sent with one request
inline constexpr std::size_t cookie_file_bytes_max = 8 * 1024 * 1024;  // to import
// Hosts that ask for https alone (RFC 6797).
inline constexpr std::size_t hsts_hosts_max = 64 * 1024;
inline constexpr std::size_t hsts_field_bytes_max = 4096;  // a longer one is none

// URLs looked at in one transaction when all are to be fetched again.
inline constexpr std::size_t requeued_urls_max = 10'000;

// Links of pages that wait for the store, all shards together.
inline constexpr std::size_t link_room_bytes_max = 64 * 1024 * 1024;
// Rules of robots.txt in memory, all shards together; what is dropped is in the store.
inline constexpr std::size_t robots_cache_bytes_max = 16 * 1024 * 1024;
// One sitemap (sitemaps.org: 50 MiB uncompressed and 50,000 URLs; what is over is still read).
inline constexpr std::size_t sitemap_bytes_max = 50 * 1024 * 1024;
inline constexpr std::size_t sitemap_urls_max = 250'000;
inline constexpr std::size_t sitemap_loc_bytes_max = 8 * 1024;
inline constexpr int sitemap_nesting_max = 5;  // an index in an index, and so on
// Named by others than the job. An index has up to 50,000.
inline constexpr std::size_t sitemaps_per_host_max = 50'000;
inline constexpr std::size_t sitemaps_per_job_max = 1'000'000;

// Sites of a job file.
inline constexpr std::size_t sites_per_job_max = 1000;
inline constexpr std::size_t site_hosts_known_max = 64 * 1024;  // whose settings are at hand

// Traps: what is remembered about the kinds of URLs of a host.
inline constexpr std::size_t url_shape_bytes_max = 256;
inline constexpr std::size_t text_words_max = 32 * 1024;  // of one page
inline constexpr std::size_t trap_patterns_max = 128;     // of one host
inline constexpr std::size_t trap_hosts_max = 256;        // whose words are held, 192 KiB each

// Queues.
inline constexpr std::size_t host_window_urls = 64;      // queued URLs of a host held in memory
inline constexpr std::size_t commits_queued_max = 1024;  // results waiting for the store
inline constexpr std::size_t shard_inbox_batches_max = 256;
inline constexpr std::size_t seed_batch_urls = 512;

// Files of credentials.
inline constexpr std::size_t credentials_file_bytes_max = 64 * 1024;

// Names: what all shards together keep, and how many each asks for at once.
inline constexpr std::size_t dns_cache_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t dns_lookups_at_once = 128;  // those that get their answer at once
inline constexpr std::size_t dns_lookups_max = 2048;     // and those that wait for it
inline constexpr std::size_t dns_addresses_max = 16;     // of a name; half of them of a family
inline constexpr std::size_t dns_aliases_max = 16;       // CNAME after CNAME
inline constexpr std::size_t dns_servers_max = 8;        // that are asked in turn
inline constexpr int dns_rounds_max = 6;                 // over all of them: 1 s, 2 s, 4 s, …
inline constexpr int dns_ttl_s_min = 10;                 // for which an answer is believed
inline constexpr int dns_ttl_s_max = 3600;               //
inline constexpr int dns_negative_ttl_s_max = 300;       // that there is none
inline constexpr std::size_t hosts_file_bytes_max = 4 * 1024 * 1024;
// Hosts that are not well.
inline constexpr int breaker_probes_max = 2;  // failed ones; then the host's queued URLs fail
inline constexpr long breaker_pause_max_ms = 24L * 60 * 60 * 1000;

// Connections.
inline constexpr std::size_t connect_addresses_max = 2;  // of a family, for one connection
inline constexpr std::size_t transfers_per_multi_max = 256;
inline constexpr std::size_t connections_kept_cheap = 512;  // of a multi handle

}  // namespace trawl::limits
