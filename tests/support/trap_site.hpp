#pragma once
// A site with an endless space of generated pages beside a number of good ones, on a
// LoopbackServer.

#include "tests/support/loopback_server.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::support {

enum class Trap {
  calendar,      // each day links to the next and the one before
  session_ids,   // every link of a shop has a new session in it
  facets,        // lists of the same things by any combination of filters
  growing_path,  // each page links to folders below itself
  text_maze,     // words of a dictionary, shaken, with links to more of it
  soft_404,      // one body for any name, with a few names on it
  echo_404,      // the same, and it names what was asked for, which nobody ever named
};

std::string_view to_string(Trap trap);

// The good pages are a chain with a link into the trap on each; the trap leads back to the first.
class TrapSite {
 public:
  explicit TrapSite(Trap trap, int good_pages = 40);

  LoopbackServer& server() { return server_; }
  std::vector<std::string> good_urls() const;
  // Requests for pages of the trap.
  std::size_t trapped() const;

 private:
  Reply answer(const SeenRequest& request) const;
  Reply trap_page(const SeenRequest& request) const;

  Trap trap_;
  int good_pages_;
  LoopbackServer server_;  // the last: its thread uses the others
};

}  // namespace trawl::support
