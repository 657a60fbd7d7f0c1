// What we end ourselves is noted where we end it; only for the rest libcurl's code is asked.
#include "core/http/client/transfer.hpp"

#include "core/base/limits.hpp"
#include "core/base/note.hpp"
#include "core/http/client/curl_error.hpp"
#include "core/http/client/request_fields.hpp"

#include <climits>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace trawl::http {
namespace {

// More than any head that libcurl's HTTP/2 takes, but for the last of its 128 KiB. What comes
// behind one that is larger than the buffer libcurl 7.88 holds back, and when that ends the answer,
// until the server says something more. One TLS record fills no more than 16 KiB of it.
constexpr long http2_buffer_bytes = 120L * 1024;

// libcurl wants milliseconds as an int and keeps the handle's former value when they are not.
long curl_ms(Millis time) {
  return static_cast<long>(std::clamp<Millis::rep>(time.count(), 1, INT_MAX));
}

}  // namespace

Transfer::Transfer(const coro::Executor& executor, Parts parts)
    : parts_(parts),
      easy_(parts.easies.make()),
      activity_(executor),
      watch_(parts.request.timeouts, system_clock(), parts.resolved_in) {
  response_.started = system_clock().wall() - parts.resolved_in.value_or(Millis{0});
  set_options();
  parts_.multi.add(easy_.get());
}

Transfer::~Transfer() {
  parts_.multi.remove(easy_.get());
  curl_easy_setopt(easy_.get(), CURLOPT_VERBOSE, 0L);  // nothing of what is said from here on
  easy_.reset();
}

void Transfer::set_options() {
  CURL* easy = easy_.get();
  const Request& request = parts_.request;
  curl_easy_setopt(easy, CURLOPT_URL,
                   request.url.c_str());  // one over its bound is none to libcurl
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<TransferEnd*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Transfer::on_debug);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_request_ready);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  // The connection may outlive this transfer, so its close is told to the multi.
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Transfer::on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &parts_.multi);
  curl_easy_setopt(easy, CURLOPT_RESOLVE, parts_.names);
  // They have to last for the requests that libcurl repeats on a fresh connection.
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT,
                   std::min(curl_ms(request.timeouts.total) / 1000 + 60, 86'400L));
  // libcurl itself resolves nothing but a proxy's name: addresses are no names, and those of names
  // it has.
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, &Transfer::on_resolve);
  curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, parts_.proxy ? nullptr : parts_.names);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, parts_.headers);
  curl_easy_setopt(easy, CURLOPT_SHARE, parts_.tls_sessions);
  set_version(easy, parts_.version);
  if (parts_.version != HttpVersion::http1_1)
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, http2_buffer_bytes);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request.tls_verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request.tls_verify ? 2L : 0L);
  // The deadlines of the phases are ours; libcurl shares this time out among a name's addresses.
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   curl_ms(request.timeouts.connect + Millis{1000}));
  set_method();
}

