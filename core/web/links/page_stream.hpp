#pragma once
// A page of any size as it arrives: charset, then tags, then links, piece by piece. A page of up to
// limits::page_piece_bytes is read as a whole; of a longer one a piece is held, and what was found.

#include "core/web/charset/content.hpp"
#include "core/web/charset/text_stream.hpp"
#include "core/web/links/links.hpp"
#include "core/web/links/page_reader.hpp"
#include "core/web/url/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

class PageStream {
 public:
  // type: of the answer; XHTML is read as such. robots_token: outlives the stream.
  PageStream(const MediaType& type, std::string_view robots_token);
  // Before the first bytes: title, robots and charset alone are wanted.
  void ignore_links() { reader_.ignore_links(); }
  // Before finish(): see PageReader.
  void skip_repeats() { reader_.skip_repeats(); }

  // The next bytes of the page. Linear. A tag, comment or script longer than
  // limits::page_token_bytes_max ends the page: its links are then cut.
  void feed(std::string_view bytes);
  // The end. For a whole page that is at hand, `bytes` can be all of it: then it is not copied.
  PageLinks finish(const Url& base, std::string_view bytes = {});

  // After finish(). The encoding as detect_charset() finds it; of a page that is long and says
  // nothing, the first piece with anything but ASCII decides.
  const std::string& charset() const { return charset_; }

 private:
  std::string whole_charset(std::string_view page) const;
  void begin();
  void decode(std::string_view bytes);
  void decide(std::string_view bytes);
  void add_text(std::string_view text);

  std::string header_charset_;
  bool xhtml_;
  std::string charset_;  // empty while all is ASCII and nobody said
  std::string late_;     // what it is when it turns out to be no UTF-8
  PageReader reader_;
  std::string head_;                  // the first piece, as received
  std::optional<TextStream> stream_;  // once the charset is known
  std::string text_;                  // UTF-8, not read yet
  std::size_t read_at_bytes_;         // read when text_ has so many
  bool begun_ = false;                // head_ was not the whole page
  bool over_ = false;                 // a token was too long: the rest is not read
};

}  // namespace trawl::web
