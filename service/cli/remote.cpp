// `trawl submit`, `pause`, `resume`, `cancel`, `run-now`: one request each.
#include "service/cli/remote.hpp"

#include "config/job.hpp"
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "service/cli/command.hpp"
#include "service/run/say.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t text_shown_bytes_max = 500;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_string()) return {};
  return std::string{value->get_string().c_str()};
}

int number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_int64() ? static_cast<int>(value->get_int64()) : 0;
}

// The problem+json of an answer; empty when it is something else.
json::object problem_of(const std::string& body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  return error || !value.is_object() ? json::object{} : value.get_object();
}

std::string server_option(const ServerClient& client) {
  return client.server() == usual_server() ? "" : " --server " + client.server();
}

std::string read_file(const std::string& path) {
  if (path == "-") {
    std::string text;
    std::array<char, 4096> piece{};
    for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), stdin)) > 0;)
      text.append(piece.data(), n);
    return text;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw Failure(Errc::not_found, fmt::format("{} is a folder; expected a job file", path));
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw Failure(Errc::not_found, fmt::format("can't open {}: {}", path, std::strerror(errno)));
  return {std::istreambuf_iterator<char>{file}, {}};
}

// What to do about it, where the daemon's sentence doesn't say.
std::string hint_for(const ServerClient& client, unsigned status, std::string_view detail) {
  if (status == 404 && detail.contains("no job named"))
    return fmt::format("; `trawl status{}` lists the jobs", server_option(client));
  if (status == 409 && detail.contains("already"))
    return "; submit it with another --name, or trawl remove that one first";
  return {};
}

struct SubmitOptions {
  RemoteOptions remote;
  std::string file;
  std::string name;
};

// What the daemon says of a job that has no name: the only error, and of no place in the text.
bool lacks_name(const ServerClient::Answer& answer) {
  if (answer.status != 422) return false;
  const auto problem = problem_of(answer.body);
  const json::value* errors = problem.if_contains("errors");
  if (errors == nullptr || !errors->is_array() || errors->get_array().size() != 1) return false;
  const json::value& error = errors->get_array().front();
  return error.is_object() && text_of(error.get_object(), "key") == "job.name" &&
         number_of(error.get_object(), "line") == 0;
}

ServerClient::Answer submit_as(ServerClient& client, const std::string& name,
                               const std::string& file, std::string text) {
  std::string target = "/api/v1/jobs";
  // No TOML begins with a brace.
  const auto first = file == "-" ? text.find_first_not_of(" \t\r\n") : text.npos;
  const bool is_json = file.ends_with(".json") || (first != text.npos && text[first] == '{');
  if (!name.empty()) target += "?name=" + encode_segment(name);
  return client.send({.method = "POST",
                      .target = std::move(target),
                      .body = std::move(text),
                      .content_type = is_json ? "application/json" : "application/toml"});
}

ExitCode submit(const SubmitOptions& options) {
  auto client = options.remote.client();
  const std::string text = read_file(options.file);
  auto answer = submit_as(client, options.name, options.file, text);
  // As in jobs_dir, a job without a name is called as its file.
  if (const auto stem = std::filesystem::path{options.file}.stem().string();
      options.name.empty() && options.file != "-" && lacks_name(answer))
    answer = submit_as(client, config::job_name_from(stem), options.file, text);
  if (!answer.ok()) return complain(client, answer, options.file);
  const auto job = problem_of(answer.body);
  say("submitted: {} ({})\n", text_of(job, "name"), text_of(job, "state"));
  return ExitCode::ok;
}

struct SteerOptions {
  RemoteOptions remote;
  std::string name;
};

ExitCode steer(const SteerOptions& options, std::string_view verb) {
  auto client = options.remote.client();
  const auto answer = client.send(
      {.method = "POST", .target = fmt::format("{}/{}", job_target(options.name), verb)});
  if (!answer.ok()) return complain(client, answer);
  say("{}: {}\n", options.name, text_of(problem_of(answer.body), "state"));
  return ExitCode::ok;
}

void add_steer(CLI::App& app, Invocation& invocation, const std::string& name,
               const std::string& verb, const std::string& help) {
  auto* command = app.add_subcommand(name, help);
  const auto options = std::make_shared<SteerOptions>();
  command->add_option("NAME", options->name, "the job's name")->required();
  options->remote.add_to(*command);
  command->callback([options, verb, &invocation] {
    invocation.run = [options, verb] { return steer(*options, verb); };
  });
}

