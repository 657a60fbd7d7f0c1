// Values are log-ins: they go only into a file that was asked for, and that nobody else can read.
#include "service/cli/cookies.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/web/headers/cookie_file.hpp"
#include "service/cli/command.hpp"
#include "service/files/crawl_files.hpp"
#include "service/run/say.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/cookie_table.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <memory>
#include <system_error>

namespace trawl::service::cli {
namespace {

constexpr std::string_view row = "{:<28} {:<16} {:<24} {:<20} {}\n";

std::string flags_of(const web::Cookie& cookie) {
  std::string flags = cookie.host_only ? "host" : "domain";
  if (cookie.secure) flags += ",secure";
  if (cookie.http_only) flags += ",httponly";
  return flags;
}

std::string file_of(const std::vector<web::Cookie>& cookies) {
  std::string text{web::cookie_file_heading};
  std::size_t left_out = 0;
  for (const web::Cookie& cookie : cookies) {
    if (const auto line = web::cookie_file_line(cookie))
      text += *line;
    else
      ++left_out;
  }
  if (left_out > 0)
    say("{} left out: a tab in it, which the format can't hold\n",
        left_out == 1 ? "one cookie is" : fmt::format("{} cookies are", left_out));
  return text;
}

void write_file(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    throw Failure(Errc::io,
                  fmt::format("can't write {}: {}", path, std::generic_category().message(errno)));
  const struct Close {
    int fd;
    ~Close() { ::close(fd); }
  } close{fd};
  struct stat facts{};
  if (::fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))
    ::fchmod(fd, 0600);  // also where it was there before
  DescriptorOutput out{fd};
  out.write(text);
  out.flush();
}

}  // namespace

std::string cookie_table(const std::vector<web::Cookie>& cookies) {
  std::string text = fmt::format(row, "DOMAIN", "PATH", "NAME", "EXPIRES", "FOR");
  for (const web::Cookie& cookie : cookies)
    fmt::format_to(std::back_inserter(text), row, printable(cookie.domain, 255),
                   printable(cookie.path, 255), printable(cookie.name, 255),
                   cookie.expires ? format_seconds(*cookie.expires) : "session", flags_of(cookie));
  return text;
}

ExitCode run_cookies(const CookiesOptions& options, Output& out) {
  storage::Db db = storage::open_results(options.folder);
  const auto cookies = storage::read_cookies(db);
  if (options.export_file.empty() && cookies.empty())
    say("{} keeps no cookies; a crawl keeps them with fetch.cookies = \"persist\"\n",
        options.folder);
  else if (options.export_file.empty())
    out.write(cookie_table(cookies));
  else if (options.export_file == "-")
    out.write(file_of(cookies));
  else {
    refuse_crawl_files(options.folder, options.export_file);
    write_file(options.export_file, file_of(cookies));
  }
  out.flush();
  return ExitCode::ok;
}

void add_cookies(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("cookies", "the cookies that a crawl keeps");
  const auto options = std::make_shared<CookiesOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command
      ->add_option("--export", options->export_file,
                   "write them with their values, as Netscape's cookies.txt; - is standard output")
      ->option_text("FILE");
  command->footer("A folder keeps cookies with fetch.cookies = \"persist\" alone.");
  command->callback([options, &invocation] {
    invocation.run = [options] {
      DescriptorOutput out{STDOUT_FILENO};
      return run_cookies(*options, out);
    };
  });
}

}  // namespace trawl::service::cli
