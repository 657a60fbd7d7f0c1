#pragma once
// How a glob on URLs is spelled where URLs are in their canonical form: the host in lower case and
// addresses as the URL standard writes them, no default port, and the escapes of docs/urls.md.
// Pure; linear in the glob.

#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// A glob by the parts of a URL, so that no `*` of the host reaches into the path.
struct HostGlob {
  std::string_view scheme;  // "http", "https"
  std::string host;
  std::string port;  // empty: the scheme's default, which URLs leave out
  std::string rest;  // from the slash on

  bool matches(std::string_view url) const;
};

// What a glob stands for besides itself. Each is empty where URLs have no other spelling of it.
struct GlobForms {
  std::vector<std::string> globs;  // on the whole URL
  std::vector<HostGlob> hosts;     // of those with wildcards in the host

  bool empty() const { return globs.empty() && hosts.empty(); }
  bool matches(std::string_view url) const;
};

// glob: in ASCII. Only what the glob says behind its "://" is taken for a host.
GlobForms canonical_forms(std::string_view glob);

// Why the glob matches no URL that a crawl knows, and what to write in its place; empty where it
// may match one. For a text that UrlPattern::create() takes.
std::string why_never(std::string_view glob);

}  // namespace trawl::crawl
