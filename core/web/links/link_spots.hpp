#pragma once
// Where in a page's source links stand. The first half of link_rewriter.hpp: a <base> counts for
// all links, wherever it stands, so all are found before any is changed.

#include "core/web/html/html_names.hpp"
#include "core/web/html/html_open_elements.hpp"
#include "core/web/html/html_tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace trawl::web {

enum class SpotKind : std::uint8_t {
  url,
  action,  // where a form is sent to
  srcset,
  refresh,         // content of <meta http-equiv=refresh>
  style,           // a style attribute
  style_text,      // raw text of <style>
  foreign_style,   // text of svg's <style>, in which references count
  base,            // href of a <base>
  policy,          // http-equiv of a Content-Security-Policy
  server_promise,  // a whole attribute: integrity, crossorigin
  head,            // of no length: where a <meta> may be put first
};

struct LinkSpot {
  std::string_view raw;  // of the source: a value without its quotes, a text
  SpotKind kind = SpotKind::url;
  bool foreign = false;     // in svg or math
  std::size_t element = 0;  // which start tag it belongs to
};

class LinkSpotReader {
 public:
  explicit LinkSpotReader(std::string_view html, bool xhtml = false)
      : tokenizer_(html), html_(html), xhtml_(xhtml) {
    tokenizer_.set_cdata_allowed(xhtml);
  }

  // Reads the whole page, once. Linear.
  void read();

  // In source order.
  const std::vector<LinkSpot>& spots() const { return spots_; }
  // The first <base href> that counts, as written.
  const std::optional<std::string_view>& base_href() const { return base_href_; }

 private:
  void on_start_tag(const HtmlToken& tag);
  void on_end_tag(const HtmlToken& tag);
  void on_attribute(const HtmlToken& tag, const HtmlAttribute& attribute, Element element,
                    HtmlNamespace space);
  void on_meta(const HtmlToken& tag);
  void add(std::string_view raw, SpotKind kind);

  HtmlTokenizer tokenizer_;
  std::string_view html_;
  bool xhtml_;
  OpenElements open_;
  bool style_next_ = false;  // the next text is a style element's
  bool foreign_style_ = false;
  bool head_found_ = false;
  bool foreign_ = false;  // of the current tag
  std::size_t element_ = 0;
  std::vector<LinkSpot> spots_;
  std::optional<std::string_view> base_href_;
};

}  // namespace trawl::web
