#pragma once
// Metalink: files with the places where they are to be had and their digests, as download sites
// publish them (RFC 5854, "meta4"; and its forerunner, Metalink 3.0). Arrives in blocks. Lenient
// about what it doesn't know; hostile input costs no more memory than one file's URLs.

#include "core/web/xml/xml_reader.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct MetalinkFile {
  std::string name;               // as written: a path of theirs, never one of ours
  std::vector<std::string> urls;  // http and https, the most wanted first; at most 16 (as mirrors)
  std::string checksum;  // of the whole file, "sha256:9f86d0…", the strongest; may be empty
};

class MetalinkReader : private XmlHandler {
 public:
  explicit MetalinkReader(std::function<void(MetalinkFile)> on_file);

  // False once nothing more will come of it.
  bool feed(std::string_view bytes);
  // What was wrong with the document; empty when nothing was.
  std::string finish();

 private:
  struct Place {
    std::string url;
    long priority;  // 1 is the most wanted
    std::size_t order;
  };

  void on_start(XmlName name, const XmlAttributes& attributes, std::size_t depth) override;
  void on_text(std::string_view text) override;
  void on_end(XmlName name, std::size_t depth) override;

  void take_url();
  void take_hash();
  void keep_best();
  void end_file();

  std::function<void(MetalinkFile)> on_file_;
  bool is_metalink_ = false;
  std::size_t files_ = 0;
  std::size_t file_depth_ = 0;    // 0: outside of a file
  std::size_t pieces_depth_ = 0;  // digests of pieces, not of the file
  MetalinkFile file_;
  std::vector<Place> places_;
  std::size_t order_ = 0;
  std::map<int, std::string> checksums_;  // by strength
  // The element whose text is read.
  std::size_t text_depth_ = 0;
  bool is_url_ = false;
  long priority_ = 0;
  std::string algorithm_, text_;
  XmlReader reader_;
};

}  // namespace trawl::web
