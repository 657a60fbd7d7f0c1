#pragma once
// What a text must be to stand in a job. Each check returns what it expected, or an empty text when
// all is well; some write the text's normal form back.

#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::config {

// No control characters, valid UTF-8.
std::string check_text(std::string& text);
std::string check_not_empty(std::string& text);
// Letters, digits, - and _, at most 64: it becomes part of file names and API paths.
std::string check_name(std::string& text);
// Printable ASCII, so that it can stand in a header; of placeholders only {version} and {contact}.
std::string check_user_agent(std::string& text);
std::string check_contact(std::string& text);
// Begins with http: or https:. The URL itself is parsed when it is admitted.
std::string check_seed_url(std::string& text);
// A line of a list in JSON.
std::string check_request(std::string& text);
std::string check_base_url(std::string& text);  // may be empty
// A glob, or "re:" and a pattern that RE2 takes.
std::string check_pattern(std::string& text);
// A media type, or a glob on one: text/html, image/*, pdf. Of a list there are at most types_max.
constexpr std::size_t types_max = 1000;
std::string check_type(std::string& text);
// A name of a query parameter, with * for any characters.
std::string check_param(std::string& text);
// A glob on a host's name, with or without a port; brought into the form that hosts have in URLs
// (host_glob.cpp).
std::string check_host_glob(std::string& text);
// A network in CIDR form without host bits; a single address gets its /32 or /128.
std::string check_network(std::string& text);

// The address of a name server; a port is added where there is none.
std::string check_name_server(std::string& text);

bool is_token(std::string_view text);          // RFC 9110 5.6.2
bool is_field_value(std::string_view text);    // RFC 9110 5.5: no control characters but tabs
bool is_secret_header(std::string_view name);  // its value is not for logs and --print

std::string lower_ascii(std::string_view text);

// https://user:secret@host/ → https://user:***@host/; other texts come back as they are.
std::string hide_password(std::string_view text);

}  // namespace trawl::config
