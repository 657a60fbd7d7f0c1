// The program; everything is in the command line's own folder.
#include "service/cli/command.hpp"
#include "service/run/init_process.hpp"

int main(int argc, char** argv) {
  return trawl::service::run_as_init(
      [argc, argv] { return trawl::service::cli::run_command_line(argc, argv); });
}
