// libxml2 gets UTF-8 that XmlRepair has been over, inside of an element of our own that is never
// closed: so text before or after the root element, or a second root, ends nothing. How it recovers
// from what XmlRepair leaves (namespaces, attributes that come twice) depends on where its input is
// cut, so it is cut at fixed places: what a document says never depends on how it arrived. No
// exception may cross libxml2's frames: what a handler throws is kept, and thrown behind them.
#include "core/web/xml/xml_reader.hpp"

#include "core/base/result.hpp"
#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/text_stream.hpp"
#include "core/web/xml/xml_repair.hpp"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::string_view wrapper = "<trawl>";
constexpr std::size_t head_bytes = 1024;
constexpr std::size_t block_bytes = 64 * 1024;
constexpr std::size_t parsed_at_once = 8 * 1024;
constexpr std::size_t depth_max = 257;  // with our own element
constexpr std::size_t values_per_attribute = 5;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// libxml2 leaves an undeclared prefix in the name.
XmlName name_of(const xmlChar* local, const xmlChar* prefix, const xmlChar* uri) {
  XmlName name{view(local), view(uri)};
  if (prefix != nullptr) return uri == nullptr ? XmlName{name.local, view(prefix)} : name;
  const auto colon = name.local.find(':');
  if (colon == name.local.npos) return name;
  return {name.local.substr(colon + 1), name.local.substr(0, colon)};
}

// One pass: a value may be nothing else than these, ten megabytes long.
std::string with_ampersands(std::string_view raw, std::string_view escaped) {
  std::string text;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = std::min(raw.find(escaped, at), raw.size());
    text.append(raw.substr(at, end - at));
    if (end == raw.size()) break;
    text += '&';
    at = end + escaped.size();
  }
  return text;
}

// U+FFFE and U+FFFF, which no XML may have and where libxml2 ends an attribute value, are U+FFFD.
std::string_view without_noncharacters(std::string_view text, std::string& storage) {
  constexpr std::string_view common = "\xEF\xBF";
  bool copied = false;
  for (std::size_t at = text.find(common); at != text.npos; at = text.find(common, at + 1)) {
    if (at + 2 == text.size() || (text[at + 2] != '\xBE' && text[at + 2] != '\xBF')) continue;
    if (!std::exchange(copied, true)) storage = text;
    storage[at + 2] = '\xBD';
  }
  return copied ? std::string_view{storage} : text;
}

struct FreeContext {
  void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

}  // namespace

XmlName XmlAttributes::name(std::size_t index) const {
  const unsigned char** at = values_ + index * values_per_attribute;
  return name_of(at[0], at[1], at[2]);
}

std::string XmlAttributes::value(std::size_t index) const {
  const unsigned char** at = values_ + index * values_per_attribute;
  const std::string_view raw{reinterpret_cast<const char*>(at[3]),
                             reinterpret_cast<const char*>(at[4])};
  return with_ampersands(raw, "&#38;");  // how libxml2 gives an '&', and nothing else
}

std::optional<std::string> XmlAttributes::find(std::string_view local,
                                               std::string_view space) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const XmlName found = name(i);
    if (found.local == local && found.space == space) return value(i);
  }
  return std::nullopt;
}

class XmlReader::Parser {
 public:
  Parser(XmlHandler& handler, std::string_view charset);

  bool feed(std::string_view bytes);
  void finish();
  void stop();
  const std::string& error() const { return error_; }
  bool ended_in_text() const { return repair_.ended_in_text(); }

 private:
  void begin();
  void read(std::string_view text);
  void parse_whole_blocks();
  void parse(std::string_view text, bool last);
  void note_damage();
  template <class Event>
  void guarded(const Event& event);

  static Parser& self(void* data) { return *static_cast<Parser*>(data); }
  static void start_element(void* data, const xmlChar* local, const xmlChar* prefix,
                            const xmlChar* uri, int namespaces, const xmlChar** declared,
                            int attributes, int defaulted, const xmlChar** values);
  static void end_element(void* data, const xmlChar* local, const xmlChar* prefix,
                          const xmlChar* uri);
  static void characters(void* data, const xmlChar* text, int length);
  static void structured_error(void* data, xmlErrorPtr error);

  XmlHandler& handler_;
  std::string header_charset_;
  std::string head_;
  std::optional<TextStream> text_;  // once the encoding is known
  XmlRepair repair_;
  std::string characters_;
  std::string repaired_;  // less than libxml2 gets at once
  std::unique_ptr<xmlParserCtxt, FreeContext> context_;
  std::size_t depth_ = 0;  // with our own element
  std::string error_;
  bool stopped_ = false;
  bool finishing_ = false;
  std::exception_ptr thrown_;
};

XmlReader::Parser::Parser(XmlHandler& handler, std::string_view charset)
    : handler_(handler), header_charset_(charset) {
  // Once, and before any thread of ours could do it by parsing.
  [[maybe_unused]] static const bool initialised = (xmlInitParser(), true);
  xmlSAXHandler events{};
  events.initialized = XML_SAX2_MAGIC;
  events.startElementNs = start_element;
  events.endElementNs = end_element;
  events.characters = characters;
  events.serror = structured_error;
  context_.reset(xmlCreatePushParserCtxt(&events, this, nullptr, 0, nullptr));
  if (!context_) throw Failure(Errc::internal, "libxml2 gave no parser");
  // Without XML_PARSE_HUGE: libxml2's own bounds on lengths and names (10 MB) hold.
  xmlCtxtUseOptions(context_.get(), XML_PARSE_RECOVER | XML_PARSE_NONET);
  parse(wrapper, false);
}

