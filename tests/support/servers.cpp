#include "servers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

namespace saga_harness::test {
namespace {

constexpr auto kStartsWithin = std::chrono::seconds(60);

bool runs(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

std::string new_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "saga-store-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder could be made at " + path);
  return path;
}

}  // namespace

std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* pipe = ::popen(command.c_str(), "r"); pipe != nullptr) {
    char buffer[256];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
    ::pclose(pipe);
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Server::Server(Server&& other) noexcept { *this = std::move(other); }

Server& Server::operator=(Server&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(command_, other.command_);
  std::swap(ready_, other.ready_);
  std::swap(address_, other.address_);
  std::swap(process_, other.process_);
  return *this;
}

Server::~Server() {
  stop();
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

void Server::spawn() {
  process_ = ::fork();
  if (process_ != 0) return;
  ::setpgid(0, 0);
  ::execl("/bin/sh", "sh", "-c", ("exec " + command_ + " >'" + folder_ + "/log' 2>&1").c_str(), nullptr);
  ::_exit(127);
}

// After a kill, what belonged to the old one may still be going: then the new one gives up, and is tried
// again.
void Server::start() {
  spawn();
  const auto until = std::chrono::steady_clock::now() + kStartsWithin;
  while (!runs(ready_)) {
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error("the server does not start: " + output_of("cat '" + folder_ + "/log'"));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (::waitpid(process_, nullptr, WNOHANG) == process_) spawn();
  }
}

void Server::stop() {
  if (process_ <= 0) return;
  ::kill(-process_, SIGKILL);
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void Server::kill_and_restart() {
  stop();
  start();
}

Server start_postgresql() {
  Server server;
  const std::string programs = output_of("ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1");
  if (programs.empty()) return server;
  server.folder_ = new_folder();
  const std::string data = server.folder_ + "/data";
  // It refuses to run as root.
  const bool is_root = ::geteuid() == 0;
  const std::string as =
      is_root ? "setpriv --reuid=postgres --regid=postgres --clear-groups -- " : std::string();
  if (is_root && !runs("chown postgres '" + server.folder_ + "'")) return server;
  if (!runs(as + programs + "/initdb -D '" + data + "' -U saga -A trust --no-sync --locale=C -E UTF8"))
    throw std::runtime_error("initdb failed in " + data);
  server.command_ = as + programs + "/postgres -D '" + data + "' -k '" + server.folder_ +
                    "' -c listen_addresses= -c max_connections=20 -c shared_buffers=16MB";
  server.ready_ = programs + "/pg_isready -q -h '" + server.folder_ + "'";
  server.start();
  server.address_ = "host=" + server.folder_ + " user=saga dbname=postgres";
  return server;
}

Server start_redis() {
  Server server;
  if (!runs("command -v redis-server")) return server;
  server.folder_ = new_folder();
  const std::string socket = server.folder_ + "/socket";
  server.command_ = "redis-server --port 0 --unixsocket '" + socket + "' --dir '" + server.folder_ +
                    "' --appendonly yes --appendfsync always --save ''";
  server.ready_ = "redis-cli -s '" + socket + "' ping";
  server.start();
  server.address_ = socket;
  return server;
}

}  // namespace saga_harness::test
