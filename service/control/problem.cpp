// One shape for every error, so that programs and the dashboard need to know one.
#include "service/control/problem.hpp"

#include "core/web/ascii.hpp"
#include "service/text/json_writer.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <span>
#include <string>

namespace trawl::service::control {
namespace {

unsigned status_of(Refusal why) {
  switch (why) {
    case Refusal::not_found:
      return 404;
    case Refusal::exists:
    case Refusal::wrong_state:
    case Refusal::busy:
    case Refusal::output_used:
    case Refusal::has_file:
      return 409;
    case Refusal::invalid:
      return 422;
    case Refusal::forbidden:
      return 403;
    case Refusal::unavailable:
      return 503;
  }
  return 500;
}

std::string_view code_of(Refusal why) {
  switch (why) {
    case Refusal::not_found:
      return "no_such_job";
    case Refusal::exists:
      return "job_exists";
    case Refusal::wrong_state:
      return "wrong_state";
    case Refusal::busy:
      return "job_busy";
    case Refusal::output_used:
      return "output_used";
    case Refusal::has_file:
      return "job_has_file";
    case Refusal::invalid:
      return "invalid_settings";
    case Refusal::forbidden:
      return "forbidden";
    case Refusal::unavailable:
      return "unavailable";
  }
  return "internal";
}

// "not_found", of who has nothing more to say.
std::string code_of(unsigned status) {
  std::string code = web::ascii::lowered(title_of(status));
  std::ranges::replace_if(code, [](char c) { return !web::ascii::is_alnum(c); }, '_');
  return code;
}

void add_error(JsonWriter& json, const config::ConfigError& error) {
  json.begin_object().key("file").text(error.file);
  json.key("line").integer(error.line).key("column").integer(error.column);
  json.key("key").text(error.key).key("message").text(error.message).end_object();
}

Reply make_problem(unsigned status, std::string_view code, std::string_view detail,
                   std::span<const config::ConfigError> errors) {
  Reply reply{.status = status, .content_type = "application/problem+json"};
  JsonWriter json{reply.body};
  json.begin_object().key("type").text("about:blank").key("title").text(title_of(status));
  json.key("status").integer(status).key("code").text(code).key("detail").text(detail);
  if (!errors.empty()) {
    json.key("errors").begin_array();
    for (const auto& error : errors) add_error(json, error);
    json.end_array();
  }
  json.end_object();
  if (status == 503) reply.fields.emplace_back("Retry-After", "1");
  return reply;
}

}  // namespace

std::string_view title_of(unsigned status) {
  if (status == 421) return "Misdirected Request";
  const auto title =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {title.data(), title.size()};
}

Reply problem(unsigned status, std::string_view detail) {
  return make_problem(status, code_of(status), detail, {});
}

Reply problem(const Refused& refused) {
  return make_problem(status_of(refused.why), code_of(refused.why), refused.detail, refused.errors);
}

Reply problem(const Error& error) {
  switch (error.code) {
    case Errc::usage:
    case Errc::bad_url:
    case Errc::config:
      return problem(400, error.detail);
    case Errc::not_found:
      return problem(404, error.detail);
    case Errc::limit_exceeded:
      return problem(413, error.detail);
    case Errc::in_use:
      return problem(503, error.detail);
    default:
      return problem(500, error.detail);
  }
}

}  // namespace trawl::service::control
