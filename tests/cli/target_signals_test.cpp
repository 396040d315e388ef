// Whatever ends a search, at whatever moment, nothing of its targets is left. More signals than usual with
// SAGA_HARNESS_SIGNALS=500 in the environment.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "python_targets.hpp"

namespace saga_harness::cli_tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr auto kCleanWithin = std::chrono::seconds(30);

/// How a target lays out its processes.
constexpr std::array<const char*, 4> kShapes{
    "exec $SERVER",
    "$SERVER & wait",
    "setsid sh -c \"setsid $SERVER & exit 0\"; exec sleep 1000",
    "(setsid sleep 1000 &) ; setsid sh -c \"(sleep 1000 &) ; exec $SERVER\"",
};

template <class Done>
bool is_soon(Done done) {
  const auto until = std::chrono::steady_clock::now() + kCleanWithin;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// What is running with `mark` in its environment, by pid and command line.
std::vector<std::string> processes_with(const std::string& mark) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto contents = [&](const char* name) {
      std::ostringstream text;
      text << std::ifstream("/proc/" + pid + name, std::ios::binary).rdbuf();
      return text.str();
    };
    if (contents("/environ").find(mark) != std::string::npos)
      found.push_back(pid + " " + contents("/cmdline"));
  }
  return found;
}

/// Does a socket listen at exactly this address? To connect would not tell: whoever listens at all addresses,
/// as another test's server may, answers at this one too.
bool is_open(const std::string& host, int port) {
  in_addr address{};
  EXPECT_EQ(::inet_pton(AF_INET, host.c_str(), &address), 1) << host;
  const std::string local = fmt::format("{:08X}:{:04X}", address.s_addr, port);
  constexpr std::string_view kListens = "0A";
  std::ifstream sockets("/proc/net/tcp");
  EXPECT_TRUE(sockets.is_open());
  std::string line;
  while (std::getline(sockets, line)) {
    std::istringstream fields(line);
    std::string number, from, to, state;
    fields >> number >> from >> to >> state;
    if (from == local && state == kListens) return true;
  }
  return false;
}

/// One search with crashes, and a signal in the middle of it.
struct Shot {
  int number = 0;
  int signal = 0;
  std::size_t starts = 0;  // so often the target has been started before the moment is waited for
  std::chrono::microseconds after = {};
  std::string shape = {};

  [[nodiscard]] std::string folder() const { return scratch(fmt::format("shot{}", number)); }
  /// Of this shot alone: at 127.0.0.1 another test may be given a port that was free again.
  [[nodiscard]] std::string host() const {
    constexpr int kHosts = 250;
    return fmt::format("127.{}.{}.{}", 1 + ::getpid() % kHosts, number / kHosts, 1 + number % kHosts);
  }
};

struct Left {
  int exit_code = 0;
  std::string out = {};
  std::size_t starts = 0;
  std::vector<std::string> processes = {};
  std::vector<std::string> ports = {};
  std::vector<std::string> folders = {};
};

std::size_t lines_in(const std::string& file) {
  return fs::exists(file) ? lines_of(read_file(file)).size() : 0;
}

/// Tells when the moment of a shot has come.
class Moment {
 public:
  Moment(const Shot& shot, std::string urls) : shot_(shot), urls_(std::move(urls)) {}
  std::chrono::nanoseconds left() {
    const auto now = std::chrono::steady_clock::now();
    constexpr auto kLookAgain = std::chrono::milliseconds(2);
    if (!at_ && lines_in(urls_) < shot_.starts) return kLookAgain;
    if (!at_) at_ = now + shot_.after;
    return *at_ - now;
  }

 private:
  const Shot& shot_;
  std::string urls_;
  std::optional<std::chrono::steady_clock::time_point> at_ = std::nullopt;
};

Left fire(const Shot& shot, const std::string& folder) {
  const std::string tmp = folder + "/tmp";
  const std::string urls = folder + "/urls";
  fs::remove_all(folder);
  fs::create_directories(tmp);
  json target = durable_server("none");
  target["process"]["command"] = {"sh", "-c",
                                  "SERVER='python3 " + cli_tests::folder() +
                                      "orchestrator.py serve none --log {scratch}/sagas.db'; " + shot.shape};
  const std::string file = folder + "/target.json";
  std::ofstream(file) << target.dump();
  const std::string mark = fmt::format("{}-{}-{}", ::getpid(), shot.number,
                                       std::chrono::steady_clock::now().time_since_epoch().count());
  Moment moment(shot, urls);
  const Result result = run_until(
      [&] { return moment.left(); }, shot.signal,
      {.arguments = {"explore", shop(), "--target", file, "-k", "2", "--faults",
                     "coordinator_crash,rejected"},
       .environment = {
           {"TMPDIR", tmp}, {"URLS", urls}, {"BIND_ADDRESS", shot.host()}, {"SAGA_TEST_MARK", mark}}});
  Left left{.exit_code = result.exit_code, .out = result.out};
  if (!is_soon([&] { return processes_with(mark).empty(); })) left.processes = processes_with(mark);
  if (!is_soon([&] { return fs::is_empty(tmp); })) {
    for (const auto& entry : fs::directory_iterator(tmp)) left.folders.push_back(entry.path().string());
  }
  if (fs::exists(urls)) {
    for (const std::string& url : lines_of(read_file(urls))) {
      ++left.starts;
      if (is_open(shot.host(), std::stoi(url.substr(url.rfind(':') + 1)))) left.ports.push_back(url);
    }
  }
  return left;
}

