#pragma once
// The codings behind member.hpp; nobody else includes this.

#include "storage/warc/member.hpp"

namespace trawl::storage {

void append_gzip_member(std::string& out, crawl::WarcLevel level,
                        std::initializer_list<std::string_view> pieces);
std::unique_ptr<MemberStream> make_gzip_stream(crawl::WarcLevel level);

void append_zstd_frame(std::string& out, const RecordFormat& format,
                       std::initializer_list<std::string_view> pieces);
std::unique_ptr<MemberStream> make_zstd_stream(const RecordFormat& format, std::uint64_t bytes);

}  // namespace trawl::storage
