#pragma once
// The fields of a record, listed once: their names, order and values are those of the view
// `results`. A writer takes them one by one: text(name, value), number(name, value) and
// boolean(name, value), where an empty text and an absent value are null.

#include "core/base/clock.hpp"
#include "core/crawl/state/record.hpp"
#include "storage/sqlite/row.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

using OptionalInteger = std::optional<std::int64_t>;

template <class Writer>
void each_field(const crawl::Record& record, Writer&& writer) {
  const crawl::Outcome& o = record.outcome;
  const bool exchanged = storage::has_exchange(o);
  const auto count = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const auto if_exchanged = [&](std::uint64_t value) {
    return exchanged ? OptionalInteger{count(value)} : std::nullopt;
  };
  writer.text("url", record.url);
  writer.text("state", crawl::to_string(o.state));
  writer.number("status", o.status ? OptionalInteger{*o.status} : std::nullopt);
  writer.text("error", o.error ? to_string(*o.error) : std::string_view{});
  writer.text("error_detail", o.error_detail);
  writer.number("depth", record.depth);
  writer.text("via", record.via);
  writer.number("attempts", o.attempts);
  writer.text("fetched_at", o.fetched_at ? format_rfc3339(*o.fetched_at) : std::string{});
  writer.text("ip", o.ip);
  writer.text("http_version", o.http_version);
  writer.number("dns_ms", o.dns_ms);
  writer.number("connect_ms", o.connect_ms);
  writer.number("tls_ms", o.tls_ms);
  writer.number("ttfb_ms", o.ttfb_ms);
  writer.number("total_ms", o.total_ms);
  writer.number("bytes_wire", if_exchanged(o.bytes_wire));
  writer.number("bytes_body", if_exchanged(o.bytes_body));
  writer.boolean("truncated", exchanged ? std::optional{o.truncated} : std::nullopt);
  writer.text("content_type", o.content_type);
  writer.text("charset", o.charset);
  writer.text("title", o.title);
  writer.text("digest", o.digest);
  writer.text("redirect_to", o.redirect_to);
  writer.text("etag", o.etag);
  writer.text("last_modified", o.last_modified);
  const auto& at = o.archive;
  writer.text("archive", at ? std::string_view{at->file} : std::string_view{});
  writer.number("archive_offset", at ? OptionalInteger{count(at->offset)} : std::nullopt);
  writer.number("archive_length", at ? OptionalInteger{count(at->length)} : std::nullopt);
  writer.text("robots_meta", o.robots_meta);
  writer.text("sitemap_lastmod", record.sitemap_lastmod);
  writer.text("filename", o.filename);
  writer.text("revisit", crawl::to_string(o.revisit));
  writer.text("note", o.note);
  writer.text("method", record.method);
  writer.text("served_by", o.served_by);
}

}  // namespace trawl::service
