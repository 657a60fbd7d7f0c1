#pragma once
// What the commands that talk to a daemon share: --server, the token, and what its refusals mean to
// a user.

#include "service/cli/server_client.hpp"
#include "service/run/exit_code.hpp"

#include <CLI/App.hpp>

#include <string>
#include <string_view>

namespace trawl::service::cli {

struct RemoteOptions {
  std::string server = usual_server();

  void add_to(CLI::App& command);
  ServerClient client() const;  // with usual_token()
};

// "/api/v1/jobs/NAME", encoded.
std::string job_target(std::string_view name);

// Says why the daemon refused, every error of a job on a line of its own. submitted_as: the file
// that was sent, which the daemon doesn't know by its name.
ExitCode complain(const ServerClient& client, const ServerClient::Answer& answer,
                  const std::string& submitted_as = {});

}  // namespace trawl::service::cli
