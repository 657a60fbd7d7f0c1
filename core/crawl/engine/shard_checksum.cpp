// Is a body the one that a list names by its checksum?
#include "core/crawl/engine/shard.hpp"

#include <fmt/format.h>

namespace trawl::crawl {
namespace {

constexpr std::uint64_t digest_step_bytes = 64 << 20;  // then others have their turn on the worker

bool is_whole_body(const Visit& visit) {
  return visit.response && visit.response->status == 200 && !visit.response->broken &&
         !visit.body->truncated();
}

// To compare the body with; an answer to HEAD has none.
bool has_checksum(const Visit& visit) {
  const auto& request = visit.leased.url.request;
  return request && !request->checksum.empty() && request->method != "HEAD";
}

}  // namespace

coro::Task<web::Hasher> Shard::digest(PartFile& file) {
  for (bool done = false; !done;) {
    auto digesting = context_.cpu.run([&file] { return file.digest(digest_step_bytes); });
    done = co_await std::move(digesting);
  }
  co_return file.take_hasher();
}

// The body against the checksum that the list names, before it is decided about another attempt.
coro::Task<> Shard::check_body(Visit& visit) {
  if (!has_checksum(visit) || !is_whole_body(visit)) co_return;
  if (visit.body->is_over_memory()) {
    auto taking = visit.body->take_file();
    visit.body_file = co_await std::move(taking);
  }
  if (visit.body->is_coded()) co_return;  // compared when it is decoded
  const auto algorithm = visit.leased.url.request->checksum.algorithm;
  if (algorithm == web::Hasher::Algorithm::sha256)
    co_return compare_checksum(visit, visit.body->sha256_hex());
  auto digesting = body_digest(visit, algorithm);
  compare_checksum(visit, co_await std::move(digesting));
}

// Of a body that is not coded; over a file it is a second pass, since its own digest is SHA-256.
coro::Task<std::string> Shard::body_digest(const Visit& visit, web::Hasher::Algorithm algorithm) {
  if (visit.body_file.empty()) {
    web::Hasher hasher{algorithm};
    auto hashing = context_.cpu.run([&] { hasher.update(visit.body->memory()); });
    co_await std::move(hashing);
    co_return hasher.hex();
  }
  auto opening = context_.syncs.run(
      [&] { return PartFile::open(visit.body_file, visit.body->bytes(), algorithm); });
  auto file = co_await std::move(opening);
  if (!file) throw Failure(Errc::io, fmt::format("{} is gone", visit.body_file));
  auto digesting = digest(*file);
  auto hasher = co_await std::move(digesting);
  co_return hasher.hex();
}

// hex: of the body, by the algorithm that the list names.
void Shard::compare_checksum(Visit& visit, std::string_view hex) const {
  const auto& request = visit.leased.url.request;
  if (!has_checksum(visit) || hex.empty() || hex == request->checksum.hex || visit.error) return;
  visit.error = Error{Errc::checksum, fmt::format("the body's {} is {}, and the list has {}",
                                                  web::to_string(request->checksum.algorithm), hex,
                                                  request->checksum.hex)};
}

}  // namespace trawl::crawl
