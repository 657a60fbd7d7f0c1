// The labels are facts of the Encoding standard (section 4.2, table "names and labels").

#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/content.hpp"

#include <algorithm>
#include <array>

namespace trawl::web {
namespace {

struct EncodingLabels {
  std::string_view name;
  std::string_view labels;  // separated by a space
};

constexpr EncodingLabels encodings[] = {
#include "core/web/charset/charset_labels.inc"
};

}  // namespace

std::string_view encoding_name(std::string_view label) {
  const std::string_view wanted = ascii::trim(label);
  if (wanted.empty()) return {};  // most headers name none
  for (const EncodingLabels& encoding : encodings) {
    std::string_view labels = encoding.labels;
    for (auto known = ascii::next_token(labels); !known.empty();
         known = ascii::next_token(labels)) {
      if (ascii::equals(known, wanted)) return encoding.name;
    }
  }
  return {};
}

std::string charset_for_label(std::string_view label) {
  return std::string(encoding_name(label));
}

}  // namespace trawl::web
