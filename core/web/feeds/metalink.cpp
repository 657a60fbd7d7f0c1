// Elements count by their local names: the two versions differ in their namespaces and in what is
// around an element, and a document is one of both or none.
#include "core/web/feeds/metalink.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/digest.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t text_bytes_max = 8 * 1024;
constexpr std::size_t places_max = 256;  // in memory, of one file
constexpr long last_priority = 999'999;  // RFC 5854, 4.2.17, and that of who names none
constexpr long preferences = 101;        // of Metalink 3.0: 100 is the most wanted

long number(const XmlAttributes& attributes, std::string_view name, long otherwise) {
  const std::string text = attributes.find(name).value_or("");
  long value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::clamp(value, 1L, last_priority);
}

// Version 3.0 says of each URL what it is of; torrents are behind http, too.
bool is_web(const XmlAttributes& attributes) {
  const auto type = attributes.find("type");
  return !type || ascii::equals(*type, "http") || ascii::equals(*type, "https");
}

// "sha-256" in RFC 5854 (IANA's names), "sha256" in 3.0.
std::string algorithm_of(const XmlAttributes& attributes) {
  std::string name = ascii::lowered(attributes.find("type").value_or(""));
  std::erase(name, '-');
  return name;
}

}  // namespace

MetalinkReader::MetalinkReader(std::function<void(MetalinkFile)> on_file)
    : on_file_(std::move(on_file)), reader_(*this, "") {}

bool MetalinkReader::feed(std::string_view bytes) {
  return reader_.feed(bytes);
}

std::string MetalinkReader::finish() {
  reader_.finish();
  if (!is_metalink_) return "it is no Metalink document (RFC 5854)";
  if (!reader_.error().empty()) return reader_.error();
  return files_ == 0 ? "it names no file" : "";
}

void MetalinkReader::on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) {
  if (depth == 1) is_metalink_ = name.local == "metalink";
  if (!is_metalink_) return reader_.stop();
  text_depth_ = 0;
  if (file_depth_ == 0) {
    if (name.local != "file") return;
    file_depth_ = depth;
    file_ = {.name = attributes.find("name").value_or("")};
  } else if (name.local == "pieces") {
    pieces_depth_ = depth;
  } else if (name.local == "url" && is_web(attributes)) {
    text_depth_ = depth;
    is_url_ = true;
    const long preference = number(attributes, "preference", 1);
    priority_ = attributes.find("preference") ? std::max(preferences - preference, 1L)
                                              : number(attributes, "priority", last_priority);
  } else if (name.local == "hash" && pieces_depth_ == 0) {
    text_depth_ = depth;
    is_url_ = false;
    algorithm_ = algorithm_of(attributes);
  }
  text_.clear();
}

void MetalinkReader::on_text(std::string_view text) {
  if (text_depth_ == 0) return;
  text_.append(text.substr(0, text_bytes_max + 1 - std::min(text_.size(), text_bytes_max + 1)));
}

void MetalinkReader::on_end(XmlName, std::size_t depth) {
  if (depth == text_depth_) is_url_ ? take_url() : take_hash();
  if (depth <= text_depth_) text_depth_ = 0;
  if (depth == pieces_depth_) pieces_depth_ = 0;
  if (depth == file_depth_) end_file();
}

void MetalinkReader::take_url() {
  const std::string_view url = ascii::trim(text_);
  const bool is_http = ascii::starts_with(url, "http://") || ascii::starts_with(url, "https://");
  if (!is_http || url.size() > text_bytes_max) return;
  if (places_.size() >= places_max) keep_best();
  places_.push_back({std::string{url}, priority_, order_++});
}

void MetalinkReader::take_hash() {
  const auto algorithm = algorithm_from_name(algorithm_);
  const std::string digits = ascii::lowered(ascii::trim(text_));
  const bool is_hex = digits.find_first_not_of("0123456789abcdef") == digits.npos;
  if (!algorithm || !is_hex || digits.size() != 2 * digest_bytes(*algorithm)) return;
  // A longer digest is the stronger one, of those that there are.
  checksums_.insert_or_assign(static_cast<int>(digits.size()), algorithm_ + ":" + digits);
}

void MetalinkReader::keep_best() {
  std::ranges::sort(places_, {}, [](const Place& p) { return std::pair{p.priority, p.order}; });
  if (places_.size() > places_max / 2) places_.resize(places_max / 2);
}

void MetalinkReader::end_file() {
  keep_best();
  for (Place& place : places_) {
    if (file_.urls.size() == limits::mirrors_max) break;
    if (std::ranges::find(file_.urls, place.url) == file_.urls.end())
      file_.urls.push_back(std::move(place.url));
  }
  if (!checksums_.empty()) file_.checksum = std::move(checksums_.rbegin()->second);
  places_.clear();
  checksums_.clear();
  file_depth_ = pieces_depth_ = 0;
  ++files_;
  on_file_(std::exchange(file_, {}));
}

}  // namespace trawl::web
