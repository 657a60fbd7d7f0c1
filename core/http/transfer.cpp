// libcurl's codes mislead (27 for a long header, 23 for our own stop, 1 for an SSH banner), so what
// we ended ourselves is noted where we end it, and codes are translated only for the rest.
#include "core/http/transfer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trawl::http {
namespace {

std::string address_text(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address->sa_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
                sizeof text);
  else if (address->sa_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
                sizeof text);
  return text;
}

Millis info_ms(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return Millis{(microseconds + 500) / 1000};
}

long curl_version_option(HttpVersion version) {
  switch (version) {
    case HttpVersion::http1_1:
      return CURL_HTTP_VERSION_1_1;
    case HttpVersion::http2:
      return CURL_HTTP_VERSION_2TLS;
    case HttpVersion::automatic:
      return CURL_HTTP_VERSION_2TLS;
  }
  return CURL_HTTP_VERSION_2TLS;
}

}  // namespace

Transfer::Transfer(coro::Executor executor, Parts parts)
    : parts_(parts),
      easy_(parts.easies.take()),
      activity_(std::move(executor)),
      started_(system_clock().now()),
      started_wall_(system_clock().wall()) {
  set_options();
  parts_.multi.add(easy_.get());
}

Transfer::~Transfer() {
  parts_.multi.remove(easy_.get());
  curl_easy_setopt(easy_.get(), CURLOPT_PRIVATE, nullptr);
  curl_easy_setopt(easy_.get(), CURLOPT_ERRORBUFFER, nullptr);
  parts_.easies.give_back(std::move(easy_));
}

void Transfer::set_options() {
  CURL* easy = easy_.get();
  const Request& request = parts_.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<TransferEnd*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_request_ready);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  // The connection may outlive this transfer, so its close is told to the multi.
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Transfer::on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &parts_.multi);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, parts_.headers);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, curl_version_option(request.version));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request.tls_verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request.tls_verify ? 2L : 0L);
  // The deadlines of the phases are ours; libcurl's own stands behind them.
  const Timeouts& timeouts = request.timeouts;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>((timeouts.dns + timeouts.connect).count() + 1000));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                   static_cast<long>(timeouts.min_speed_bytes_per_s));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>((timeouts.min_speed_time.count() + 999) / 1000));
  if (request.method == "GET") {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, nullptr);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
  if (!request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void Transfer::resume() {
  if (!std::exchange(paused_, false)) return;
  parts_.multi.resume(easy_.get());
}

Transfer::Deadline Transfer::deadline() const {
  const Timeouts& timeouts = parts_.request.timeouts;
  const Deadline total{started_ + timeouts.total, Errc::total_timeout};
  Deadline phase = total;
  if (!resolved_ && !request_sent_)
    phase = {started_ + timeouts.dns, Errc::dns_timeout};
  else if (!request_sent_)
    phase = {*resolved_ + timeouts.connect, Errc::connect_timeout};
  else if (!head_.begun())
    phase = {*request_sent_ + timeouts.first_byte, Errc::first_byte_timeout};
  return phase.at < total.at ? phase : total;
}

void Transfer::on_done(CURLcode code) {
  code_ = code;
  activity_.set();
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line{data, size * count};
  if (transfer.head_.add_line(line)) return line.size();
  transfer.stopped_ = Error{Errc::header_too_large,
                            fmt::format("over {} header bytes", transfer.head_.bytes_seen())};
  return 0;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view bytes{data, size * count};
  if (!transfer.begun_body_) {
    transfer.begun_body_ = true;
    Response head;
    ResponseHead copy = transfer.head_;
    if (const auto parsed = std::move(copy).finish(head); !parsed) {
      transfer.stopped_ = parsed.error();
      return 0;
    }
    transfer.final_headers_ = std::move(head.headers);
    transfer.parts_.sink.begin(transfer.final_headers_);
  }
  switch (transfer.parts_.sink.accept(bytes)) {
    case BodySink::Accepted::taken:
      if (transfer.parts_.sink.wants_flush()) transfer.activity_.set();
      return bytes.size();
    case BodySink::Accepted::full:
      transfer.paused_ = true;
      transfer.activity_.set();
      return CURL_WRITEFUNC_PAUSE;
    case BodySink::Accepted::stop:
      break;
  }
  transfer.body_stopped_ = true;
  return 0;
}

int Transfer::on_request_ready(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.request_sent_ = system_clock().now();
  return CURL_PREREQFUNC_OK;
}

curl_socket_t Transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.resolved_) transfer.resolved_ = system_clock().now();
  if (!transfer.parts_.guard.allows(&address->addr)) {
    transfer.refused_address_ = address_text(&address->addr);
    return CURL_SOCKET_BAD;
  }
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd >= 0) transfer.parts_.multi.on_socket_open(fd);
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int Transfer::on_close(void* multi, curl_socket_t fd) {
  static_cast<CurlMulti*>(multi)->on_socket_close(fd);
  return ::close(fd);
}