void Transfer::set_method() {
  CURL* easy = easy_.get();
  const Request& request = parts_.request;
  if (request.once) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (has_content(request)) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  const bool plain_get = request.method == "GET" && !has_content(request);
  if (!plain_get) curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void Transfer::resume(Millis slowed) {
  ahead_ = false;
  if (!std::exchange(paused_, false) || done()) return;
  watch_.on_resumed(slowed);
  const CURLcode code = parts_.multi.resume(easy_.get());
  if (code != CURLE_OK) on_done(code);
}

void Transfer::on_done(CURLcode code) {
  code_ = code;
  activity_.set();
}

bool Transfer::add_header_line(std::string_view line) {
  watch_.on_bytes(line.size());
  if (!head_.add_line(line)) {
    stopped_ = Error{Errc::header_too_large,
                     fmt::format("the answer's head is over {} bytes or {} lines",
                                 limits::header_bytes_max, limits::header_lines_max)};
  } else if (!answered_ && head_.complete() && head_.status() >= 200) {
    return begin_answer();
  }
  return !stopped_;
}

bool Transfer::begin_answer() {
  const Request& request = parts_.request;
  auto begun = head_.take(response_);
  correct_version();
  if (begun) begun = framing_.begin(request.method, response_, request.url.starts_with("https:"));
  if (!begun) {
    stopped_ = begun.error();
    return false;
  }
  answered_ = true;
  // libcurl tells only its log that it dropped bytes behind an answer. What it logs before costs
  // much for nothing, a TLS handshake most of all.
  curl_easy_setopt(easy_.get(), CURLOPT_VERBOSE, 1L);
  if (!framing_.keeps_connection()) part_after_this();
  parts_.sink.begin(response_.status, response_.headers);
  body_stopped_ = framing_.expects_body() && !parts_.sink.wants_body();
  ended_ = framing_.is_over();  // of no length at all
  if (ended_) activity_.set();
  return !body_stopped_;
}

// The server's text may say anything.
void Transfer::correct_version() {
  std::string& version = response_.http_version;
  if (alpn_ == Alpn::http2)
    version = "2";
  else if (!version.starts_with("1.") && !has_http3())
    version = "1.1";
}

void Transfer::part_after_this() {  // libcurl closes the connection when the transfer ends
  curl_easy_setopt(easy_.get(), CURLOPT_FORBID_REUSE, 1L);
}

// What comes after the fault is not body, so the answer ends here.
void Transfer::add_raw(std::string_view bytes) {
  if (stopped_ || !answered_) return;
  const auto framed = framing_.on_raw(bytes);
  if (!framing_.keeps_connection()) part_after_this();
  if (framed) return;
  stopped_ = framed.error();
  activity_.set();
}

BodySink::Accepted Transfer::add_body(std::string_view bytes) {
  if (body_stopped_ || ended_) return BodySink::Accepted::stop;
  // On an HTTP/2 connection from before there was a limit, it holds for who begins.
  if (response_.http_version != "2" && parts_.pace.is_ahead()) {
    paused_ = ahead_ = true;
    activity_.set();
    return BodySink::Accepted::full;
  }
  watch_.on_bytes(bytes.size());
  const auto body = bytes.substr(0, framing_.body_room(bytes.size()));
  if (body.size() < bytes.size() && framing_.is_chunked() && !stopped_) {
    stopped_ = Error{Errc::protocol, "the answer's Transfer-Encoding can be read in two ways"};
    activity_.set();
    return BodySink::Accepted::stop;
  }
  const auto accepted = parts_.sink.accept(body);
  paused_ = accepted == BodySink::Accepted::full;
  if (!paused_) {
    framing_.on_body(body.size());
    parts_.pace.take(body.size());
  }
  body_stopped_ = accepted == BodySink::Accepted::stop;
  ended_ = framing_.is_over();
  if (wants_flush() || ended_) activity_.set();
  return accepted;
}

std::size_t Transfer::on_header(char* data, std::size_t, std::size_t count, void* self) noexcept {
  return static_cast<Transfer*>(self)->add_header_line({data, count}) ? count : 0;
}

std::size_t Transfer::on_body(char* data, std::size_t, std::size_t count, void* self) noexcept {
  switch (static_cast<Transfer*>(self)->add_body({data, count})) {
    case BodySink::Accepted::taken:
      return count;
    case BodySink::Accepted::full:
      return CURL_WRITEFUNC_PAUSE;
    case BodySink::Accepted::stop:
      break;
  }
  return 0;
}

int Transfer::on_debug(CURL*, curl_infotype type, char* data, std::size_t count,
                       void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  if (type == CURLINFO_DATA_IN) transfer.add_raw({data, count});
  if (type != CURLINFO_TEXT) return 0;
  const std::string_view text{data, count};
  if (text.starts_with("Excess found")) {
    transfer.framing_.on_excess();
    transfer.part_after_this();
  }
  return 0;
}

Result<Response> Transfer::finish(std::optional<Errc> expired) {
  if (!answered_) return std::unexpected(failure(expired));
  // Behind a tunnel it is the server's own answer.
  const bool relayed =
      parts_.proxy && !parts_.request.url.starts_with("https:") &&
      (parts_.proxy->kind == ProxyKind::http || parts_.proxy->kind == ProxyKind::https);
  const bool of_proxy = relayed && response_.status == 407;
  if (of_proxy) return fail(Errc::proxy, proxy_wants_credentials(parts_.proxy->address()));
  if (tls_end_ && tls_end_->announced()) framing_.on_tls_end();
  if (stopped_)
    response_.broken = *stopped_;
  else if (!body_stopped_ && !is_whole(expired))
    response_.broken = failure(expired);
  response_.note = framing_.note();
  if (code_ == CURLE_PARTIAL_FILE && !response_.broken) add_note(response_.note, "trailers_cut");
  fill_facts();
  return std::move(response_);
}

bool Transfer::is_whole(std::optional<Errc> expired) const {
  if (ended_) return true;
  if (expired) return false;
  if (code_ == CURLE_PARTIAL_FILE) return framing_.lacks_only_trailers();
  return code_ == CURLE_OK && !framing_.end();
}

// libcurl's times count from after we have resolved the name.
Millis Transfer::since_start_ms(CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy_.get(), info, &microseconds);
  if (microseconds == 0) return Millis{0};
  return parts_.resolved_in.value_or(Millis{0}) + Millis{(microseconds + 500) / 1000};
}

