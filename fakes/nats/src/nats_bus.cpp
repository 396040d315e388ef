#include "nats_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/input_file.hpp>

namespace saga_harness {
namespace {

constexpr auto kStartsWithin = std::chrono::seconds(20);

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

os::OwnedFd new_socket() { return os::OwnedFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

void send_at_once(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/// Debian keeps servers where not every PATH looks.
std::string program() {
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path == nullptr ? "" : path; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string file = std::string(rest.substr(0, end)) + "/nats-server";
    if (::access(file.c_str(), X_OK) == 0) return file;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::string usual = "/usr/sbin/nats-server";
  if (::access(usual.c_str(), X_OK) == 0) return usual;
  throw Error(ErrorText{.message = "there is no nats-server, which the target's \"bus\" is",
                        .fix = "install it (Debian: nats-server)"});
}

/// The port in the file that the server writes once it listens; 0 as long as there is none.
int port_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".ports") continue;
    const std::string text = internal::read_file(entry.path().string());
    constexpr std::string_view kBefore = "nats://127.0.0.1:";
    const std::size_t begin = text.find(kBefore);
    if (begin == std::string::npos || text.find('}') == std::string::npos) return 0;
    int port = 0;
    std::from_chars(text.data() + begin + kBefore.size(), text.data() + text.size(), port);
    return port;
  }
  return 0;
}

bool write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

/// A client and its connection to the server. Deliveries come from several threads.
class NatsBus::Impl::Connection {
 public:
  Connection(os::OwnedFd client, os::OwnedFd server)
      : client_(std::move(client)), server_(std::move(server)) {}

  [[nodiscard]] int client() const { return client_.get(); }
  [[nodiscard]] int server() const { return server_.get(); }
  bool tell_client(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    return is_open_ && write_all(client_.get(), bytes);
  }
  bool tell_server(std::string_view bytes) { return write_all(server_.get(), bytes); }
  void close() {
    ::shutdown(client_.get(), SHUT_RDWR);
    ::shutdown(server_.get(), SHUT_RDWR);
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }

  nats::NatsReader from_client;
  nats::NatsReader from_server;

 private:
  os::OwnedFd client_;
  os::OwnedFd server_;
  std::mutex mutex_;
  bool is_open_ = true;
};

NatsBus::Impl::Impl(ObservedRuns& runs) : runs_(runs), stop_(::eventfd(0, EFD_CLOEXEC)) {
  start_server();
  listener_ = new_socket();
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  constexpr int kBacklog = 64;
  const bool is_up = ::bind(listener_.get(), raw, size) == 0 && ::listen(listener_.get(), kBacklog) == 0 &&
                     ::getsockname(listener_.get(), raw, &size) == 0;
  if (!is_up)
    throw Error(ErrorText{.message = "there is no free port for the proxy of the bus"}, ErrorKind::kInternal);
  url_ = fmt::format("nats://127.0.0.1:{}", ntohs(address.sin_port));
  accepting_ = std::thread([this] { accept_clients(); });
}

NatsBus::Impl::~Impl() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
  if (accepting_.joinable()) accepting_.join();
  for (std::thread& client : clients_) client.join();
  if (server_) server_->kill();
}

void NatsBus::Impl::start_server() {
  server_.emplace(os::Command{.argv = {program(), "--addr", "127.0.0.1", "--port", "-1", "--jetstream",
                                       "--store_dir", scratch_.path(), "--ports_file_dir", scratch_.path()},
                              .folder = scratch_.path(),
                              .scratch = &scratch_});
  const os::Moment until = os::Clock::now() + kStartsWithin;
  while ((server_port_ = port_in(scratch_.path())) == 0) {
    if (server_->has_ended() || os::Clock::now() >= until) {
      throw Error(ErrorText{.message = "nats-server does not come up",
                            .fix = "see what it wrote to stderr",
                            .more = server_->last_lines_of_errors()});
    }
    pollfd end{.fd = server_->end_fd(), .events = POLLIN, .revents = 0};
    constexpr int kInterval = 5;
    ::poll(&end, 1, kInterval);
  }
}

