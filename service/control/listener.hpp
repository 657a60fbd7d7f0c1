#pragma once
// Sockets that listen, by address or passed on by systemd.

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::control {

using Acceptor = boost::asio::ip::tcp::acceptor;

// "127.0.0.1:8090", "[::1]:8090". Throws Failure{config} for anything else, Failure{io} when it
// can't be listened on.
Acceptor listen_on(boost::asio::io_context& context, std::string_view address);
// Takes the descriptor over. Throws Failure{config} when it is no listening TCP socket.
Acceptor take_over(boost::asio::io_context& context, int descriptor);

std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace trawl::service::control
