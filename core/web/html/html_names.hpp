#pragma once
// The names of elements and attributes that mean something to a reader of links, as numbers.

#include <cstdint>
#include <string_view>

namespace trawl::web {

// In the order of the name table. Elements after `unknown` have a name and no meaning of their own.
enum class Element : std::uint8_t {
  unknown,
  a,
  annotation_xml,
  area,
  audio,
  base,
  bgsound,
  blockquote,
  body,
  br,
  button,
  del,
  desc,
  embed,
  font,
  foreign_object,
  form,
  frame,
  html,
  iframe,
  image,
  img,
  input,
  ins,
  link,
  math,
  meta,
  mi,
  mn,
  mo,
  ms,
  mtext,
  noembed,
  noframes,
  object,
  p,
  plaintext,
  q,
  script,
  source,
  style,
  svg,
  table,
  tbody,
  td,
  template_,
  textarea,
  tfoot,
  th,
  thead,
  title,
  tr,
  track,
  video,
  xmp,
  named,  // the first of those with a name only
};

enum class Attribute : std::uint8_t {
  unknown,
  action,
  background,
  charset,
  cite,
  color,
  content,
  data,
  encoding,
  face,
  formaction,
  href,
  http_equiv,
  imagesrcset,

  manifest,
  name,
  poster,
  rel,
  size,
  src,
  srcset,
  style,
  type,
  xlink_href,
};

// The element or attribute with that name in any case. O(1).
Element element_from_name(std::string_view name);
Attribute attribute_from_name(std::string_view name);
// The same where bytes up to readable_end may be read, which is faster for short names.
Element element_from_name(std::string_view name, const char* readable_end);

// The lower-case name, in static storage; for unknown ones "*" and "".
std::string_view to_string(Element element);
std::string_view to_string(Attribute attribute);

// True for the start tags that end svg and math (HTML standard, section 13.2.6.5).
bool breaks_out_of_foreign(Element element);

}  // namespace trawl::web
