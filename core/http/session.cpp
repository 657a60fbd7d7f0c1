// Several multi handles, picked by host: libcurl's cost per transfer grows with the connections in
// one handle (62 % of CPU at 4,096 in the prototype), and a host's connections must share one.
#include "core/http/session.hpp"

#include "core/base/limits.hpp"
#include "core/http/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace trawl::http {
namespace {

constexpr std::string_view accept =
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

std::string_view authority_of(std::string_view url) {
  const auto start = url.find("://");
  if (start == url.npos) return url;
  url.remove_prefix(start + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string_view target_of(std::string_view url) {
  const std::string_view authority = authority_of(url);
  const auto at = static_cast<std::size_t>(authority.data() + authority.size() - url.data());
  return at < url.size() ? url.substr(at) : "/";
}

}  // namespace

Session::Session(coro::Executor executor, SessionOptions options)
    : executor_(executor),
      options_(std::move(options)),
      permits_(executor, options_.concurrency),
      poll_(executor),
      easies_(std::min(options_.concurrency, limits::easy_handles_pooled_max)),
      default_headers_(header_list({})) {
  const std::size_t handles = (options_.concurrency + limits::transfers_per_multi_max - 1) /
                              limits::transfers_per_multi_max;
  const auto connections = static_cast<long>(std::max<std::size_t>(options_.concurrency, 64));
  for (std::size_t i = 0; i < std::max<std::size_t>(handles, 1); ++i)
    multis_.push_back(std::make_unique<CurlMulti>(executor, poll_, connections));
}

Session::~Session() = default;

coro::Task<Result<Response>> Session::fetch(Request request, BodySink& sink) {
  auto acquiring = permits_.acquire();
  const coro::Permit permit = co_await std::move(acquiring);
  HeaderList own_headers;
  if (!request.headers.empty()) own_headers = header_list(request.headers);
  Transfer transfer{executor_,
                    {.multi = multi_for(request.url),
                     .easies = easies_,
                     .guard = options_.guard,
                     .request = request,
                     .headers = own_headers ? own_headers.get() : default_headers_.get(),
                     .sink = sink}};
  auto driving = drive(transfer, sink);
  const std::optional<Errc> expired = co_await std::move(driving);
  auto response = transfer.finish(expired);
  if (response) response->request_head = request_head(request);
  co_return response;
}

coro::Task<std::optional<Errc>> Session::drive(Transfer& transfer, BodySink& sink) {
  while (!transfer.done()) {
    const auto deadline = transfer.deadline();
    auto waiting = transfer.activity().wait_until(deadline.at);
    const bool active = co_await std::move(waiting);
    transfer.activity().reset();
    // The phase may have changed while we waited: then its own deadline counts.
    if (!active && transfer.deadline().at <= system_clock().now())
      co_return transfer.deadline().error;
    if (transfer.wants_flush()) {
      co_await sink.flush();
      transfer.resume();
    }
  }
  co_return std::nullopt;
}

CurlMulti& Session::multi_for(const std::string& url) {
  if (multis_.size() == 1) return *multis_.front();
  return *multis_[std::hash<std::string_view>{}(authority_of(url)) % multis_.size()];
}

HeaderList Session::header_list(const Headers& extra) const {
  curl_slist* list = nullptr;
  const auto append = [&list](std::string_view name, std::string_view value) {
    list = curl_slist_append(list, fmt::format("{}: {}", name, value).c_str());
  };
  append("User-Agent", options_.user_agent);
  append("Accept", accept);
  if (!options_.accept_encoding.empty()) append("Accept-Encoding", options_.accept_encoding);
  for (const auto& [name, value] : options_.headers) append(name, value);
  for (const auto& [name, value] : extra) append(name, value);
  return HeaderList{list};
}

// What libcurl sends, in its order: Host, then our list. For the archive's request record.
std::string Session::request_head(const Request& request) const {
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method,
                                 target_of(request.url), authority_of(request.url));
  const curl_slist* line = default_headers_.get();
  for (; line != nullptr; line = line->next) head.append(line->data).append("\r\n");
  for (const auto& [name, value] : request.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  return head.append("\r\n");
}

}  // namespace trawl::http
