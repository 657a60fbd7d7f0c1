// Names are not resolved: what a daemon listens on shouldn't depend on a name server.
#include "service/control/listener.hpp"

#include "core/base/result.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

#include <charconv>

namespace trawl::service::control {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int backlog = 256;

tcp::endpoint parse(std::string_view text) {
  const auto refuse = [&] {
    return Failure(Errc::config, fmt::format("listen: expected ADDRESS:PORT, such as "
                                             "\"127.0.0.1:8090\" or \"[::1]:8090\", found \"{}\"",
                                             text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) throw refuse();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const std::string_view port_text = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size() || port > 65535)
    throw refuse();
  boost::system::error_code bad;
  const auto address = asio::ip::make_address(std::string{host}, bad);
  if (bad || address.is_v6() != bracketed) throw refuse();
  return {address, static_cast<std::uint16_t>(port)};
}

}  // namespace

Acceptor listen_on(asio::io_context& context, std::string_view address) {
  const tcp::endpoint endpoint = parse(address);
  try {
    Acceptor acceptor{context};
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true));
    acceptor.bind(endpoint);
    acceptor.listen(backlog);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw Failure(Errc::io, fmt::format("can't listen on {}: {}; choose another `listen`, or end "
                                        "what uses it",
                                        address, error.code().message()));
  }
}

Acceptor take_over(asio::io_context& context, int descriptor) {
  const auto refuse = [&](std::string_view why) {
    return Failure(
        Errc::config,
        fmt::format("the inherited descriptor {} is no listening TCP socket: {}", descriptor, why));
  };
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size) != 0)
    throw refuse("it is no socket");
  if (name.ss_family != AF_INET && name.ss_family != AF_INET6) throw refuse("its family");
  int listening = 0;
  socklen_t length = sizeof listening;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
      listening == 0)
    throw refuse("it doesn't listen");
  Acceptor acceptor{context};
  boost::system::error_code error;
  acceptor.assign(name.ss_family == AF_INET ? tcp::v4() : tcp::v6(), descriptor, error);
  if (error) throw refuse(error.message());
  return acceptor;
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

}  // namespace trawl::service::control
