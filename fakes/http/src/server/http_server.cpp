#include "server/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "server/connection.hpp"

namespace saga_harness::http {
namespace {

constexpr std::string_view kNoRoom = R"({"error":"there are too many connections"})";
constexpr std::chrono::milliseconds kPauseOfAccepting{5};
constexpr std::chrono::milliseconds kPatienceForRoom{1'000};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(ServerLimits limits) : limits_(limits) {}
  ~Impl() { stop_all(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int listen_on(const std::string& address, int port, std::uint32_t number, ServerHandler& handler);
  void refuse_connections(std::uint32_t number, bool refuse);
  void stop_all();
  [[nodiscard]] std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }

 private:
  struct Listener {
    std::string address = {};
    std::uint32_t number = 0;
    ServerHandler* handler = nullptr;
    Descriptor socket = {};
    int port = 0;
    std::thread thread = {};
  };

  static void handle(const HttpHead& head, std::string_view body, const Listener& listener,
                     Connection& connection);
  static void handle_safely(ServerHandler& handler, const ServerRequest& request, Connection& connection);
  static void refuse(Connection& connection, int status, std::string_view why);
  void accept_loop(Listener& listener);
  void start_accepting(Listener& listener);
  static void stop_accepting(Listener& listener);
  void admit(Listener& listener, Descriptor socket);
  void make_room();
  void end_connections(std::uint32_t number);
  void reap();
  void serve(Listener& listener, Connection& connection);

  const ServerLimits limits_;
  std::mutex listeners_mutex_;  // taken before the other; never by a thread that accepts
  std::list<Listener> listeners_;
  mutable std::mutex mutex_;
  std::list<Connection> connections_;
  std::uint64_t last_number_ = 0;
  std::atomic<bool> stopping_{false};
};

int HttpServer::Impl::listen_on(const std::string& address, int port, std::uint32_t number,
                                ServerHandler& handler) {
  Listener listener{.address = address, .number = number, .handler = &handler};
  listener.socket = bind_socket(address, port);
  expect_room_for_a_connection(listener.socket);
  listener.port = port_of(listener.socket);
  const std::lock_guard lock(listeners_mutex_);
  stopping_ = false;
  Listener& kept = listeners_.emplace_back(std::move(listener));
  start_accepting(kept);
  return kept.port;
}

void HttpServer::Impl::start_accepting(Listener& listener) {
  start_listening(listener.socket);
  listener.thread = std::thread([this, &listener] { accept_loop(listener); });
}

void HttpServer::Impl::stop_accepting(Listener& listener) {
  if (!listener.thread.joinable()) return;
  ::shutdown(listener.socket.get(), SHUT_RDWR);  // wakes accept()
  listener.thread.join();
  listener.socket.reset();
}

void HttpServer::Impl::refuse_connections(std::uint32_t number, bool refuse) {
  const std::lock_guard lock(listeners_mutex_);
  for (Listener& listener : listeners_) {
    if (listener.number != number || listener.thread.joinable() != refuse) continue;
    if (refuse) {
      stop_accepting(listener);
      end_connections(number);
    }
    listener.socket = bind_socket(listener.address, listener.port);
    if (!refuse) start_accepting(listener);
  }
}

// A client that keeps its connection must find it refused, too: at once, or after the answer that it waits
// for.
void HttpServer::Impl::end_connections(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  for (Connection& connection : connections_) {
    if (connection.listener != number) continue;
    connection.to_end = true;  // before the look at the other, which its thread does the other way round
    if (connection.idle_since != 0) connection.interrupt();
  }
}

void HttpServer::Impl::accept_loop(Listener& listener) {
  for (;;) {
    Descriptor socket(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.is_open()) {
      admit(listener, std::move(socket));
      continue;
    }
    const bool is_passing = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (is_passing) {
      const std::lock_guard lock(mutex_);
      make_room();
    }
    if (is_passing) std::this_thread::sleep_for(kPauseOfAccepting);
    if (!is_passing && errno != EINTR && errno != ECONNABORTED && errno != EPROTO) return;
    if (stopping_) return;
  }
}

// The connection that has waited longest for a request, or for the rest of one, gives way.
void HttpServer::Impl::make_room() {
  Connection* oldest = nullptr;
  std::int64_t since = 0;
  for (Connection& connection : connections_) {
    const std::int64_t idle = connection.idle_since.load(std::memory_order_relaxed);
    if (idle == 0 || connection.finished || (oldest != nullptr && idle >= since)) continue;
    oldest = &connection;
    since = idle;
  }
  if (oldest == nullptr) return;
  oldest->idle_since.store(0, std::memory_order_relaxed);
  oldest->interrupt();
}

void HttpServer::Impl::reap() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    if (!at->finished) {
      ++at;
      continue;
    }
    at->thread.join();
    at = connections_.erase(at);
  }
}

void HttpServer::Impl::admit(Listener& listener, Descriptor socket) {
  std::unique_lock lock(mutex_);
  reap();
  if (connections_.size() >= limits_.max_connections) make_room();
  // Those that have been told to give way need a moment to go.
  const std::size_t most = limits_.max_connections + limits_.max_connections / 4 + 16;
  const Clock::time_point deadline = Clock::now() + kPatienceForRoom;
  while (connections_.size() >= most && !stopping_ && Clock::now() < deadline) {
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    lock.lock();
    reap();
  }
  if (stopping_) return;
  if (connections_.size() >= most) {
    send_all(socket.get(),
             fmt::format("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                         "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                         kNoRoom.size(), kNoRoom),
             std::chrono::milliseconds(0));
    return;
  }
  prepare_socket(socket);
  Connection& connection = connections_.emplace_back(std::move(socket), ++last_number_);
  connection.idle_since = now_us();
  connection.listener = listener.number;
  try {
    connection.thread = std::thread([this, &listener, &connection] {
      serve(listener, connection);
      if (connection.is_over() && !stopping_) connection.linger();
      connection.close_socket();
      connection.finished = true;
    });
  } catch (const std::system_error&) {  // no more threads: as if it had never come
    connections_.pop_back();
  }
}

void HttpServer::Impl::serve(Listener& listener, Connection& connection) {
  RequestReader reader(connection.fd(), limits_);
  HttpHead head;
  while (!stopping_ && !connection.is_over()) {
    connection.idle_since = now_us();
    if (connection.to_end) return connection.close();
    const RequestReader::Head read = reader.read_head(head, connection.idle_since);
    if (read == RequestReader::Head::kEnded) return;
    connection.start_request(head);
    if (read == RequestReader::Head::kRefused) return refuse(connection, head.refusal, head.why);
    if (head.expects_continue && !reader.has_body(head)) {
      connection.send("HTTP/1.1 100 Continue\r\n\r\n");
      connection.start_request(head);
    }
    std::string_view body;
    if (!reader.read_body(head, body)) return refuse(connection, head.refusal, head.why);
    handle(head, body, listener, connection);
    if (!connection.has_answered()) connection.close();
  }
}

void HttpServer::Impl::handle(const HttpHead& head, std::string_view body, const Listener& listener,
                              Connection& connection) {
  std::string_view target = head.target;
  if (target.starts_with("http://")) target.remove_prefix(std::min(target.find('/', 7), target.size()));
  const std::size_t mark = std::min(target.find('?'), target.size());
  const ServerRequest wire{.method = head.method,
                           .path = target.substr(0, mark),
                           .query = target.substr(std::min(mark + 1, target.size())),
                           .body = body,
                           .headers = &head.headers,
                           .connection = connection.number(),
                           .listener = listener.number};
  handle_safely(*listener.handler, wire, connection);
}

void HttpServer::Impl::handle_safely(ServerHandler& handler, const ServerRequest& request,
                                     Connection& connection) {
  try {
    handler.handle(request, connection);
  } catch (...) {
    if (!connection.has_answered()) refuse(connection, 500, "the handler of the request failed");
  }
}

void HttpServer::Impl::refuse(Connection& connection, int status, std::string_view why) {
  const std::string body = fmt::format(R"({{"error":"{}"}})", why);
  connection.reply({.status = status, .body = body, .headers = "Connection: close\r\n"});
  connection.close();
}

void HttpServer::Impl::stop_all() {
  const std::lock_guard listeners_lock(listeners_mutex_);
  stopping_ = true;
  for (Listener& listener : listeners_) stop_accepting(listener);
  std::list<Connection> ending;
  {
    const std::lock_guard lock(mutex_);
    ending.splice(ending.end(), connections_);
  }
  for (Connection& connection : ending) connection.interrupt();
  for (Connection& connection : ending) connection.thread.join();
  listeners_.clear();  // not before: connections refer to them
}

HttpServer::HttpServer(ServerLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
HttpServer::~HttpServer() = default;

int HttpServer::listen(const std::string& address, int port, std::uint32_t number, ServerHandler& handler) {
  return impl_->listen_on(address, port, number, handler);
}
void HttpServer::refuse_connections(std::uint32_t number, bool refuse) {
  impl_->refuse_connections(number, refuse);
}
void HttpServer::stop() { impl_->stop_all(); }
std::size_t HttpServer::connections() const { return impl_->connections(); }

}  // namespace saga_harness::http
