// The one place where a record is turned into columns and back.
#include "storage/sqlite/row.hpp"

#include <bit>
#include <cstring>

namespace trawl::storage {
namespace {

static_assert(std::endian::native == std::endian::little, "chains are stored little-endian");

constexpr std::string_view sha256_prefix = "sha256:";

// -1 for what is no lower-case hex digit.
int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Columns of record_columns, in its order.
enum Column : int {
  url,
  state,
  error,
  error_detail,
  depth,
  via,
  attempts,
  sitemap_lastmod,
  has_result,
  status,
  fetched_ms,
  ip,
  http_version,
  dns_ms,
  connect_ms,
  tls_ms,
  ttfb_ms,
  total_ms,
  bytes_wire,
  bytes_body,
  truncated,
  content_type,
  charset,
  title,
  digest,
  redirect_to,
  etag,
  last_modified,
  archive_file,
  archive_offset,
  archive_length,
  robots_meta,
  filename,
  revisit,
  note,
  method,
  served_by
};

// The columns by name, wherever they begin.
class Fields {
 public:
  Fields(const Rows& rows, int first) : rows_(rows), first_(first) {}
  bool null(Column column) const { return rows_.null(first_ + column); }
  std::int64_t integer(Column column) const { return rows_.integer(first_ + column); }
  std::uint64_t count(Column column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::optional<std::int64_t> optional(Column column) const {
    return rows_.optional_integer(first_ + column);
  }
  std::string text(Column column) const { return std::string{rows_.text(first_ + column)}; }
  std::string digest_text(Column column) const {
    return rows_.is_blob(first_ + column) ? StoredDigest::text_of(rows_.blob(first_ + column))
                                          : text(column);
  }

 private:
  const Rows& rows_;
  int first_;
};

void read_result(const Fields& row, crawl::Outcome& o) {
  if (!row.null(status)) o.status = static_cast<int>(row.integer(status));
  if (!row.null(fetched_ms)) o.fetched_at = Wall{Millis{row.integer(fetched_ms)}};
  o.ip = row.text(ip);
  o.http_version = row.text(http_version);
  o.dns_ms = row.optional(dns_ms);
  o.connect_ms = row.optional(connect_ms);
  o.tls_ms = row.optional(tls_ms);
  o.ttfb_ms = row.optional(ttfb_ms);
  o.total_ms = row.optional(total_ms);
  o.bytes_wire = row.count(bytes_wire);
  o.bytes_body = row.count(bytes_body);
  o.truncated = row.integer(truncated) != 0;
  o.content_type = row.text(content_type);
  o.charset = row.text(charset);
  o.title = row.text(title);
  o.digest = row.digest_text(digest);
  o.redirect_to = row.text(redirect_to);
  o.etag = row.text(etag);
  o.last_modified = row.text(last_modified);
  o.robots_meta = row.text(robots_meta);
  o.filename = row.text(filename);
  o.revisit = static_cast<crawl::Revisit>(row.integer(revisit));
  o.note = row.text(note);
  if (!row.null(archive_file))
    o.archive = crawl::ArchivePosition{row.text(archive_file), row.count(archive_offset),
                                       row.count(archive_length)};
}

}  // namespace

std::optional<std::string_view> error_name(const std::optional<Errc>& error) {
  return error ? std::optional{to_string(*error)} : std::nullopt;
}

std::optional<Errc> error_from_name(std::string_view name) {
  if (name.empty()) return std::nullopt;
  // A name of a later trawl is still an error.
  return errc_from_string(name).value_or(Errc::internal);
}

std::optional<Blob> chain_to_blob(const std::vector<std::uint64_t>& chain) {
  if (chain.empty()) return std::nullopt;
  return Blob{{reinterpret_cast<const char*>(chain.data()), chain.size() * sizeof(chain[0])}};
}

std::vector<std::uint64_t> chain_from_blob(std::string_view blob) {
  std::vector<std::uint64_t> chain(blob.size() / sizeof(std::uint64_t));
  if (!chain.empty()) std::memcpy(chain.data(), blob.data(), chain.size() * sizeof(chain[0]));
  return chain;
}

StoredDigest::StoredDigest(std::string_view digest) {
  if (digest.size() != sha256_prefix.size() + 2 * bytes_.size()) return;
  if (!digest.starts_with(sha256_prefix)) return;
  digest.remove_prefix(sha256_prefix.size());
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    const int high = nibble(digest[2 * i]), low = nibble(digest[2 * i + 1]);
    if (high < 0 || low < 0) return;
    bytes_[i] = static_cast<char>(high * 16 + low);
  }
  binary_ = true;
}

std::string StoredDigest::text_of(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text{sha256_prefix};
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

bool has_exchange(const crawl::Outcome& o) {
  return o.status || o.fetched_at || o.bytes_wire > 0 || o.bytes_body > 0 || !o.ip.empty() ||
         !o.http_version.empty() || o.dns_ms || o.connect_ms || o.tls_ms || o.ttfb_ms ||
         o.total_ms || o.truncated || !o.content_type.empty() || !o.charset.empty() ||
         !o.title.empty() || !o.digest.empty() || !o.redirect_to.empty() || !o.etag.empty() ||
         !o.last_modified.empty() || !o.robots_meta.empty() || !o.filename.empty() ||
         !o.note.empty() || o.archive;
}

const std::string_view record_columns =
    "u.url, u.state, u.error, u.error_detail, u.depth, "
    "(SELECT v.url FROM url v WHERE v.host_id = u.via_host AND v.seq = u.via_seq), "
    "u.attempts, u.sitemap_lastmod, r.seq, r.status, r.fetched_ms, r.ip, r.http_version, r.dns_ms, "
    "r.connect_ms, "
    "r.tls_ms, r.ttfb_ms, r.total_ms, r.bytes_wire, r.bytes_body, r.truncated, r.content_type, "
    "r.charset, r.title, r.digest, r.redirect_to, r.etag, r.last_modified, "
    "(SELECT a.file FROM archive_file a WHERE a.id = r.archive_id), "
    "r.archive_offset, r.archive_length, r.robots_meta, "
    "(SELECT n.filename FROM result_note n WHERE n.host_id = r.host_id AND n.seq = r.seq), "
    "(SELECT n.revisit FROM result_note n WHERE n.host_id = r.host_id AND n.seq = r.seq), "
    "r.note, "
    "(SELECT q.method FROM request q WHERE q.host_id = u.host_id AND q.seq = u.seq), "
    "(SELECT q.served_by FROM request q WHERE q.host_id = u.host_id AND q.seq = u.seq)";

crawl::Record read_record(const Rows& rows, int first) {
  const Fields row{rows, first};
  crawl::Record record;
  record.url = row.text(url);
  record.depth = static_cast<int>(row.integer(depth));
  record.via = row.text(via);
  record.sitemap_lastmod = row.text(sitemap_lastmod);
  if (!row.null(method)) record.method = row.text(method);
  crawl::Outcome& outcome = record.outcome;
  outcome.state = static_cast<crawl::UrlState>(row.integer(state));
  outcome.error = error_from_name(rows.text(first + error));
  outcome.error_detail = row.text(error_detail);
  outcome.attempts = static_cast<int>(row.integer(attempts));
  outcome.served_by = row.text(served_by);
  if (!row.null(has_result)) read_result(row, outcome);
  return record;
}

}  // namespace trawl::storage
