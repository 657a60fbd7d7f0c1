#pragma once
// ZipFile: a ZIP file, written member by member in constant memory, of any size (ZIP64).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace trawl::service {

struct ZipMember {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;  // hex, of what was written and not of what it was compressed to
};

class ZipFile {
 public:
  // The file is there; what it holds is written over. Every call throws Failure{io, disk_full}.
  explicit ZipFile(const std::filesystem::path& path);
  ~ZipFile();  // without finish() what is there is no ZIP file
  ZipFile(const ZipFile&) = delete;
  ZipFile& operator=(const ZipFile&) = delete;

  // compress: by "deflate"; else the bytes stand in the file as they are. bytes: how many will be
  // written.
  void begin(const std::string& name, bool compress, std::uint64_t bytes);
  void write(std::string_view bytes);
  ZipMember end();
  // Durable when it returns.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trawl::service