void Transfer::fill_facts() {
  CURL* easy = easy_.get();
  char* ip = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
  if (ip != nullptr && !parts_.proxy) response_.ip = ip;
  Phases& phases = response_.phases;
  phases.dns = parts_.resolved_in.value_or(Millis{0});
  phases.connect = since_start_ms(CURLINFO_CONNECT_TIME_T);
  phases.tls = since_start_ms(CURLINFO_APPCONNECT_TIME_T);
  phases.first_byte = since_start_ms(CURLINFO_STARTTRANSFER_TIME_T);
  phases.total = std::max(watch_.elapsed(), phases.first_byte);  // each is rounded
  curl_off_t body_bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &body_bytes);
  response_.bytes_wire = head_.bytes_seen() + static_cast<std::uint64_t>(body_bytes);
  response_.bytes_body = parts_.sink.bytes();
}

bool Transfer::lacks_descriptor() const {
  const bool none_left = open_errno_ == EMFILE || open_errno_ == ENFILE;
  return none_left && code_ == CURLE_COULDNT_CONNECT && !stopped_;
}

Error Transfer::failure(std::optional<Errc> expired) const {
  if (stopped_) return *stopped_;
  if (answered_ && !expired && code_ == CURLE_OK)
    if (const auto missing = framing_.end()) return *missing;
  if (expired == Errc::dns_timeout && parts_.proxy)
    return {Errc::proxy, fmt::format("the proxy's name could not be resolved in {} ms: {}",
                                     watch_.elapsed().count(), parts_.proxy->address())};
  if (expired) return {*expired, fmt::format("gave up after {} ms", watch_.elapsed().count())};
  if (code_ == CURLE_COULDNT_CONNECT && open_errno_ != 0)
    return {Errc::connect_refused, fmt::format("no socket: {}", std::strerror(open_errno_))};
  CurlFailure failure{.code = code_.value_or(CURLE_OK),
                      .text = error_text_,
                      .resolved = watch_.resolved(),
                      .requested = watch_.requested(),
                      .answering = watch_.answering(),
                      .answered = answered_,
                      .switching = head_.complete() && head_.status() == 101,
                      .refused = refused_address_,
                      .over_tls = parts_.request.url.starts_with("https:")};
  curl_easy_getinfo(easy_.get(), CURLINFO_SSL_VERIFYRESULT, &failure.verify_result);
  if (const auto& proxy = parts_.proxy) {
    failure.proxy = proxy->address();
    failure.socks = proxy->kind == ProxyKind::socks5 || proxy->kind == ProxyKind::socks5h;
    curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &failure.connect_status);
  }
  return curl_error(std::move(failure));
}

}  // namespace trawl::http