Result<Response> Transfer::finish(std::optional<Errc> expired) {
  const bool whole = code_ == CURLE_OK && !expired && !stopped_;
  if (stopped_ || !head_.complete() || head_.status() < 200)
    return std::unexpected(failure(expired));
  Response response;
  if (const auto parsed = std::move(head_).finish(response); !parsed)
    return std::unexpected(parsed.error());
  if (response.status < 100 || response.status > 999)
    return fail(Errc::protocol, "the answer's status line has no status");
  if (!begun_body_) parts_.sink.begin(response.headers);
  if (!whole && !body_stopped_) response.broken = failure(expired);
  fill_facts(response);
  return response;
}

void Transfer::fill_facts(Response& response) const {
  CURL* easy = easy_.get();
  char* ip = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  if (ip != nullptr) response.ip = ip;
  response.started = started_wall_;
  response.phases.dns = info_ms(easy, CURLINFO_NAMELOOKUP_TIME_T);
  response.phases.connect = info_ms(easy, CURLINFO_CONNECT_TIME_T);
  response.phases.tls = info_ms(easy, CURLINFO_APPCONNECT_TIME_T);
  response.phases.first_byte = info_ms(easy, CURLINFO_STARTTRANSFER_TIME_T);
  response.phases.total = std::chrono::duration_cast<Millis>(system_clock().now() - started_);
  curl_off_t body_bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &body_bytes);
  response.bytes_wire = response.response_head.size() + static_cast<std::uint64_t>(body_bytes);
  response.bytes_body = parts_.sink.bytes();
}

Error Transfer::failure(std::optional<Errc> expired) const {
  if (stopped_) return *stopped_;
  if (expired) {
    const auto ms = std::chrono::duration_cast<Millis>(system_clock().now() - started_).count();
    return {*expired, fmt::format("gave up after {} ms", ms)};
  }
  return failure_of_code();
}

Error Transfer::failure_of_code() const {
  const CURLcode code = code_.value_or(CURLE_OK);
  std::string detail = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code);
  const bool answered = head_.complete() && head_.status() >= 200;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Errc::dns, detail};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Errc::proxy, detail};
    case CURLE_COULDNT_CONNECT:
      if (!refused_address_.empty())
        return {Errc::private_address,
                fmt::format("{} is not a public address; fetch.allow_private_networks can allow it",
                            refused_address_)};
      return {Errc::connect_refused, detail};
    case CURLE_OPERATION_TIMEDOUT:
      if (!request_sent_) return {resolved_ ? Errc::connect_timeout : Errc::dns_timeout, detail};
      return {head_.begun() ? Errc::too_slow : Errc::first_byte_timeout, detail};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
      return {Errc::tls_cert, detail};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_USE_SSL_FAILED:
      return {Errc::tls, detail};
    case CURLE_OUT_OF_MEMORY:
      return {Errc::header_too_large, "a header line over libcurl's bound"};
    case CURLE_PARTIAL_FILE:
      return {Errc::body_truncated, detail};
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
      return {Errc::reset, detail};
    case CURLE_RECV_ERROR:
      return {answered ? Errc::body_truncated : Errc::reset, detail};
    default:
      return {Errc::protocol, detail};
  }
}

}  // namespace trawl::http
