#pragma once
// XmlReader: XML that arrives in blocks, as events. Bytes in, in any encoding; names and text out
// in UTF-8. Lenient: damage is repaired or passed over where it can be (XmlRepair), and error()
// says what was wrong first. Safe on hostile input: no DOCTYPE is read, so there are no entities
// beyond the predefined five, no external ones, no DTD, no XInclude, no network; depth is bounded.
// Over libxml2's SAX2 push parser. One thread at a time.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

// An element's or attribute's name. A prefix that nobody declared stands as its own namespace.
struct XmlName {
  std::string_view local;
  std::string_view space;  // namespace URI; empty for none
};

// The attributes of one start tag; valid during the call that brings them.
class XmlAttributes {
 public:
  XmlAttributes(const unsigned char** values, std::size_t count) : values_(values), count_(count) {}

  std::size_t size() const { return count_; }
  XmlName name(std::size_t index) const;
  std::string value(std::size_t index) const;
  // The first with this local name in the namespace; absent when there is none.
  std::optional<std::string> find(std::string_view local, std::string_view space = {}) const;

 private:
  const unsigned char** values_;  // libxml2's: name, prefix, URI, begin and end of the value
  std::size_t count_;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  // depth: 1 for a root element. A damaged document may have several.
  virtual void on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) = 0;
  // Character data in pieces of any length, CDATA sections included.
  virtual void on_text(std::string_view text) = 0;
  virtual void on_end(XmlName name, std::size_t depth) = 0;
};

class XmlReader {
 public:
  // charset: of the Content-Type header, empty when it had none. It is stronger than the XML
  // declaration and weaker than a byte order mark (RFC 7303, section 3.2).
  XmlReader(XmlHandler& handler, std::string_view charset);
  ~XmlReader();
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  // False once nothing more will come of it: stop() was called, or the damage is too large. Calls
  // the handler, whose exceptions come through.
  bool feed(std::string_view bytes);
  // The end of the document. Elements that are still open get no on_end().
  void finish();
  // From within the handler: no event will follow.
  void stop();

  // "line 3: what was wrong" first; empty when the document is well-formed. Namespaces that nobody
  // declared are no fault.
  const std::string& error() const;
  // After finish(): the document was cut in the middle of text.
  bool ended_in_text() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// The encoding of an XML document by its beginning (1 KiB is enough) and its Content-Type: byte
// order mark, header, two-byte '<', XML declaration, UTF-8.
std::string xml_charset(std::string_view head, std::string_view header_charset);

}  // namespace trawl::web
