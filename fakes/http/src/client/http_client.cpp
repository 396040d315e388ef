#include <saga_harness_internal/http_client.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::http {
namespace {

constexpr std::size_t kLargestAnswer = std::size_t{8} << 20U;

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

bool is_same_word(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

/// Without what RFC 9110, 5.6.3, calls optional white space.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t";
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) + 1 - begin);
}

/// The values of a header, of all its lines together (RFC 9110, 5.3); nothing if it is not there.
std::optional<std::string> header_in(std::string_view head, std::string_view name) {
  std::optional<std::string> values;
  while (!head.empty()) {
    head.remove_prefix(std::min(head.size(), head.find("\r\n") + 2));
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_same_word(line.substr(0, colon), name)) continue;
    if (values) values->append(", ");
    values = values.value_or("").append(trimmed(line.substr(colon + 1)));
  }
  return values;
}

/// The number that `text` is, and nothing else; nothing if it is none, or does not fit.
std::optional<std::size_t> number_in(std::string_view text, int base) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The one length that Content-Length gives, however often (RFC 9110, 8.6).
std::optional<std::size_t> length_in(std::string_view values) {
  std::optional<std::size_t> length;
  while (true) {
    const std::size_t comma = std::min(values.find(','), values.size());
    const std::optional<std::size_t> one = number_in(trimmed(values.substr(0, comma)), 10);
    if (!one || (length && *length != *one)) return std::nullopt;
    length = one;
    if (comma == values.size()) return length;
    values.remove_prefix(comma + 1);
  }
}

/// The size that the line before a chunk gives, whose extensions nobody needs (RFC 9112, 7.1).
std::optional<std::size_t> chunk_size_in(std::string_view line) {
  return number_in(trimmed(line.substr(0, line.find(';'))), 16);
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
    text_.clear();
    failure_.reset();
    body_end_.reset();
    if (auto failure = send(text_of(request, url, keeps))) return *failure;
    HttpAnswer answer = receive(request.method == "HEAD");
    if (answer.failure == HttpFailure::kNone) answer.head = text_.substr(0, head_ + 2);
    return answer;
  }

  /// What the server has ended meanwhile is noticed before anything is sent.
  [[nodiscard]] bool is_open_to(const Url& url) const {
    if (socket_.get() < 0 || open_to_ != url.host + ":" + url.port) return false;
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  /// It ended where it said it would, with nothing after it.
  [[nodiscard]] bool can_be_kept(const HttpAnswer& answer) const {
    return answer.failure == HttpFailure::kNone && body_end_ == text_.size() &&
           answer.header("Connection") != "close";
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
  bool more() {
    char buffer[16384];
    while (true) {
      const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (count > 0) {
        text_.append(buffer, static_cast<std::size_t>(count));
        if (text_.size() <= kLargestAnswer) return true;
        failure_ = failed(HttpFailure::kBroken, "the answer is larger than 8 MiB");
        return false;
      }
      if (count == 0) return false;
      if (errno == EAGAIN) {
        failure_ = broken_off(waiting_->wait(socket_.get(), POLLIN));
        if (failure_) return false;
      } else if (errno != EINTR) {
        failure_ = failed(HttpFailure::kBroken, std::strerror(errno));
        return false;
      }
    }
  }

  /// Of what somebody else wrote, quoted and not too long.
  [[nodiscard]] static std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 60;
    return internal::in_quotes(text.substr(0, kMost)) + (text.size() > kMost ? "…" : "");
  }

  HttpAnswer cut_off() const {
    return failure_ ? *failure_
                    : failed(HttpFailure::kBroken, "the connection was closed before a whole answer");
  }

  [[nodiscard]] std::optional<std::string> header(std::string_view name) const {
    return header_in(std::string_view(text_).substr(0, head_ + 2), name);
  }

  bool read_head() {
    while ((head_ = text_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return false;
    }
    return true;
  }

  HttpAnswer receive(bool is_head) {
    while (true) {
      if (!read_head()) return cut_off();
      HttpAnswer answer;
      const std::string_view line = std::string_view(text_).substr(0, text_.find("\r\n"));
      const std::size_t space = line.find(' ');
      const std::size_t end = space == std::string_view::npos ? line.size() : space + 1;
      std::from_chars(line.data() + end, line.data() + line.size(), answer.status);
      if (!line.starts_with("HTTP/1.") || answer.status < 100)
        return failed(HttpFailure::kBroken, "the answer is not HTTP/1.1");
      if (answer.status >= 200 && (is_head || answer.status == 204 || answer.status == 304)) {
        body_end_ = head_ + 4;
        return answer;
      }
      if (answer.status >= 200) return receive_body(answer);
      text_.erase(0, head_ + 4);  // 100 Continue and the like
    }
  }

  HttpAnswer receive_body(HttpAnswer answer) {
    const std::size_t begin = head_ + 4;
    if (const auto coding = header("Transfer-Encoding")) {
      if (is_same_word(*coding, "chunked")) return receive_chunks(answer, begin);
      return failed(HttpFailure::kBroken, "the answer's Transfer-Encoding is " + shown(*coding) +
                                              ", which nobody asked for; chunked is read");
    }
    if (const auto given = header("Content-Length")) {
      const std::optional<std::size_t> size = length_in(*given);
      if (!size)
        return failed(HttpFailure::kBroken,
                      "the answer's Content-Length is " + shown(*given) + ", no length");
      while (text_.size() < begin + std::min(*size, kLargestAnswer)) {
        if (!more()) return cut_off();
      }
      answer.body = text_.substr(begin, *size);
      body_end_ = begin + *size;
      return answer;
    }
    while (more()) {
    }
    if (failure_) return *failure_;
    answer.body = text_.substr(begin);
    return answer;
  }

  HttpAnswer receive_chunks(HttpAnswer answer, std::size_t at) {
    while (true) {
      std::size_t end = 0;
      while ((end = text_.find("\r\n", at)) == std::string::npos) {
        if (!more()) return cut_off();
      }
      const std::string_view line = std::string_view(text_).substr(at, end - at);
      const std::optional<std::size_t> size = chunk_size_in(line);
      if (!size || *size > kLargestAnswer)
        return failed(HttpFailure::kBroken, "the size of a chunk of the answer is " + shown(line));
      if (*size == 0) return answer;  // the connection is not used again, whatever trails
      while (text_.size() < end + 2 + *size + 2) {
        if (!more()) return cut_off();
      }
      answer.body.append(text_, end + 2, *size);
      at = end + 2 + *size + 2;
      if (std::string_view(text_).substr(at - 2, 2) != "\r\n")
        return failed(HttpFailure::kBroken, "a chunk of the answer is longer than its size says");
    }
  }

  os::Waiting* waiting_ = nullptr;  // of the request that is under way
  os::OwnedFd socket_;
  std::string open_to_;  // host and port
  std::string text_;     // that has come of the answer
  std::size_t head_ = 0;
  std::optional<std::size_t> body_end_;  // if the answer says where it ends
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
