// Prose by hand, commands and options from the tree: so the page can't lack an option, and its
// words about them are those of --help.
#include "service/cli/completion.hpp"

#include <fmt/format.h>

#include <iterator>

namespace trawl::service::cli {
namespace {

constexpr std::string_view opening = R"(.SH NAME
trawl \- a polite, crash\-proof web crawler and fetcher
.SH SYNOPSIS
.B trawl
.RI [ options ]
.I command
.RI [ arguments ]
.SH DESCRIPTION
.B trawl
fetches URLs as fast as politeness allows, follows links where a job's scope lets it, keeps one record
per URL in an SQLite database, and streams bodies to WARC archives or plain files.
It can be stopped at any instant, also by
.BR "kill \-9" ,
and continues where it was when it is run again with the same output folder.
.PP
Data goes to standard output, everything else to standard error.
On a terminal one live line shows how far it is; elsewhere a line is printed every ten seconds.
.PP
Only public addresses are fetched from. The key
.B fetch.allow_private_networks
of a job makes exceptions.
)";

constexpr std::string_view closing = R"(.SH EXIT STATUS
.TP
.B 0
finished
.TP
.B 1
internal error
.TP
.B 2
the command line is wrong
.TP
.B 3
the configuration is not valid
.TP
.B 4
the environment: disk full, no permission, port taken
.TP
.B 5
the output folder is in use by another process
.TP
.B 6
stored state is damaged
.TP
.B 10
interrupted; run it again to continue
.TP
.B 11
stopped by a limit of the job; raise it and run it again
.TP
.B 12
finished, or stopped by a limit, and the folder has what
.B \-\-fail\-on
names; or
.B trawl links \-\-broken
listed a link
.SH SIGNALS
.TP
.BR SIGINT ", " SIGTERM
The first starts no further fetches, finishes what is in flight within
.BR job.grace ,
commits and exits. The second gives up what is in flight at once; it stays queued.
.TP
.B SIGHUP
The daemon reads its configuration and its job files again. Other commands end as by SIGTERM, unless
under
.BR nohup (1).
.SH ENVIRONMENT
.TP
.BI TRAWL_ SECTION __ KEY
Sets a key of the job file, as
.B TRAWL_FETCH__CONCURRENCY=16
does; it stands between the file and
.BR \-\-set .
.TP
.B TRAWL_TOKEN
The token for commands that talk to a daemon; else the first line of the file
.BR TRAWL_TOKEN_FILE .
.TP
.B TRAWL_LISTEN
Where those commands look for the daemon without
.BR \-\-server ,
as it is a setting of the daemon too.
.TP
.B NO_COLOR
No colours.
.SH FILES
.TP
.I DIR/crawl.db
The records; anyone may read it while the job runs, with
.BR "sqlite3 \-readonly" .
.TP
.I DIR/warc/
Bodies as WARC archives.
.TP
.I DIR/files/
Bodies as plain files, with
.BR "output.bodies = \(dqfiles\(dq" .
.TP
.I /etc/trawl/trawl.toml
The configuration of the daemon as the Debian package installs it.
.TP
.I /etc/trawl/jobs/
Its job files.
.TP
.I /var/lib/trawl/
What its jobs keep.
.SH EXAMPLES
.TP
A site of its own, without a network:
.B trawl demo
.TP
A crawl of a site, a hundred pages of it:
.B trawl crawl https://example.org/ \-\-max\-pages 100
.TP
A list of files, continued where they break off:
.B trawl fetch \-i list.txt \-\-bodies files \-\-set fetch.timeout_total=6h
.TP
What came of it:
.B trawl results example.org \-\-status 404,5xx \-\-format csv
.SH SEE ALSO
.BR curl (1),
.BR wget2 (1),
.BR sqlite3 (1)
)";

// Text as it stands: no request of roff at a line's beginning, no hyphen where a minus is meant.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    line_begins = c == '\n';
    if (c == '-')
      out += "\\-";
    else if (c == '\\')
      out += "\\e";
    else
      out += c;
  }
  return out;
}

// "\fB\-o\fR, \fB\-\-output\fR \fIDIR\fR".
std::string heading_of(const OptionEntry& option) {
  std::string text;
  for (const std::string& name : option.names)
    text += fmt::format("{}\\fB{}\\fR", text.empty() ? "" : ", ", roff(name));
  if (!option.value_name.empty()) text += fmt::format(" \\fI{}\\fR", roff(option.value_name));
  return text;
}

std::string synopsis_of(const CommandEntry& command) {
  std::string text = fmt::format("\\fBtrawl {}\\fR", roff(command.path));
  if (!command.commands.empty()) return text + " \\fIcommand\\fR";
  text += " [\\fIoptions\\fR]";
  for (const OptionEntry& positional : command.positionals) {
    const std::string name = fmt::format("\\fI{}\\fR{}", roff(positional.names.front()),
                                         positional.repeated ? "\\|..." : "");
    text += positional.required ? " " + name : " [" + name + "]";
  }
  return text;
}

void append_options(std::string& page, const CommandEntry& command) {
  for (const OptionEntry& positional : command.positionals)
    fmt::format_to(std::back_inserter(page), ".TP\n\\fI{}\\fR\n{}\n",
                   roff(positional.names.front()), roff(positional.help));
  for (const OptionEntry& option : command.options)
    if (command.path.empty() || option.names.back() != "--help")
      fmt::format_to(std::back_inserter(page), ".TP\n{}\n{}\n", heading_of(option),
                     roff(option.help));
}

void append_command(std::string& page, const CommandEntry& command, const CommandEntry& root) {
  fmt::format_to(std::back_inserter(page), ".SS {}\n{}.\n", synopsis_of(command),
                 roff(command.help));
  append_options(page, command);
  // The program's footer is inherited by commands without one of their own.
  if (!command.footer.empty() && command.footer != root.footer)
    fmt::format_to(std::back_inserter(page), ".PP\n.nf\n{}\n.fi\n", roff(command.footer));
}

}  // namespace

std::string manual_page(const CommandEntry& root, std::string_view version) {
  std::string page = fmt::format(
      ".\\\" Made by `trawl man`.\n.TH TRAWL 1 2026-11-26 \"trawl {}\" \"User Commands\"\n",
      version);
  page += opening;
  page += ".SH OPTIONS\nThese stand before the command or behind it.\n";
  append_options(page, root);
  page += ".SH COMMANDS\n";
  for (const CommandEntry* command : all_commands(root))
    if (!command->path.empty()) append_command(page, *command, root);
  return page += closing;
}

}  // namespace trawl::service::cli