void NatsBus::Impl::accept_clients() {
  while (true) {
    std::array<pollfd, 2> waits{{{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[1].revents != 0) return;
    os::OwnedFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    os::OwnedFd server = new_socket();
    sockaddr_in address = loopback(server_port_);
    if (client.get() < 0 ||
        ::connect(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      continue;
    send_at_once(client.get());
    send_at_once(server.get());
    const auto connection = std::make_shared<Connection>(std::move(client), std::move(server));
    const std::lock_guard lock(mutex_);
    clients_.emplace_back([this, connection] { serve(connection); });
  }
}

// Until one of the two has gone, or speaks another language.
void NatsBus::Impl::serve(const std::shared_ptr<Connection>& connection) {
  std::array<char, 65536> bytes;
  const auto read = [&bytes](int socket, nats::NatsReader& reader) {
    const ssize_t count = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (count > 0) reader.append({bytes.data(), static_cast<std::size_t>(count)});
    return count > 0;
  };
  try {
    bool goes_on = true;
    while (goes_on) {
      std::array<pollfd, 3> waits{{{.fd = connection->client(), .events = POLLIN, .revents = 0},
                                   {.fd = connection->server(), .events = POLLIN, .revents = 0},
                                   {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
      if (::poll(waits.data(), waits.size(), -1) < 0) continue;
      if (waits[2].revents != 0) break;
      if (waits[0].revents != 0) {
        goes_on = read(connection->client(), connection->from_client);
        while (const auto piece = connection->from_client.next()) {
          if (passes_to_server(*piece)) goes_on = connection->tell_server(piece->bytes) && goes_on;
        }
      }
      if (waits[1].revents != 0) {
        goes_on = read(connection->server(), connection->from_server) && goes_on;
        while (const auto piece = connection->from_server.next()) to_client(*piece, connection);
      }
    }
  } catch (const Error&) {  // it is told by the connection's end
  }
  connection->close();
}

bool NatsBus::Impl::passes_to_server(const nats::NatsPiece& piece) {
  if (const auto event = nats::nats_event(piece.subject); event && piece.verb.ends_with("PUB")) {
    runs_.published(event->saga_id, event->event);
    return true;
  }
  const auto delivery = nats::jetstream_delivery(piece.subject);
  if (!delivery || piece.payload.starts_with("+WPI")) return true;
  std::string saga_id;
  {
    const std::lock_guard lock(mutex_);
    const auto known = sagas_.find({std::string(delivery->consumer), delivery->message});
    if (known == sagas_.end()) return true;
    saga_id = known->second;
  }
  const bool done = !piece.payload.starts_with("-NAK");
  return runs_.acknowledges(saga_id, {.service = delivery->consumer, .message = delivery->message}, done);
}

void NatsBus::Impl::to_client(const nats::NatsPiece& piece, const std::shared_ptr<Connection>& connection) {
  const auto event = nats::nats_event(piece.subject);
  const auto delivery = nats::jetstream_delivery(piece.reply);
  if (!event || !delivery || !piece.verb.ends_with("MSG")) {
    connection->tell_client(piece.bytes);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    sagas_.insert_or_assign({std::string(delivery->consumer), delivery->message}, event->saga_id);
  }
  runs_.delivers(event->saga_id,
                 {.event = event->event, .service = delivery->consumer, .message = delivery->message},
                 [connection, bytes = std::string(piece.bytes)] { connection->tell_client(bytes); });
}

NatsBus::NatsBus(ObservedRuns& runs) : impl_(std::make_unique<Impl>(runs)) {}
NatsBus::~NatsBus() = default;
const std::string& NatsBus::url() const noexcept { return impl_->url(); }

}  // namespace saga_harness
