// [fetch], the part about how servers are reached and who trawl is to them. Secrets are in files of
// their own or in the environment; what is printed never has one.
#include "config/check.hpp"
#include "config/job.hpp"
#include "config/key.hpp"
#include "core/http/client/transport_options.hpp"
#include "core/http/message/credentials.hpp"

namespace trawl::config {
namespace {

using crawl::FetchSpec;
using crawl::JobSpec;
using crawl::NetworkSpec;

std::string check_file(std::string& text) {
  return text.find('\0') == std::string::npos ? check_text(text) : "a file's path";
}

std::string check_server(std::string& text) {
  return http::ServerPattern::parse(text) ? check_text(text)
                                          : "a host like \"example.org\" or \"https://host:8443\"";
}

// "off" or a URL, whose password stays off the screen.
struct ProxyUrl {
  void read(const toml::node& node, std::string& out, Problems& problems) const {
    const auto text = text_of(node);
    if (text && (*text == "off" || http::Proxy::parse(*text))) {
      out = *text;
      return;
    }
    mismatch(
        problems, node,
        "\"off\" or a proxy like \"http://proxy.example:3128\" (http, https, socks5, socks5h)");
  }
  std::string print(const std::string& value) const { return toml_string(hide_password(value)); }
};

// Only where libcurl was built for it is "3" a version.
struct Version {
  Choice<http::HttpVersion> choice{{{"auto", http::HttpVersion::automatic},
                                    {"1.1", http::HttpVersion::http1_1},
                                    {"2", http::HttpVersion::http2},
                                    {"3", http::HttpVersion::http3}},
                                   {}};

  void read(const toml::node& node, http::HttpVersion& out, Problems& problems) const {
    if (text_of(node) != "3" || http::has_http3()) return choice.read(node, out, problems);
    problems.push_back(
        {{},
         node.source().begin,
         fmt::format(
             "\"3\" needs a libcurl with HTTP/3, and this is {} without; \"auto\" takes the "
             "newest version that both sides have",
             http::curl_name())});
  }
  std::string print(http::HttpVersion value) const { return choice.print(value); }
};

template <class Codec, class Member>
Key network_key(std::string_view path, std::string_view doc, const Codec& codec, Member member) {
  return make_key(path, doc, codec, &JobSpec::fetch, &FetchSpec::network, member);
}

void add_proxy_keys(std::vector<Key>& keys) {
  keys.push_back(network_key(
      "fetch.proxy",
      "Everything goes through this proxy: `\"http://host:port\"`, or with `https`, `socks5` "
      "(names "
      "are resolved here) or `socks5h` (by the proxy). The environment's `http_proxy` is ignored.",
      ProxyUrl{}, &NetworkSpec::proxy));
  keys.push_back(network_key("fetch.proxy_credentials_file",
                             "A file with `user:password` for the proxy in its first line.",
                             Text{check_file}, &NetworkSpec::proxy_credentials_file));
}

void add_auth_keys(std::vector<Key>& keys) {
  using crawl::AuthScheme;
  keys.push_back(network_key(
      "fetch.auth",
      "Authorization sent to `fetch.auth_hosts` without being asked: `\"basic\"`, `\"bearer\"` or "
      "`\"off\"`.",
      Choice<AuthScheme>{
          {{"off", AuthScheme::off}, {"basic", AuthScheme::basic}, {"bearer", AuthScheme::bearer}},
          {}},
      &NetworkSpec::auth));
  keys.push_back(
      network_key("fetch.auth_file",
                  "A file with `user:password` (basic) or the token (bearer) in its first line.",
                  Text{check_file}, &NetworkSpec::auth_file));
  keys.push_back(network_key(
      "fetch.auth_hosts",
      "The only servers that get credentials: `\"example.org\"`, `\"example.org:8443\"`, "
      "`\"https://example.org\"`. Empty: the origins of the seeds in `seeds.urls` and "
      "`seeds.sitemaps`.",
      TextList{check_server}, &NetworkSpec::auth_hosts));
  keys.push_back(
      network_key("fetch.netrc_file",
                  "A netrc file with user names and passwords of machines; its `default` "
                  "is not used.",
                  Text{check_file}, &NetworkSpec::netrc_file));
}

}  // namespace

Key http_version_key() {
  return make_key(
      "fetch.http",
      "The HTTP version: `\"auto\"`, `\"1.1\"`, `\"2\"`, or `\"3\"` where libcurl has it.",
      Version{}, &JobSpec::fetch, &FetchSpec::http);
}

void add_network_keys(std::vector<Key>& keys) {
  keys.push_back(network_key("fetch.ca_file",
                             "Whom to trust for `https`: `\"system\"` or a file of certificates in "
                             "PEM form, which then are the only ones.",
                             Text{check_file}, &NetworkSpec::ca_file));
  keys.push_back(network_key("fetch.client_cert_file",
                             "A certificate in PEM form for servers that ask for one.",
                             Text{check_file}, &NetworkSpec::client_cert_file));
  keys.push_back(network_key(
      "fetch.client_key_file",
      "Its private key in PEM form, without a passphrase; empty: it is in the same file.",
      Text{check_file}, &NetworkSpec::client_key_file));
  add_proxy_keys(keys);
  add_auth_keys(keys);
}

}  // namespace trawl::config
