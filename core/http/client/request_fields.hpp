#pragma once
// RequestFields: the header fields of a session's requests: for libcurl as a list, for the archive
// as the text that went out. A field of the request replaces the session's of the same name, and
// the session's replaces trawl's own.

#include "core/http/client/curl_easy.hpp"
#include "core/http/message/message.hpp"

#include <string>
#include <string_view>

namespace trawl::http {

class RequestFields {
 public:
  // An empty accept_encoding sends none. headers: after User-Agent and Accept.
  RequestFields(std::string_view user_agent, std::string_view accept_encoding,
                const Headers& headers);

  // The list of a request that adds nothing.
  curl_slist* defaults() const { return default_list_.get(); }
  // A list of the request's own; empty when defaults() will do.
  HeaderList list_for(const Request& request) const;
  // The request's head as HTTP/1.1 text, in libcurl's order, with the empty line.
  std::string head_of(const Request& request) const;

 private:
  Headers merged(const Headers& extra) const;

  // Constant after construction.
  Headers fields_;
  HeaderList default_list_;
  std::string default_text_;
};

// Whether a request has content, be it empty: POST says "Content-Length: 0" where GET says nothing.
bool has_content(const Request& request);

// "host:port" of a URL, without user name and password.
std::string_view authority_of(std::string_view url);

}  // namespace trawl::http
