#pragma once
// Ticker: says every ten seconds how far a long command is.

#include <functional>
#include <string>
#include <thread>

namespace trawl::service {

class Ticker {
 public:
  // words(): a line without its end, called on a thread of the ticker's own until that is
  // destroyed.
  explicit Ticker(std::function<std::string()> words);

 private:
  std::function<std::string()> words_;
  std::jthread thread_;  // the last member: it reads the other
};

}  // namespace trawl::service
