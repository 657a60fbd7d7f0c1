// The job's setting picks the coding here, so that records are put together without knowing it.
#include "storage/warc/member.hpp"

#include "storage/warc/member_codings.hpp"

namespace trawl::storage {
namespace {

class PlainStream final : public MemberStream {
 public:
  void write(std::string_view piece, std::string& out) override { out.append(piece); }
  void finish(std::string&) override {}
};

}  // namespace

void append_member(std::string& out, const RecordFormat& format,
                   std::initializer_list<std::string_view> pieces) {
  switch (format.compression) {
    case crawl::WarcCompression::gzip:
      return append_gzip_member(out, format.level, pieces);
    case crawl::WarcCompression::zstd:
      return append_zstd_frame(out, format, pieces);
    case crawl::WarcCompression::none:
      break;
  }
  std::size_t bytes = out.size();
  for (const auto piece : pieces) bytes += piece.size();
  out.reserve(bytes);
  for (const auto piece : pieces) out.append(piece);
}

std::unique_ptr<MemberStream> MemberStream::create(const RecordFormat& format,
                                                   std::uint64_t bytes) {
  switch (format.compression) {
    case crawl::WarcCompression::gzip:
      return make_gzip_stream(format.level);
    case crawl::WarcCompression::zstd:
      return make_zstd_stream(format, bytes);
    case crawl::WarcCompression::none:
      break;
  }
  return std::make_unique<PlainStream>();
}

}  // namespace trawl::storage
