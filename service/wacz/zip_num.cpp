// A line of the index names the first capture of its member: its key and time, what stands before
// the JSON.
#include "service/wacz/zip_num.hpp"

#include "core/web/digest.hpp"
#include "service/text/json_writer.hpp"
#include "storage/warc/member.hpp"

#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t lines_per_member = 1024;
constexpr std::size_t member_bytes = 1 << 20;  // a URL, as a server names it, may be long

std::string_view before_json(std::string_view line) {
  return line.substr(0, line.find(" {"));
}

}  // namespace

ZipNum::ZipNum(std::string file, std::function<void(std::string_view)> data)
    : file_(std::move(file)), data_(std::move(data)), index_("!meta 0 ") {
  JsonWriter json{index_};
  json.begin_object().key("format").text("cdxj-gzip-1.0").key("filename").text(file_).end_object();
  index_ += '\n';
}

void ZipNum::add(std::string_view line) {
  if (count_ == 0) first_key_ = before_json(line);
  lines_ += line;
  if (++count_ == lines_per_member || lines_.size() >= member_bytes) end_member();
}

std::string ZipNum::finish() {
  if (count_ > 0) end_member();
  return std::move(index_);
}

void ZipNum::end_member() {
  std::string member;
  storage::append_member(member, {}, {lines_});
  data_(member);
  index_ += first_key_ + ' ';
  JsonWriter json{index_};
  json.begin_object().key("offset").count(offset_).key("length").count(member.size());
  json.key("digest").text("sha256:" + web::sha256_hex(member)).end_object();
  index_ += '\n';
  offset_ += member.size();
  lines_.clear();
  count_ = 0;
}

}  // namespace trawl::service
