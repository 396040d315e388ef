#include "support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <stdexcept>

#include <fmt/format.h>

namespace saga_harness::http_tests {
namespace {

struct Address {
  std::string host = {};
  int port = 0;
  std::string path = {};
};

Address address_of(std::string_view url) {
  url.remove_prefix(std::string_view("http://").size());
  const std::size_t colon = url.find(':');
  const std::size_t slash = std::min(url.find('/'), url.size());
  Address address{.host = std::string(url.substr(0, colon)), .path = std::string(url.substr(slash))};
  std::from_chars(url.data() + colon + 1, url.data() + slash, address.port);
  return address;
}

int connect_to(const std::string& url) {
  const Address address = address_of(url);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(address.port));
  ::inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return small;
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  const std::string wanted = "\r\n" + lower(name) + ":";
  const std::size_t at = lower(head).find(wanted);
  if (at == std::string::npos) return {};
  std::size_t begin = at + wanted.size();
  while (head[begin] == ' ') ++begin;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawClient::RawClient(const std::string& url) : fd_(connect_to(url)) {
  if (fd_ < 0) throw std::runtime_error("connection refused: " + url);
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // what the peer has to say to that is seen by receive()
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Answer RawClient::receive(std::chrono::milliseconds patience) {
  Answer answer;
  answer.bytes = std::exchange(rest_, {});
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const std::size_t end = answer.bytes.find("\r\n\r\n");
    if (end != std::string::npos) {
      answer.head = answer.bytes.substr(0, end + 2);
      answer.body = answer.bytes.substr(end + 4);
      std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
      std::size_t length = 0;
      const std::string value = answer.header("Content-Length");
      std::from_chars(value.data(), value.data() + value.size(), length);
      answer.is_whole = answer.body.size() >= length;
      if (answer.is_whole) {
        rest_ = answer.body.substr(length);
        answer.body.resize(length);
        answer.bytes.resize(end + 4 + length);
        if (answer.status != 100) return answer;
        answer = Answer{.bytes = std::exchange(rest_, {})};
        continue;
      }
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return answer;
    char part[65536];
    const ssize_t got = ::recv(fd_, part, sizeof part, 0);
    if (got <= 0) {
      answer.end = got == 0 ? End::kClosed : End::kReset;
      return answer;
    }
    answer.bytes.append(part, static_cast<std::size_t>(got));
  }
}

Answer RawClient::request(std::string_view method, std::string_view target, std::string_view body,
                          const Headers& headers) {
  std::string bytes = fmt::format("{} {} HTTP/1.1\r\nContent-Length: {}\r\n", method, target, body.size());
  const auto add_usual = [&](std::string_view name, std::string_view value) {
    const bool is_given = std::any_of(headers.begin(), headers.end(),
                                      [name](const auto& header) { return header.first == name; });
    if (!is_given) bytes.append(name).append(": ").append(value).append("\r\n");
  };
  add_usual("Host", "localhost");
  if (!body.empty()) add_usual("Content-Type", "application/json");
  for (const auto& [name, value] : headers) {
    if (!value.empty()) bytes += name + ": " + value + "\r\n";
  }
  bytes += "\r\n";
  bytes += body;
  send(bytes);
  return receive();
}

void RawClient::shut_writing() { ::shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(fd_, -1));
}

Answer post(const std::string& url, std::string_view body, const Headers& headers) {
  return RawClient(url).request("POST", address_of(url).path, body, headers);
}

Answer get(const std::string& url, const Headers& headers) {
  return RawClient(url).request("GET", address_of(url).path, {}, headers);
}

bool is_refused(const std::string& url) {
  const int fd = connect_to(url);
  if (fd >= 0) ::close(fd);
  return fd < 0;
}

}  // namespace saga_harness::http_tests
