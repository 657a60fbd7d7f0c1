#pragma once
// A suite of cases that others wrote, counted for docs/conformance.md. The suite's row in that file
// is part of the test: when figures change, `./dev conformance` writes it anew.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace trawl::support {

class ConformanceSuite {
 public:
  // name: as it stands in the table. data: files under tests/conformance.
  ConformanceSuite(std::string name, std::string data);
  // Compares with the table, or adds a row to it when it is being written.
  ~ConformanceSuite();
  ConformanceSuite(const ConformanceSuite&) = delete;
  ConformanceSuite& operator=(const ConformanceSuite&) = delete;

  // One case. A wrong one fails the test unless its difference is explained.
  void expect(bool right, const std::string& test_case);
  // A case that can't or shouldn't pass, with the reason, before it is run; the same reason for
  // several cases makes one line. Such a case that passes all the same fails the test.
  void explain(const std::string& test_case, const std::string& reason);

  std::size_t cases() const { return cases_; }

 private:
  std::string row() const;
  std::string notes() const;
  void write(const std::string& folder) const;

  std::string name_, data_;
  std::size_t cases_ = 0, passed_ = 0;
  std::map<std::string, std::string> explained_;  // by case
  std::map<std::string, std::size_t> failed_;     // explained ones, by reason
};

}  // namespace trawl::support
