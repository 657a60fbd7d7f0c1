// Strict where a wrong guess lets one answer run into the next, lenient where it can't: such an
// answer is kept, noted, and the last one of its connection.
#include "core/http/message/framing.hpp"

#include "core/base/limits.hpp"
#include "core/base/note.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace trawl::http {
namespace {

namespace ascii = web::ascii;

// RFC 9112 7: others have to be asked for, with TE, and nobody does. Their bytes would be taken for
// the body itself.
constexpr std::array<std::string_view, 2> known_codings{"chunked", "identity"};

// Errors: a coding that is none; "chunked" twice.
struct TransferCodings {
  int chunked = 0;
  int all = 0;
  bool present = false;

  Result<> add(std::string_view value) {
    present = true;
    for (std::string_view rest = value;;) {
      const auto comma = rest.find(',');
      const std::string_view name = ascii::trim(rest.substr(0, comma));
      const auto same = [&](std::string_view known) { return ascii::equals(name, known); };
      if (!name.empty() && std::ranges::none_of(known_codings, same))
        return fail(Errc::protocol, fmt::format("Transfer-Encoding: {:.60}", value));
      all += name.empty() ? 0 : 1;
      chunked += ascii::equals(name, "chunked") ? 1 : 0;
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
    if (chunked > 1) return fail(Errc::protocol, "Transfer-Encoding is chunked twice");
    return {};
  }
};

std::optional<std::uint64_t> content_length(const Headers& headers) {
  const std::string_view text = find_header(headers, "content-length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc{} ? std::optional{length} : std::nullopt;
}

// RFC 9112 6.3, rules 1 and 2.
bool has_body(std::string_view method, int status) {
  return method != "HEAD" && status >= 200 && status != 204 && status != 304;
}

}  // namespace

Result<> Framing::begin(std::string_view method, const Response& response, bool tls) {
  TransferCodings codings;
  for (const auto& [name, value] : response.headers)
    if (same_name(name, "transfer-encoding"))
      if (auto added = codings.add(value); !added) return added;
  const auto length = content_length(response.headers);
  if (!has_body(method, response.status)) return {};
  chunked_ = codings.chunked == 1 && codings.all == 1;
  contradicts_ = codings.present && length.has_value();
  chunked_in_1_0_ = codings.present && response.http_version == "1.0";
  identity_ = codings.present && codings.chunked == 0;
  if (!codings.present || identity_) length_ = length;
  expects_body_ = length_ != 0;
  const bool http1 = response.http_version.starts_with("1.");
  ends_with_tls_ = tls && http1 && !length_ && codings.chunked == 0;
  return {};
}

Result<> Framing::on_raw(std::string_view bytes) {
  raw_ += bytes.size();
  if (length_ && raw_ > *length_) excess_ = true;
  if (!chunked_) return {};
  if (!chunks_.scan(bytes)) return fail(Errc::protocol, "the chunks of the body are damaged");
  excess_ = excess_ || chunks_.has_excess();
  // A body in chunks of one byte has five bytes of framing for each.
  if (raw_ > limits::header_bytes_max + limits::chunk_framing_ratio_max * chunks_.data_bytes())
    return fail(Errc::header_too_large, "chunk sizes and extensions, and hardly a body");
  return {};
}

std::size_t Framing::body_room(std::size_t bytes) const {
  if (identity_ && length_)
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(bytes, *length_ - std::min(*length_, body_)));
  if (!chunked_) return bytes;
  const std::uint64_t data = chunks_.data_bytes();
  return static_cast<std::size_t>(std::min<std::uint64_t>(bytes, data - std::min(data, body_)));
}

std::optional<Error> Framing::end() const {
  if (ends_with_tls_ && !tls_ended_)
    return Error{Errc::body_truncated, "the connection was cut: TLS has no end"};
  if (!length_ || body_ >= *length_) return std::nullopt;
  return Error{Errc::body_truncated,
               fmt::format("{} of {} bytes of the body came", body_, *length_)};
}

std::string Framing::note() const {
  std::string text;
  if (excess_) add_note(text, "excess_bytes");
  if (contradicts_) add_note(text, "cl_and_te");
  if (chunked_in_1_0_) add_note(text, "te_in_http_1_0");
  return text;
}

}  // namespace trawl::http
