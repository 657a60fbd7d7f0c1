// A stored body is hostile until shown otherwise: whoever sees it through this must not run it.
#include "core/web/utf8.hpp"
#include "service/control/bodies.hpp"
#include "service/control/body_reader.hpp"
#include "service/control/handlers.hpp"
#include "service/control/job_folder.hpp"
#include "service/control/problem.hpp"
#include "service/control/record_heads.hpp"
#include "service/control/services.hpp"
#include "service/records/record_format.hpp"
#include "service/records/record_lookup.hpp"
#include "service/text/base64.hpp"
#include "service/text/json_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trawl::service::control {
namespace {

// Which no browser runs anything of; SVG is not among them.
constexpr std::array images{"image/png",  "image/jpeg", "image/gif",
                            "image/webp", "image/avif", "image/bmp"};

std::string shown_type(const crawl::Record& record) {
  const std::string& type = record.outcome.content_type;
  const auto known =
      std::ranges::find_if(images, [&](std::string_view image) { return type.starts_with(image); });
  if (known != images.end()) return *known;
  const std::string& charset = record.outcome.charset;
  const bool plain = std::ranges::all_of(charset, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  return charset.empty() || !plain ? "text/plain" : "text/plain; charset=" + charset;
}

std::string record_json(const crawl::Record& record) {
  std::string text;
  append_record(text, record, RecordFormat::jsonl);
  text.pop_back();
  return text;
}

Reply unknown(std::string_view url) {
  return problem(
      404, fmt::format("{} is not in this crawl; /explain says what would become of it", url));
}

using Found = Result<std::optional<crawl::Record>>;

}  // namespace

coro::Task<Reply> get_record(Services& services, Request request) {
  const std::string url{request.query.get("url")};
  if (url.empty()) co_return problem(400, "url: expected the URL of a record");
  auto finding = need_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  auto reading = read(folder->pool, [&](storage::Db& db) {
    Found record = look_up(db, url);
    RecordHeads heads;
    if (record && *record) heads = read_heads(folder->path, **record);
    return std::pair{std::move(record), std::move(heads)};
  });
  const auto [record, heads] = co_await std::move(reading);
  if (!record) co_return problem(record.error());
  if (!*record) co_return unknown(url);
  Reply reply{.body = fmt::format("{{\"record\":{},", record_json(**record))};
  JsonWriter json{reply.body};
  json.key("request_head").text_or_null(heads.request);
  json.key("response_head").text_or_null(heads.response).end_object();
  co_return std::move(reply);
}

coro::Task<Reply> get_body(Services& services, Request request) {
  const std::string url{request.query.get("url")};
  if (url.empty()) co_return problem(400, "url: expected the URL of a record");
  auto finding = need_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  auto permit = services.bodies.try_acquire();
  if (!permit)
    co_return problem(503, fmt::format("{} bodies are being read already", bounds::bodies_max));
  auto reading = read(folder->pool, [&](storage::Db& db) { return look_up(db, url); });
  const Found record = co_await std::move(reading);
  if (!record) co_return problem(record.error());
  if (!*record) co_return unknown(url);
  if (!(*record)->outcome.archive) co_return problem(404, "no body of it was kept");
  Reply reply{.content_type = shown_type(**record),
              .policy = "sandbox; default-src 'none'; frame-ancestors 'self'"};
  auto body =
      std::make_unique<BodyReader>(services.body_threads, stored_body(folder->path, **record));
  auto beginning = body->next();
  auto first = co_await std::move(beginning);
  reply.pieces = body_pieces(std::move(body), std::move(first), std::move(*permit));
  co_return std::move(reply);
}

namespace {

// In base64 where that is shorter than the text with its control characters written out.
bool is_text(std::string_view body) {
  if (!web::utf8::is_valid(body)) return false;
  const auto escaped = std::ranges::count_if(body, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
           c == 0x7F;
  });
  return static_cast<std::size_t>(escaped) * 5 <= body.size() / 3 + 16;
}

}  // namespace

coro::Task<Reply> post_fetch(Services& services, Request request) {
  auto asked = read_fetch(request.body);
  if (!asked) co_return problem(asked.error());
  auto permit = services.fetches.try_acquire();
  if (!permit)
    co_return problem(503, fmt::format("{} fetches are under way already", bounds::fetches_max));
  auto fetching = services.jobs.fetch_now(std::move(*asked));
  const auto fetched = co_await std::move(fetching);
  if (!fetched) co_return problem(fetched.error());
  Reply reply{.body = fmt::format("{{\"record\":{},", record_json(fetched->record))};
  JsonWriter json{reply.body};
  if (is_text(fetched->body))
    json.key("body").text(fetched->body);
  else
    json.key("body_base64").text(encode_base64(fetched->body));
  json.key("body_cut").boolean(fetched->body_cut).end_object();
  reply.permit = std::move(*permit);
  co_return std::move(reply);
}

}  // namespace trawl::service::control