ExitCode remove_job(const SteerOptions& options, bool with_data) {
  auto client = options.remote.client();
  const auto answer = client.send({.method = "DELETE",
                                   .target = fmt::format("{}?data={}", job_target(options.name),
                                                         with_data ? "delete" : "keep")});
  if (!answer.ok()) return complain(client, answer);
  say("{}: removed{}\n", options.name, with_data ? ", with its data" : "; its data are kept");
  return ExitCode::ok;
}

void add_remove(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("remove", "remove a job that was submitted to a daemon");
  const auto options = std::make_shared<SteerOptions>();
  const auto with_data = std::make_shared<bool>(false);
  command->add_option("NAME", options->name, "the job's name")->required();
  command->add_flag("--with-data", *with_data, "and its output folder");
  options->remote.add_to(*command);
  command->callback([options, with_data, &invocation] {
    invocation.run = [options, with_data] { return remove_job(*options, *with_data); };
  });
}

}  // namespace

void RemoteOptions::add_to(CLI::App& command) {
  command
      .add_option("--server", server,
                  "the daemon's address, http://HOST:PORT or HOST:PORT; its token is in "
                  "TRAWL_TOKEN, or the file TRAWL_TOKEN_FILE")
      ->capture_default_str()
      ->option_text("URL");
}

ServerClient RemoteOptions::client() const {
  return {server, usual_token()};
}

std::string job_target(std::string_view name) {
  return "/api/v1/jobs/" + encode_segment(name);
}

ExitCode complain(const ServerClient& client, const ServerClient::Answer& answer,
                  const std::string& submitted_as) {
  const auto problem = problem_of(answer.body);
  if (answer.status == 401) {
    say("trawl: {} wants {}\n", client.server(),
        client.has_token()
            ? "another token than the one in TRAWL_TOKEN (or the file TRAWL_TOKEN_FILE); the "
              "daemon's is in the token_file of its trawl.toml"
            : "a token: put the one of the daemon's token_file into TRAWL_TOKEN, or its name into "
              "TRAWL_TOKEN_FILE");
    return ExitCode::environment;
  }
  const json::value* errors = problem.if_contains("errors");
  if (errors != nullptr && errors->is_array()) {
    for (const json::value& each : errors->get_array()) {
      if (!each.is_object()) continue;
      const auto& error = each.get_object();
      std::string file = text_of(error, "file");
      if (file == "submitted" && !submitted_as.empty()) file = submitted_as;
      if (file == "name" && !submitted_as.empty()) file = "--name";
      say("{}\n", config::format_error({.file = std::move(file),
                                        .line = number_of(error, "line"),
                                        .column = number_of(error, "column"),
                                        .key = text_of(error, "key"),
                                        .message = text_of(error, "message")}));
    }
  } else {
    const std::string detail = text_of(problem, "detail");
    say("trawl: {} answered {}: {}{}\n", client.server(), answer.status,
        detail.empty() ? "is that a trawl daemon? (--server URL)"
                       : printable(detail, text_shown_bytes_max),
        hint_for(client, answer.status, detail));
  }
  switch (answer.status) {
    case 403:
    case 422:
      return ExitCode::config;
    case 400:
    case 404:
    case 409:
      return ExitCode::usage;
    default:
      return ExitCode::environment;
  }
}

void add_submit(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("submit", "give a job file to a daemon");
  const auto options = std::make_shared<SubmitOptions>();
  command
      ->add_option("JOB.toml", options->file, "the job file, in TOML or JSON (.json); - is stdin")
      ->required();
  command->add_option("--name", options->name, "the job's name, instead of job.name or the file's")
      ->option_text("NAME");
  options->remote.add_to(*command);
  command->callback(
      [options, &invocation] { invocation.run = [options] { return submit(*options); }; });
}

void add_steering(CLI::App& app, Invocation& invocation) {
  add_steer(app, invocation, "pause", "pause", "let a daemon's job start no fetches");
  add_steer(app, invocation, "resume", "resume", "let a paused or stopped job go on");
  add_steer(app, invocation, "cancel", "cancel", "stop a daemon's job");
  add_steer(app, invocation, "run-now", "run", "run a daemon's job at once");
  add_remove(app, invocation);
}

}  // namespace trawl::service::cli
