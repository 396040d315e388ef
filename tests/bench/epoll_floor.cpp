// The least that a stub over HTTP can cost: one thread, epoll, the same answer to every request, no journal.
//
//   bench_epoll_floor           listens on a free port, prints {"port": N}, serves until SIGTERM
//   bench_epoll_floor --smoke   answers one request of its own and ends
//
// Not a web server: it reads Content-Length and nothing else of a request. tests/bench/http.sh sets what is
// worth having beside it.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"success\":true}";
constexpr std::size_t kIncomplete = 0;

int fail(const char* what) {
  std::fprintf(stderr, "epoll floor: %s: %s\n", what, std::strerror(errno));
  return 70;
}

bool is_header(std::string_view line, std::string_view name) {
  return line.size() > name.size() &&
         strncasecmp(line.data(), name.data(), name.size()) == 0;  // NOLINT: the size is given
}

// Bytes of the request that `in` begins with; kIncomplete if it is not all there.
std::size_t request_size(std::string_view in) {
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string_view::npos) return kIncomplete;
  std::size_t length = 0;
  constexpr std::string_view kName = "content-length:";
  for (std::size_t at = in.find("\r\n"); at < end; at = in.find("\r\n", at + 2)) {
    std::string_view line = in.substr(at + 2, in.find("\r\n", at + 2) - at - 2);
    if (!is_header(line, kName)) continue;
    line.remove_prefix(kName.size());
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    std::from_chars(line.data(), line.data() + line.size(), length);
  }
  const std::size_t size = end + 4 + length;
  return in.size() >= size ? size : kIncomplete;
}

class Floor {
 public:
  // The port; 0 if there is none to be had.
  int listen() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || epoll_ < 0 || bind(listener_, generic, size) != 0 ||
        ::listen(listener_, 1024) != 0 || getsockname(listener_, generic, &size) != 0 || !watch(listener_)) {
      return 0;
    }
    return ntohs(address.sin_port);
  }

  // Serves `requests` requests; for ever if negative.
  void serve(long requests) {
    std::array<epoll_event, 64> ready = {};
    while (requests != 0) {
      const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < count && requests != 0; ++i) {
        const int socket = ready[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener_) {
          accept_all();
        } else {
          answer(socket, requests);
        }
      }
    }
  }

 private:
  bool watch(int socket) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = socket;
    return epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0;
  }

  void accept_all() {
    for (int socket = 0;
         (socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      const int on = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (!watch(socket)) close(socket);
    }
  }

  void answer(int socket, long& requests) {
    std::array<char, 16384> buffer = {};
    const ssize_t got = read(socket, buffer.data(), buffer.size());
    if (got <= 0) {
      if (got < 0 && errno == EAGAIN) return;
      rest_.erase(socket);
      close(socket);
      return;
    }
    std::string_view in(buffer.data(), static_cast<std::size_t>(got));
    std::string joined;
    if (const auto kept = rest_.find(socket); kept != rest_.end()) {
      joined = kept->second.append(in);
      in = joined;
      rest_.erase(kept);
    }
    for (std::size_t size = 0; requests != 0 && (size = request_size(in)) != kIncomplete;) {
      in.remove_prefix(size);
      if (write(socket, kAnswer.data(), kAnswer.size()) < 0) return;
      if (requests > 0) --requests;
    }
    if (!in.empty()) rest_[socket] = in;
  }

  int listener_ = -1;
  int epoll_ = -1;
  std::unordered_map<int, std::string> rest_;  // of requests that came in pieces
};

bool ask_once(int port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr std::string_view kRequest =
      "POST /payments/charge HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
  std::array<char, 256> buffer = {};
  const bool answered =
      client >= 0 && connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      write(client, kRequest.data(), kRequest.size()) == static_cast<ssize_t>(kRequest.size()) &&
      read(client, buffer.data(), buffer.size()) == static_cast<ssize_t>(kAnswer.size());
  close(client);
  return answered;
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
  Floor floor;
  const int port = floor.listen();
  if (port == 0) return fail("listen");
  if (!smoke) {
    std::printf("{\"port\": %d}\n", port);
    std::fflush(stdout);
    floor.serve(-1);
  }
  std::thread server([&] { floor.serve(1); });
  if (!ask_once(port)) std::_Exit(fail("no answer"));
  server.join();
}