template <class Event>
void XmlReader::Parser::guarded(const Event& event) {
  if (stopped_) return;
  try {
    event();
  } catch (...) {
    thrown_ = std::current_exception();
    stop();
  }
}

void XmlReader::Parser::start_element(void* data, const xmlChar* local, const xmlChar* prefix,
                                      const xmlChar* uri, int /*namespaces*/,
                                      const xmlChar** /*declared*/, int attributes,
                                      int /*defaulted*/, const xmlChar** values) {
  Parser& parser = self(data);
  if (parser.depth_++ == 0) return;
  if (parser.depth_ > depth_max) {
    if (parser.error_.empty())
      parser.error_ = fmt::format("elements are nested deeper than {}", depth_max - 1);
    return parser.stop();
  }
  parser.guarded([&] {
    parser.handler_.on_start(name_of(local, prefix, uri),
                             XmlAttributes{values, static_cast<std::size_t>(attributes)},
                             parser.depth_ - 1);
  });
}

void XmlReader::Parser::end_element(void* data, const xmlChar* local, const xmlChar* prefix,
                                    const xmlChar* uri) {
  Parser& parser = self(data);
  if (--parser.depth_ == 0) return;
  parser.guarded([&] { parser.handler_.on_end(name_of(local, prefix, uri), parser.depth_); });
}

void XmlReader::Parser::characters(void* data, const xmlChar* text, int length) {
  Parser& parser = self(data);
  parser.guarded([&] {
    parser.handler_.on_text(
        {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
  });
}

void XmlReader::Parser::structured_error(void* data, xmlErrorPtr error) {
  Parser& parser = self(data);
  const bool harmless = error->level == XML_ERR_WARNING || error->domain == XML_FROM_NAMESPACE;
  if (harmless || parser.stopped_ || !parser.error_.empty()) return;
  parser.note_damage();  // comes before what the parser sees
  // Our own element is open at the end of the soundest document.
  if (!parser.error_.empty() || parser.finishing_) return;
  std::string_view message = error->message == nullptr ? "not well-formed" : error->message;
  parser.error_ = fmt::format("line {}: {}", error->line, ascii::trim(message));
}

void XmlReader::Parser::note_damage() {
  if (error_.empty() && repair_.damage())
    error_ = fmt::format("line {}: {}", repair_.damage()->line, repair_.damage()->what);
}

void XmlReader::Parser::parse(std::string_view text, bool last) {
  xmlParseChunk(context_.get(), text.data(), static_cast<int>(text.size()), last ? 1 : 0);
  if (stopped_) xmlStopParser(context_.get());
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  // libxml2 gives up where it can't recover.
  if (!stopped_ && context_->instate == XML_PARSER_EOF && !last) {
    if (error_.empty()) error_ = "not well-formed";
    stopped_ = true;
  }
}

void XmlReader::Parser::parse_whole_blocks() {
  std::string_view rest = repaired_;
  for (; rest.size() >= parsed_at_once && !stopped_; rest.remove_prefix(parsed_at_once))
    parse(rest.substr(0, parsed_at_once), false);
  repaired_.erase(0, repaired_.size() - rest.size());
}

void XmlReader::Parser::read(std::string_view text) {
  repair_.feed(without_noncharacters(text, characters_), repaired_);
  parse_whole_blocks();
}

void XmlReader::Parser::begin() {
  text_.emplace(xml_charset(head_, header_charset_));
  read(text_->feed(head_));
  head_ = {};
}

bool XmlReader::Parser::feed(std::string_view bytes) {
  if (!text_) {
    const std::size_t missing = std::min(head_bytes - head_.size(), bytes.size());
    head_.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    if (head_.size() < head_bytes) return true;
    begin();
  }
  for (; !bytes.empty() && !stopped_; bytes.remove_prefix(std::min(block_bytes, bytes.size())))
    read(text_->feed(bytes.substr(0, block_bytes)));
  return !stopped_;
}

void XmlReader::Parser::finish() {
  if (!text_) begin();
  if (!stopped_) read(text_->finish());
  if (!stopped_) {
    repair_.finish(repaired_);
    parse_whole_blocks();
  }
  if (!stopped_) parse(repaired_, false);
  note_damage();
  if (stopped_) return;
  finishing_ = true;
  parse({}, true);
  if (error_.empty() && depth_ > 1) error_ = "the document ends before its elements do";
}

// Mostly called in an event: the parser itself is stopped when the event has ended, since that
// frees the input which the event's names and attributes lie in. Until then further events are
// ignored.
void XmlReader::Parser::stop() {
  stopped_ = true;
}

XmlReader::XmlReader(XmlHandler& handler, std::string_view charset)
    : parser_(std::make_unique<Parser>(handler, charset)) {}
XmlReader::~XmlReader() = default;

bool XmlReader::feed(std::string_view bytes) {
  return parser_->feed(bytes);
}
void XmlReader::finish() {
  parser_->finish();
}
void XmlReader::stop() {
  parser_->stop();
}
const std::string& XmlReader::error() const {
  return parser_->error();
}
bool XmlReader::ended_in_text() const {
  return parser_->ended_in_text();
}

std::string xml_charset(std::string_view head, std::string_view header_charset) {
  using namespace std::string_view_literals;
  if (const auto mark = bom_charset(head); !mark.empty()) return std::string{mark};
  if (const auto named = encoding_name(header_charset); !named.empty()) return std::string{named};
  if (head.starts_with("<\0"sv)) return "UTF-16LE";
  if (head.starts_with("\0<"sv)) return "UTF-16BE";
  const auto declared = prescan_charset(head.substr(0, head_bytes));
  return declared.empty() ? "UTF-8" : std::string{declared};
}

}  // namespace trawl::web
