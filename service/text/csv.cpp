// Spaces at the ends are quoted too: some readers drop them otherwise.
#include "service/text/csv.hpp"

#include "core/web/utf8.hpp"

namespace trawl::service {

void append_csv_field(std::string& out, std::string_view value) {
  const auto append = [&out](std::string_view text) { web::utf8::append_repaired(out, text); };
  if (value.find_first_of(",\"\r\n") == value.npos && !value.starts_with(' ') &&
      !value.ends_with(' '))
    return append(value);
  out += '"';
  for (std::size_t quote = value.find('"'); quote != value.npos; quote = value.find('"')) {
    append(value.substr(0, quote + 1));
    out += '"';
    value.remove_prefix(quote + 1);
  }
  append(value);
  out += '"';
}

}  // namespace trawl::service
