// What a target needs for the runs of an exploration when nothing looks on: the same start requests, and
// participants that give the same answers and know nothing else. tests/bench/blackbox.sh sets `saga-harness
// explore --target` beside it.
//
//   bench_blackbox_floor SCENARIO RUNS.jsonl TARGET_URL [WORKERS]
//   bench_blackbox_floor --smoke
//
// RUNS.jsonl is what explore --out wrote. Kinds it can give: rejected, unavailable, error_after_effect, once.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <saga_harness/explore.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/scenario.hpp>

namespace sh = saga_harness;

namespace {

// From any thread.
[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "blackbox floor: %s\n", what.c_str());
  std::_Exit(70);
}

int connected(int port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (client < 0 || connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    fail(fmt::format("nobody listens at port {}", port));
  }
  return client;
}

bool is_header(std::string_view line, std::string_view name) {
  return line.size() >= name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
}

// Of HTTP what a request and an answer on loopback need.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The first line of a whole message; nothing once the other side has gone. The body is skipped.
  std::optional<std::string> read() {
    std::size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    std::size_t length = 0;
    bool is_chunked = false;
    for (std::size_t at = in_.find("\r\n"); at < end; at = in_.find("\r\n", at + 2)) {
      const std::string_view line = std::string_view(in_).substr(at + 2, end - at - 2);
      if (is_header(line, "content-length: ")) std::from_chars(line.data() + 16, line.data() + 32, length);
      is_chunked = is_chunked || is_header(line, "transfer-encoding: chunked");
    }
    std::string first = in_.substr(0, in_.find("\r\n"));
    std::size_t size = end + 4 + length;
    while (is_chunked ? (size = in_.find("0\r\n\r\n", end + 4)) == std::string::npos : in_.size() < size) {
      if (!more()) return std::nullopt;
    }
    in_.erase(0, is_chunked ? size + 5 : size);
    return first;
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t wrote = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

 private:
  bool more() {
    std::array<char, 16384> buffer = {};
    const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    in_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  std::string in_;
};

struct Schedule {
  std::map<std::pair<std::string, int>, int> answers;  // status by action and attempt, if it is not 200
  std::map<std::string, int> asked;
};

std::string action_of(const sh::Saga& saga, const sh::Fault& fault) {
  for (const sh::Step& step : saga.steps) {
    if (step.name != fault.step) continue;
    if (fault.operation == sh::Operation::kCompensation) return step.compensation;
    return step.action.empty() ? step.name : step.action;
  }
  fail("a fault at an unknown step: " + fault.step);
}

std::vector<Schedule> read_schedules(const sh::Saga& saga, const char* path) {
  std::ifstream file(path);
  std::vector<Schedule> schedules;
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json record = nlohmann::json::parse(line);
    if (!record.contains("plan")) continue;
    Schedule& schedule = schedules.emplace_back();
    const sh::FaultPlan plan = sh::parse_plan(record["plan"].get<std::string>());
    for (const sh::Fault& fault : plan.faults) {
      const int status = fault.kind == sh::FaultKind::kRejected           ? 422
                         : fault.kind == sh::FaultKind::kUnavailable      ? 503
                         : fault.kind == sh::FaultKind::kErrorAfterEffect ? 500
                                                                          : 0;
      if (status == 0 || fault.window != sh::FaultDuration::kOnce)
        fail("cannot give: " + sh::to_string(fault));
      schedule.answers[{action_of(saga, fault), fault.attempt}] = status;
    }
  }
  return schedules;
}

// The participants: POST /NUMBER_OF_THE_SCHEDULE/ACTION.
class Participants {
 public:
  explicit Participants(std::vector<Schedule> schedules) : schedules_(std::move(schedules)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 1024) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      fail("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    std::thread([this] { accept_all(); }).detach();  // this process ends soon
  }

  int port() const { return port_; }
  long requests() const { return requests_; }

 private:
  void accept_all() {
    for (int socket = 0; (socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const int on = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::thread([this, socket] { serve(socket); }).detach();
    }
  }

  void serve(int socket) {
    Connection connection(socket);
    while (const std::optional<std::string> line = connection.read()) {
      const std::size_t number = line->find('/') + 1;
      const std::size_t action = line->find('/', number) + 1;
      const int status =
          answer(std::stoul(line->substr(number)), line->substr(action, line->find(' ', action) - action));
      connection.write(
          fmt::format("HTTP/1.1 {} X\r\nContent-Type: application/json\r\nContent-Length: "
                      "16\r\n\r\n{{\"success\":true}}",
                      status));
    }
  }

  int answer(std::size_t number, const std::string& action) {
    const std::scoped_lock lock(mutex_);
    ++requests_;
    Schedule& schedule = schedules_.at(number);
    const auto found = schedule.answers.find({action, ++schedule.asked[action]});
    return found == schedule.answers.end() ? 200 : found->second;
  }

  std::mutex mutex_;
  std::vector<Schedule> schedules_;
  std::atomic<long> requests_ = 0;
  int listener_ = -1;
  int port_ = 0;
};

void start_saga(Connection& target, const sh::Scenario& scenario, std::size_t number, int port) {
  nlohmann::json order = {{"saga_id", fmt::format("floor-{}", number)},
                          {"context", nlohmann::json::parse(scenario.saga.context.text())}};
  for (const sh::Step& step : scenario.saga.steps) {
    order["services"][step.service] = fmt::format("http://127.0.0.1:{}/{}", port, number);
  }
  const std::string body = order.dump();
  target.write(
      fmt::format("POST /orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  body.size(), body));
  const std::optional<std::string> answer = target.read();
  if (!answer || answer->find(" 200 ") == std::string::npos) fail("the target: " + answer.value_or("gone"));
}

void replay(const sh::Scenario& scenario, const char* runs, int target_port, int workers) {
  std::vector<Schedule> schedules = read_schedules(scenario.saga, runs);
  const std::size_t count = schedules.size();
  const auto participants = new Participants(std::move(schedules));  // its threads outlive us
  const auto begin = std::chrono::steady_clock::now();
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&] {
      Connection target(connected(target_port));
      for (std::size_t number = 0; (number = next++) < count;) {
        start_saga(target, scenario, number, participants->port());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("{{\"schedules\": {}, \"requests\": {}, \"seconds\": {:.4f}}}\n", count,
             participants->requests(), seconds.count());
}

// Without a target: the participants answer as planned.
void smoke() {
  std::vector<Schedule> schedules(2);
  schedules[1].answers[{"charge", 2}] = 503;
  const auto participants = new Participants(std::move(schedules));
  Connection connection(connected(participants->port()));
  for (const std::string_view wanted : {"200", "503", "200"}) {
    connection.write("POST /1/charge HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
    const std::optional<std::string> answer = connection.read();
    if (!answer || answer->find(wanted) == std::string::npos)
      fail("wrong answer: " + answer.value_or("none"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string_view(argv[1]) == "--smoke") {
      smoke();
    } else if (argc == 4 || argc == 5) {
      const std::string_view url = argv[3];
      replay(sh::load_scenario(argv[1]), argv[2], std::stoi(std::string(url.substr(url.rfind(':') + 1))),
             argc == 5 ? std::stoi(argv[4]) : 1);
    } else {
      fail("usage: bench_blackbox_floor SCENARIO RUNS.jsonl TARGET_URL [WORKERS] | --smoke");
    }
    std::fflush(stdout);
    std::_Exit(0);  // the participants' threads have no end of their own
  } catch (const std::exception& error) {
    fail(error.what());
  }
}
