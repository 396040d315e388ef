#include <saga_harness_internal/http_client.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "client/answer_reader.hpp"
#include "server/messages.hpp"

namespace saga_harness::http {
namespace {

struct Url {
  std::string host;
  std::string port = "80";
  std::string path = "/";
};

Url parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme))
    throw Error(
        ErrorText{.message = internal::in_quotes(text) + " is no URL", .fix = "write http://HOST:PORT/…"});
  std::string_view rest = text.substr(kScheme.size());
  Url url;
  if (const std::size_t slash = rest.find_first_of("/?"); slash != std::string_view::npos) {
    url.path = rest.substr(slash);
    if (url.path.front() == '?') url.path.insert(0, "/");
    rest = rest.substr(0, slash);
  }
  const std::size_t colon = rest.find(':', rest.rfind(']') == std::string_view::npos ? 0 : rest.rfind(']'));
  url.host = rest.substr(0, colon);
  if (colon != std::string_view::npos) url.port = rest.substr(colon + 1);
  if (url.host.size() > 2 && url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  if (url.host.empty() || std::ranges::any_of(url.path, is_bad))
    throw Error(
        ErrorText{.message = internal::in_quotes(text) + " is no URL", .fix = "write http://HOST:PORT/…"});
  return url;
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses resolve(const Url& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int failure = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found); failure != 0)
    throw Error(ErrorText{.message = fmt::format("{} has no address: {}",
                                                 internal::in_quotes(url.host + ":" + url.port),
                                                 ::gai_strerror(failure))});
  return {found, &::freeaddrinfo};
}

HttpAnswer failed(HttpFailure failure, std::string why) {
  return {.failure = failure, .why = std::move(why)};
}

std::optional<HttpAnswer> broken_off(os::Woken woken) {
  switch (woken) {
    case os::Woken::kReady:
      return std::nullopt;
    case os::Woken::kTimeIsUp:
      return failed(HttpFailure::kTimeIsUp, "no answer came in time");
    case os::Woken::kInterrupted:
      return failed(HttpFailure::kInterrupted, "interrupted");
  }
  return std::nullopt;
}

}  // namespace

/// One connection: requests and their answers, one after the other.
class HttpClient::Connection {
 public:
  HttpAnswer run(const HttpRequest& request, os::Waiting& waiting, bool keeps) {
    waiting_ = &waiting;
    const Url url = parse_url(request.url);
    if (!is_open_to(url)) {
      if (auto failure = connect(url)) return *failure;
      open_to_ = url.host + ":" + url.port;
    }
    HttpAnswer answer = exchange(request, url, keeps);
    if (!keeps || !can_be_kept(answer)) socket_.reset();
    return answer;
  }

 private:
  HttpAnswer exchange(const HttpRequest& request, const Url& url, bool keeps) {
    failure_.reset();
    if (auto failure = send(text_of(request, url, keeps))) return *failure;
    AnswerReader reader([this](std::string& bytes) { return receive(bytes); });
    HttpAnswer answer = reader.read(request.method == "HEAD");
    ended_as_said_ = reader.ended_as_said();
    return failure_ ? *failure_ : answer;
  }

  /// What the server has ended meanwhile is noticed before anything is sent.
  [[nodiscard]] bool is_open_to(const Url& url) const {
    if (socket_.get() < 0 || open_to_ != url.host + ":" + url.port) return false;
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  [[nodiscard]] bool can_be_kept(const HttpAnswer& answer) const {
    return answer.failure == HttpFailure::kNone && ended_as_said_ &&
           !same_header(answer.header("Connection"), "close");
  }

  std::optional<HttpAnswer> connect(const Url& url) {
    const Addresses addresses = resolve(url);
    int failure = 0;
    for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
      socket_.reset(::socket(each->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (socket_.get() < 0) {
        failure = errno;
        continue;
      }
      const int yes = 1;
      ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      failure = 0;
      if (::connect(socket_.get(), each->ai_addr, each->ai_addrlen) != 0) failure = errno;
      if (failure == EINPROGRESS) {
        if (auto stopped = broken_off(waiting_->wait(socket_.get(), POLLOUT))) return stopped;
        socklen_t size = sizeof failure;
        ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
      }
      if (failure == 0) return std::nullopt;
    }
    return failed(HttpFailure::kRefused, std::strerror(failure));
  }

  static std::string text_of(const HttpRequest& request, const Url& url, bool keeps) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n{}", request.method, url.path, url.host,
                                   url.port, keeps ? "" : "Connection: close\r\n");
    for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
      text += fmt::format("Content-Length: {}\r\n", request.body.size());
    return text + "\r\n" + request.body;
  }

  std::optional<HttpAnswer> send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (count > 0) {
        text.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        if (auto stopped = broken_off(waiting_->wait(socket_.get(), POLLOUT))) return stopped;
      } else if (errno != EINTR) {
        return failed(HttpFailure::kBroken, std::strerror(errno));
      }
    }
    return std::nullopt;
  }

  /// Appends what comes next; false at the end of the connection. A failure is kept in failure_.
  bool receive(std::string& bytes) {
    char buffer[16384];
    while (true) {
      const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (count > 0) bytes.append(buffer, static_cast<std::size_t>(count));
      if (count >= 0) return count > 0;
      if (errno == EAGAIN) {
        failure_ = broken_off(waiting_->wait(socket_.get(), POLLIN));
        if (failure_) return false;
      } else if (errno != EINTR) {
        failure_ = failed(HttpFailure::kBroken, std::strerror(errno));
        return false;
      }
    }
  }

  os::Waiting* waiting_ = nullptr;  // of the request that is under way
  os::OwnedFd socket_;
  std::string open_to_;  // host and port
  bool ended_as_said_ = false;
  std::optional<HttpAnswer> failure_;
};

std::string HttpAnswer::header(std::string_view name) const { return header_in(head, name).value_or(""); }

HttpClient::HttpClient() : connection_(std::make_unique<Connection>()) {}
HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::send(const HttpRequest& request, os::Waiting& waiting) {
  return connection_->run(request, waiting, true);
}

HttpAnswer HttpClient::send_once(const HttpRequest& request, os::Waiting& waiting) {
  return Connection().run(request, waiting, false);
}

}  // namespace saga_harness::http