class TargetSignalsHeavyTest : public TargetCommandTest {
 protected:
  static int count() {
    constexpr int kUsual = 50;
    const char* const asked = std::getenv("SAGA_HARNESS_SIGNALS");
    return asked == nullptr ? kUsual : std::stoi(asked);
  }
  static std::vector<Shot> shots() {
    constexpr std::array kSignals{SIGINT, SIGTERM, SIGQUIT, SIGKILL};
    constexpr unsigned kSeed = 15;
    constexpr unsigned kMostStarts = 6;
    constexpr unsigned kLongest = 300'000;
    std::mt19937 draw(kSeed);
    std::vector<Shot> shots;
    for (int i = 0; i < count(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      shots.push_back({.number = i,
                       .signal = kSignals[at % kSignals.size()],
                       .starts = draw() % kMostStarts,
                       .after = std::chrono::microseconds(draw() % kLongest),
                       .shape = kShapes[at / kSignals.size() % kShapes.size()]});
    }
    return shots;
  }
};

TEST_F(TargetSignalsHeavyTest, WhatIsKnownIsShownAndRecordedAsInconclusive) {
  const std::string urls = write_scratch("urls", "");
  const std::string records = scratch("records");
  const std::string file = write_scratch("target.json", durable_server("none").dump());
  for (const int signal : {SIGINT, SIGTERM}) {
    fs::remove_all(records);
    std::ofstream(urls, std::ios::trunc).flush();
    const Shot shot{.starts = 4};
    Moment moment(shot, urls);
    const Result result = run_until([&] { return moment.left(); }, signal,
                                    {.arguments = {"explore", shop(), "--target", file, "-k", "2", "--faults",
                                                   "coordinator_crash", "--out", records},
                                     .environment = {{"URLS", urls}}});
    EXPECT_EQ(result.exit_code, 128 + signal) << result.out;
    EXPECT_THAT(result.out, testing::AllOf(testing::HasSubstr("INCONCLUSIVE: no violation in "),
                                           testing::HasSubstr("the search was not exhausted")));
    const Result report = run({"report", records});
    EXPECT_EQ(report.exit_code, 3) << report.out << report.err;
  }
}

TEST_F(TargetSignalsHeavyTest, APortThatIsHeldIsSeen) {
  const Shot shot;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ASSERT_EQ(::inet_pton(AF_INET, shot.host().c_str(), &address.sin_addr), 1);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(socket, 1), 0);
  ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_TRUE(is_open(shot.host(), port));
  EXPECT_FALSE(is_open(Shot{.number = 1}.host(), port)) << "another shot's";
  EXPECT_FALSE(is_open("0.0.0.0", port)) << "all addresses";
  ::close(socket);
  EXPECT_FALSE(is_open(shot.host(), port));
}

TEST_F(TargetSignalsHeavyTest, NoProcessNoPortAndNoFolderIsLeftWhateverEndsASearch) {
  const rlimit no_cores{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_cores);
  constexpr std::size_t kAtATime = 5;
  const std::vector<Shot> all = shots();
  std::size_t starts = 0;
  for (std::size_t first = 0; first < all.size(); first += kAtATime) {
    std::vector<std::future<Left>> running;
    for (std::size_t i = first; i < std::min(first + kAtATime, all.size()); ++i) {
      running.push_back(std::async(std::launch::async, fire, all[i], all[i].folder()));
    }
    for (std::size_t i = 0; i < running.size(); ++i) {
      const Shot& shot = all[first + i];
      const Left left = running[i].get();
      SCOPED_TRACE(fmt::format("shot {}: signal {} after {} us, {}", shot.number, shot.signal,
                               shot.after.count(), shot.shape));
      EXPECT_EQ(left.exit_code, 128 + shot.signal) << left.out;
      EXPECT_THAT(left.processes, testing::IsEmpty());
      EXPECT_THAT(left.ports, testing::IsEmpty());
      EXPECT_THAT(left.folders, testing::IsEmpty());
      starts += left.starts;
    }
  }
  EXPECT_GT(starts, 2 * all.size()) << "few signals came after a crash";
}

}  // namespace
}  // namespace saga_harness::cli_tests
