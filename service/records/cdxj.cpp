// github.com/webrecorder/pywb/wiki/CDX-Index-Format names the fields.
#include "service/records/cdxj.hpp"

#include "service/text/json_writer.hpp"

#include <fmt/format.h>

namespace trawl::service {

std::string cdxj_line(const storage::CdxEntry& entry, std::string_view file_name) {
  std::string line = fmt::format("{} {} ", entry.key, entry.timestamp);
  JsonWriter json{line};
  const auto field = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) json.key(name).text(value);
  };
  json.begin_object();
  field("url", entry.url);
  field("mime", entry.mime);
  field("status", entry.status);
  field("digest", entry.digest);
  field("length", std::to_string(entry.length));
  field("offset", std::to_string(entry.offset));
  field("filename", file_name);
  json.end_object();
  return line;
}

}  // namespace trawl::service
