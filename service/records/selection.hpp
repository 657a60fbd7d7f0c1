#pragma once
// Selection: what is taken out of each page of a crawl, by name: the price, the author.

#include "core/base/result.hpp"
#include "core/web/select/page_query.hpp"
#include "service/records/worker_process.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

class Selection {
 public:
  static constexpr std::size_t queries_max = 100;
  // A tree takes ten to seventy times as much.
  static constexpr std::size_t page_bytes_max = 8 * 1024 * 1024;
  static constexpr std::chrono::seconds page_time_max{10};  // of processor time, for all queries

  // "NAME=EXPRESSION" each: a CSS selector, or XPath when it begins with "/", "(", "./" or
  // "xpath:". Throws Failure{usage}: what is wrong, with which, and where.
  explicit Selection(const std::vector<std::string>& wanted);

  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;

  bool empty() const { return queries_.empty(); }
  const std::vector<std::string>& names() const { return names_; }

  using Values = std::vector<std::string>;
  // html: UTF-8. What each finds, in the order of names(). Errors say which could not be answered.
  // Reads pages in a process of its own, one at a time.
  Result<std::vector<Values>> read(std::string_view html) const;

 private:
  // A Result<std::vector<Values>>, as bytes.
  std::string work(std::string_view html) const;

  std::vector<std::string> names_;
  std::vector<web::PageQuery> queries_;
  std::unique_ptr<WorkerProcess> worker_;
};

}  // namespace trawl::service
