// In this order: is it addressed to us, may they ask, is there such a thing, is it well-formed. So
// that nobody learns about jobs who may not.
#include "service/control/judge.hpp"

#include "core/base/log.hpp"
#include "service/control/guard.hpp"
#include "service/control/problem.hpp"
#include "service/control/services.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace trawl::service::control {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

struct Target {
  std::string_view authority;  // of an absolute target; it stands for Host then
  std::string_view path;
  std::string_view query;
};

std::optional<Target> split_target(std::string_view text) {
  Target target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    target.authority = text.substr(0, end);
    text.remove_prefix(end);
    if (text.empty()) text = "/";
  }
  if (!text.starts_with('/')) return std::nullopt;
  const std::size_t question = std::min(text.find('?'), text.size());
  target.path = text.substr(0, question);
  target.query = text.substr(std::min(question + 1, text.size()));
  return target;
}

std::string media_type(std::string_view field) {
  std::string type{field.substr(0, field.find(';'))};
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return type;
}

std::vector<std::string_view> words(std::string_view list) {
  std::vector<std::string_view> found;
  for (const auto word : std::views::split(list, ' '))
    if (!word.empty()) found.emplace_back(word.begin(), word.end());
  return found;
}

Reply unauthorised(const GuardVerdict verdict, std::string_view host) {
  switch (verdict) {
    case GuardVerdict::wrong_host:
      return problem(421, fmt::format("\"{}\" is not a name of this daemon: use an address or "
                                      "localhost, or add it to `hosts` in trawl.toml",
                                      printable(host, 128)));
    case GuardVerdict::foreign_page:
      return problem(403, "pages of other sites may not use this daemon");
    default:
      break;
  }
  Reply reply = problem(401,
                        "expected the header \"Authorization: Bearer TOKEN\" with the token "
                        "of token_file in trawl.toml");
  reply.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"trawl\"");
  return reply;
}

std::optional<Reply> check_media(const Route& route, const std::string& type, bool said,
                                 bool has_body) {
  if (!has_body) return std::nullopt;
  // Nothing is read for whoever has shown no token.
  if (route.access == Access::open) return problem(413, "this path takes no body");
  const auto allowed = words(route.media.empty() ? "application/json" : route.media);
  if (std::ranges::find(allowed, said ? std::string_view{type} : "-") != allowed.end())
    return std::nullopt;
  std::string list;
  for (const auto word : allowed)
    if (word != "-") list += fmt::format("{}{}", list.empty() ? "" : ", ", word);
  Reply reply = problem(415, fmt::format("Content-Type: expected {}", list));
  reply.fields.emplace_back("Accept", list);
  return reply;
}

bool is_coded(const RequestHead& head) {
  const auto [first, last] = head.equal_range(http::field::content_encoding);
  return std::any_of(first, last, [](const auto& field) {
    return !field.value().empty() && !boost::beast::iequals(field.value(), "identity");
  });
}

GuardVerdict judge_claims(const Services& services, const RequestHead& head, const Target& target,
                          const Route* route) {
  const auto hosts = head.equal_range(http::field::host);
  const bool one_host = std::distance(hosts.first, hosts.second) == 1;
  std::string_view host = view(head[http::field::host]);
  if (!target.authority.empty()) host = target.authority;
  const bool missing =
      head.version() < 11 && hosts.first == hosts.second && target.authority.empty();
  if (!missing && !one_host) return GuardVerdict::wrong_host;
  const bool reads = head.method() == http::verb::get || head.method() == http::verb::head;
  const Claims claims{.host_missing = missing,
                      .host = host,
                      .origin = view(head[http::field::origin]),
                      .fetch_site = view(head["Sec-Fetch-Site"]),
                      .authorization = view(head[http::field::authorization]),
                      .changes_state = !reads,
                      .is_page = route != nullptr && route->access == Access::open};
  const bool open = route != nullptr && route->access == Access::open;
  return judge(claims, services.parts.names,
               open ? std::string_view{} : std::string_view{services.parts.token});
}

std::optional<Reply> check_match(const Match& match, std::string_view method) {
  if (match.allow.empty())
    return problem(404, "there is no such path; docs/api.md and docs/openapi.yaml list them");
  if (match.route != nullptr) return std::nullopt;
  Reply reply = problem(
      405, fmt::format("{} is not possible here; {} is", printable(method, 32), match.allow));
  reply.fields.emplace_back("Allow", match.allow);
  return reply;
}

}  // namespace

Judged judge_head(const Services& services, const RequestHead& head, bool has_body) {
  Judged judged;
  const auto refuse = [&](Reply reply) {
    judged.refusal = std::move(reply);
    return std::move(judged);
  };
  const std::string_view method = view(head.method_string());
  const auto target = split_target(view(head.target()));
  if (!target) return refuse(problem(400, "the target is no path"));
  if (head.version() >= 11 && head.count(http::field::host) != 1)  // RFC 9112 3.2
    return refuse(problem(400, "expected one Host header"));
  const Match match = find_route(method, target->path);
  const auto verdict = judge_claims(services, head, *target, match.route);
  if (verdict != GuardVerdict::pass)
    return refuse(unauthorised(
        verdict, target->authority.empty() ? view(head[http::field::host]) : target->authority));
  if (auto refusal = check_match(match, method)) return refuse(std::move(*refusal));
  const Route& route = *match.route;
  judged.route = &route;
  judged.request.job = match.job;
  auto path = decode_percent(target->path, false);
  if (!path) return refuse(problem(path.error()));
  judged.request.path = std::move(*path);
  auto query = QueryString::parse(target->query);
  if (!query) return refuse(problem(query.error()));
  const auto names = words(route.parameters);
  const bool is_file = route.access == Access::open;  // pages may be told apart by anything
  if (const auto allowed = query->allow_only(names); !allowed && !is_file)
    return refuse(problem(allowed.error()));
  judged.request.query = std::move(*query);
  judged.request.content_type = media_type(view(head[http::field::content_type]));
  judged.request.if_none_match = view(head[http::field::if_none_match]);
  const bool said = head.count(http::field::content_type) > 0;
  if (auto refusal = check_media(route, judged.request.content_type, said, has_body))
    return refuse(std::move(*refusal));
  if (has_body && is_coded(head)) {
    Reply reply = problem(415, "Content-Encoding: expected none");  // RFC 9110 15.5.16
    reply.fields.emplace_back("Accept-Encoding", "identity");
    return refuse(std::move(reply));
  }
  return judged;
}

std::optional<Reply> judge_failure(const boost::system::error_code& error, bool timed_out) {
  // Nobody is left to tell, or nothing was asked.
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  if (timed_out) return problem(408, "the request took too long to come");
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return problem(431, fmt::format("the head is over {} bytes", bounds::head_bytes_max));
  if (error == http::error::body_limit)
    return problem(413, fmt::format("the body is over {} bytes", bounds::body_bytes_max));
  if (error == http::error::bad_version) return problem(505, "expected HTTP/1.1");
  if (error.category() == make_error_code(http::error::bad_method).category())
    return problem(400, fmt::format("this is no HTTP request: {}", error.message()));
  return std::nullopt;
}

}  // namespace trawl::service::control
