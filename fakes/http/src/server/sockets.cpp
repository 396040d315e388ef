#include "server/sockets.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>

namespace saga_harness::http {
namespace {

constexpr int kBacklog = 4096;

void switch_on(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

bool is_out_of_descriptors() { return errno == EMFILE || errno == ENFILE; }

[[noreturn]] void refuse_for_descriptors() {
  throw Error(
      ErrorText{.message = fmt::format("no file descriptor is left for a server and its connections: {}",
                                       std::strerror(errno)),
                .fix = "raise the limit of open files (ulimit -n)"});
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Descriptor::release() noexcept { return std::exchange(fd_, -1); }

void Descriptor::reset() noexcept {
  if (fd_ >= 0) ::close(release());
}

Descriptor bind_socket(const std::string& address, int port) {
  addrinfo hints = {};
  hints.ai_family = address == "localhost" ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | (address == "localhost" ? 0 : AI_NUMERICHOST);
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    throw Error(ErrorText{.message = fmt::format("cannot bind to \"{}\": {}", address, ::gai_strerror(error)),
                          .fix = "give a numeric address, e.g. 127.0.0.1"});
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  Descriptor socket(::socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol));
  if (socket.is_open()) {
    switch_on(socket.get(), SOL_SOCKET, SO_REUSEADDR);
    switch_on(socket.get(), IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit it
    if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0) return socket;
  }
  if (is_out_of_descriptors()) refuse_for_descriptors();
  throw Error(ErrorText{
      .message = fmt::format("cannot bind to port {} of {}: {}", port, address, std::strerror(errno)),
      .fix = "give another, or 0 for a free one"});
}

void expect_room_for_a_connection(const Descriptor& listening) {
  const Descriptor connection(::fcntl(listening.get(), F_DUPFD_CLOEXEC, 0));
  if (!connection.is_open()) refuse_for_descriptors();
}

void start_listening(const Descriptor& socket) {
  if (::listen(socket.get(), kBacklog) != 0) {
    throw Error(ErrorText{
        .message = fmt::format("cannot listen on port {}: {}", port_of(socket), std::strerror(errno)),
        .fix = "give another"});
  }
}

int port_of(const Descriptor& socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  const auto port = address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                                  : reinterpret_cast<sockaddr_in*>(&address)->sin_port;
  return ntohs(port);
}

std::string url_host(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "[::1]";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

bool send_all(int fd, std::string_view bytes, std::chrono::milliseconds patience) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
    if ((waiting.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return false;
  }
  return true;
}

void prepare_socket(const Descriptor& socket) {
  const timeval slice{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
}

void arm_reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace saga_harness::http
