// In groups, so that each stays a page; the test asks for every code that a record can have.
#include "service/explain/error_advice.hpp"

namespace trawl::service {
namespace {

ErrorAdvice network_advice(Errc code) {
  switch (code) {
    case Errc::dns:
      return {"the host's name has no address, or no name server answered",
              "Check the spelling of the name, and name resolution on this machine."};
    case Errc::dns_timeout:
      return {"name resolution took too long", "Raise fetch.timeout_dns, or try again later."};
    case Errc::connect_refused:
      return {"nobody listens at the address, or it can't be reached",
              "Check that the server runs and that the port is right."};
    case Errc::connect_timeout:
      return {"no connection was made in time",
              "Raise fetch.timeout_connect; a firewall may drop the packets."};
    case Errc::tls:
      return {"the TLS handshake failed",
              "The server may speak no protocol version or cipher of this machine's OpenSSL."};
    case Errc::tls_cert:
      return {
          "the server's certificate is not valid for it",
          "fetch.ca_file can name an authority to trust; fetch.tls_verify = false trusts anyone."};
    case Errc::first_byte_timeout:
      return {"connected, but no answer began in time", "Raise fetch.timeout_first_byte."};
    case Errc::total_timeout:
      return {"the fetch was not done in time", "Raise fetch.timeout_total."};
    case Errc::too_slow:
      return {"the answer came too slowly for too long", "Lower fetch.min_speed."};
    case Errc::reset:
      return {"the server closed the connection before a complete answer",
              "Overloaded servers do that: raise politeness.delay, lower fetch.concurrency."};
    case Errc::proxy:
      return {"the proxy refused or failed", "Check fetch.proxy and its credentials."};
    default:
      return {};
  }
}

ErrorAdvice answer_advice(Errc code) {
  switch (code) {
    case Errc::protocol:
      return {"the answer is no HTTP as the standards have it",
              "Another port or https may be meant; -vv shows more of the exchange."};
    case Errc::header_too_large:
      return {"the answer's header is larger than trawl keeps", ""};
    case Errc::body_truncated:
      return {"the body ended before its announced length", "What came is kept."};
    case Errc::decode:
      return {"the content coding is damaged or unknown",
              "With bodies = \"warc\", trawl cat --raw gives the body as it was received."};
    case Errc::checksum:
      return {"the body is not the one whose checksum the list names",
              "Check the checksum, or whether the server has a newer file."};
    case Errc::too_many_redirects:
      return {"more redirects in a row than allowed", "Raise fetch.max_redirects."};
    case Errc::redirect_loop:
      return {"a redirect to a URL that redirected here",
              "Sites that want a cookie do that; trawl sends none."};
    case Errc::redirect_bad:
      return {"the redirect leads to no URL that can be fetched", ""};
    case Errc::unavailable:
      return {"the server is overloaded or away, and the page of before is kept",
              "trawl crawl --retry-failed asks again; fetch.keep_pages = false takes the answer."};
    case Errc::sitemap:
      return {"it is no sitemap, or a damaged one",
              "What could be read of it was used; trawl inspect sitemap shows what that is."};
    default:
      return {};
  }
}

ErrorAdvice decision_advice(Errc code) {
  switch (code) {
    case Errc::bad_url:
      return {"it is no URL that can be fetched", "Correct it in the list of seeds."};
    case Errc::private_address:
      return {"its address is loopback, private or otherwise not public",
              "fetch.allow_private_networks names networks that may be fetched from."};
    case Errc::robots:
      return {"robots.txt disallows it",
              "Ask the site's owner; robots.policy = \"ignore\" is for sites of your own."};
    case Errc::robots_unreachable:
      return {"robots.txt could not be had, so nothing of its host is fetched",
              "Try again when the server answers for /robots.txt."};
    case Errc::scope:
      return {"it is outside the job's scope",
              "Widen scope.mode, scope.include or scope.exclude, or name it as a seed."};
    case Errc::depth:
      return {"it is more links away from a seed than allowed",
              "Name it as a seed, or raise scope.max_depth."};
    case Errc::limit:
      return {"a limit of the job was reached", "The limit can be raised."};
    case Errc::trap:
      return {"it looks like one of an endless space of generated pages",
              "urls.max_segment_repeats, urls.calendar_years and urls.pattern_budget decide what a "
              "trap is."};
    case Errc::meta_robots:
      return {"a meta robots or X-Robots-Tag asked not to",
              "robots.meta = false is for sites of your own."};
    case Errc::forgotten:
      return {"trawl forget took it out of the crawl",
              "trawl requeue DIR --error forgotten --url URL has it fetched again."};
    case Errc::hsts:
      return {"its host asks for https alone, so the https URL was asked instead",
              "fetch.hsts = false asks it all the same."};
    case Errc::cancelled:
      return {"the job was cancelled before it was done", "Run the job again."};
    default:
      return {};
  }
}

}  // namespace

ErrorAdvice advice_for(Errc code) {
  for (const auto& of_kind : {network_advice, answer_advice, decision_advice})
    if (const ErrorAdvice advice = of_kind(code); !advice.meaning.empty()) return advice;
  return {"trawl or its environment failed", "The log says more."};
}

}  // namespace trawl::service
