// [fetch], the part about names: who is asked for addresses.
#include "config/check.hpp"
#include "config/key.hpp"

namespace trawl::config {

using crawl::FetchSpec;
using crawl::JobSpec;

void add_dns_keys(std::vector<Key>& keys) {
  keys.push_back(
      make_key("fetch.resolver",
               "Name servers to ask instead of the system's, in order: addresses, with a "
               "port after a colon where it isn't 53.",
               TextList{check_name_server}, &JobSpec::fetch, &FetchSpec::resolver));
  keys.push_back(
      make_key("fetch.hosts_file",
               "Names that are known without asking: `\"system\"` (/etc/hosts), a file's "
               "path, or `\"off\"`.",
               Text{check_not_empty}, &JobSpec::fetch, &FetchSpec::hosts_file));
}

}  // namespace trawl::config
