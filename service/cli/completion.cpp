// `trawl completion SHELL` and the hidden `trawl man`: packages and users install what they print.
#include "service/cli/completion.hpp"

#include "config/key_paths.hpp"
#include "core/base/result.hpp"
#include "service/cli/command.hpp"
#include "service/cli/output.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <memory>

namespace trawl::service::cli {
namespace {

ExitCode print(const std::string& text) {
  DescriptorOutput out{STDOUT_FILENO};
  out.write(text);
  out.flush();
  return ExitCode::ok;
}

std::string completion_for(const std::string& shell, const CLI::App& app) {
  const CommandEntry root = command_tree(app);
  if (shell == "bash") return bash_completion(root, config::job_key_paths());
  if (shell == "zsh") return zsh_completion(root, config::job_key_paths());
  return fish_completion(root, config::job_key_paths());
}

}  // namespace

void add_completion(CLI::App& app, Invocation& invocation) {
  auto* completion =
      app.add_subcommand("completion", "print a script that completes trawl's words");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer(
      "bash:  trawl completion bash > /etc/bash_completion.d/trawl\n"
      "zsh:   trawl completion zsh > /usr/local/share/zsh/site-functions/_trawl\n"
      "fish:  trawl completion fish > ~/.config/fish/completions/trawl.fish");
  completion->callback([shell, &app, &invocation] {
    invocation.run = [shell, &app] { return print(completion_for(*shell, app)); };
  });
  auto* man = app.add_subcommand("man", "print the manual page")->group("");
  man->callback([&app, &invocation] {
    invocation.run = [&app] { return print(manual_page(command_tree(app), TRAWL_VERSION)); };
  });
}

}  // namespace trawl::service::cli
