#include "workers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <saga_harness_internal/json_writer.hpp>

#include "search_file.hpp"

namespace saga_harness {
namespace {

// What takes a message apart costs 1.5 ms: of 64 workers, once a second, a tenth of a core.
constexpr std::uint64_t kLookEvery = 10'000;
constexpr auto kSendEvery = std::chrono::milliseconds(1500);
constexpr int kRunLimitStatus = 70;     // what a run that does not end leaves its process with
constexpr std::size_t kHeadBytes = 17;  // what it is, and how long in 16 hexadecimal digits

enum class Message : char { kCounted = 'C', kFinished = 'F', kFailed = 'E' };

[[noreturn]] void fail(std::string_view what) {
  throw Error(
      ErrorText{.message = fmt::format("cannot {}: {}", what, std::generic_category().message(errno))},
      ErrorKind::kInternal);
}

/// The number of units claimed so far, where all processes see it.
class SharedCounter {
 public:
  SharedCounter() {
    void* memory = ::mmap(nullptr, sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("share memory with workers");
    counter_ = new (memory) std::atomic<std::uint64_t>(0);
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  }
  ~SharedCounter() { ::munmap(counter_, sizeof(std::atomic<std::uint64_t>)); }
  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;
  [[nodiscard]] std::atomic<std::uint64_t>* get() { return counter_; }

 private:
  std::atomic<std::uint64_t>* counter_;
};

// ---- in the worker

[[noreturn]] void leave(int status) {
  std::fflush(stdout);
  std::fflush(stderr);
  ::_exit(status);  // neither destructors nor exit handlers of the process it is a copy of
}

void send(int pipe, Message message, std::string_view payload) {
  const std::string text = fmt::format("{}{:016x}{}", static_cast<char>(message), payload.size(), payload);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(pipe, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) leave(1);  // nobody is there to hear
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string as_message(const SearchState& state) {
  std::string text;
  internal::JsonWriter writer(text);
  writer.begin_object();
  writer.key("frontier");
  write(writer, state.frontier);
  writer.key("tally");
  writer.raw(state.tally.to_json());
  writer.end_object();
  return text;
}

void work(const Experiment& experiment, const ExploreOptions& options, const Frontier& from,
          const Deadline& deadline, std::atomic<std::uint64_t>* claims, int pipe) {
  SearchState state{Tally(experiment, options.kinds), from};
  Share share{.claims = claims, .deadline = &deadline, .pause_every = kLookEvery};
  const bool is_kept_closely = !options.resume.empty() && options.save_every < kLookEvery;
  if (is_kept_closely) share.pause_every = std::max<std::uint64_t>(options.save_every, 1);
  Deadline next(kSendEvery);
  share.pause = [&] {
    if (!is_kept_closely && !next.passed()) return;
    next = Deadline(kSendEvery);
    send(pipe, Message::kCounted, as_message(state));
    state.tally = Tally(experiment, options.kinds);
    state.frontier.done = {};
  };
  Explorer explorer(experiment, options, state, share);
  state.frontier = {};  // from here on what is new
  explorer.run();
  state.frontier.leaves = 0;
  send(pipe, Message::kFinished, as_message(state));
}

[[noreturn]] void be_worker(const Experiment& experiment, ExploreOptions options, const Frontier& from,
                            const Deadline& deadline, std::atomic<std::uint64_t>* claims, int pipe,
                            pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (::getppid() != parent) leave(1);
  options.on_progress = nullptr;
  try {
    work(experiment, options, from, deadline, claims, pipe);
  } catch (const Error& error) {
    send(pipe, Message::kFailed, fmt::format("{}\n{}", static_cast<int>(error.kind()), error.what()));
  } catch (const std::exception& error) {
    send(pipe, Message::kFailed,
         fmt::format("{}\ninternal error: {}", static_cast<int>(ErrorKind::kInternal), error.what()));
  } catch (...) {
    send(pipe, Message::kFailed,
         fmt::format("{}\ninternal error: an exception of no known kind",
                     static_cast<int>(ErrorKind::kInternal)));
  }
  leave(0);
}

// ---- in the process that started them

struct Worker {
  pid_t process = 0;
  int pipe = -1;
  std::string received = {};
  bool finished = false;
};

/// The workers, none of which outlives it.
class Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    for (Worker& worker : workers) {
      if (worker.process > 0) ::kill(worker.process, SIGKILL);
    }
    for (Worker& worker : workers) wait(worker);
  }

  /// How it ended, as waitpid() has it.
  static int wait(Worker& worker) {
    int status = 0;
    if (worker.process > 0) {
      while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
      }
    }
    worker.process = 0;
    if (worker.pipe >= 0) ::close(worker.pipe);
    worker.pipe = -1;
    return status;
  }

  std::vector<Worker> workers;
};

class Foreman {
 public:
  Foreman(const Experiment& experiment, const ExploreOptions& options, SearchState& state,
          const Deadline& deadline, const std::function<void()>& added)
      : experiment_(experiment), options_(options), state_(state), deadline_(deadline), added_(added) {}

  void run() {
    const Frontier from = state_.frontier;
    std::fflush(stdout);  // or every worker would write it again
    std::fflush(stderr);
    for (int i = 0; i < options_.workers; ++i) start(from);
    state_.frontier.finished = true;
    state_.frontier.levels_done = options_.swarm ? 0 : options_.max_faults + 1;
    while (std::ranges::any_of(crew_.workers, [](const Worker& worker) { return worker.pipe >= 0; }))
      listen();
    if (state_.frontier.done.contains(state_.frontier.unit)) state_.frontier.leaves = 0;
  }

 private:
  void start(const Frontier& from) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("open a pipe to a worker");
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) {
      const int error = errno;
      ::close(ends[0]);
      ::close(ends[1]);
      errno = error;
      fail("start a worker");
    }
    if (process == 0) {
      ::close(ends[0]);
      for (const Worker& other : crew_.workers) ::close(other.pipe);
      be_worker(experiment_, options_, from, deadline_, claims_.get(), ends[1], parent);
    }
    ::close(ends[1]);
    crew_.workers.push_back({.process = process, .pipe = ends[0]});
  }

  void listen() {
    std::vector<pollfd> waiting;
    std::vector<Worker*> who;
    for (Worker& worker : crew_.workers) {
      if (worker.pipe < 0) continue;
      waiting.push_back({.fd = worker.pipe, .events = POLLIN, .revents = 0});
      who.push_back(&worker);
    }
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) fail("wait for workers");
    std::array<char, 65536> buffer{};
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      const ssize_t count = ::read(waiting[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        who[i]->received.append(buffer.data(), static_cast<std::size_t>(count));
        take_messages(*who[i]);
      } else if (count == 0) {
        dismiss(*who[i]);
      } else if (errno != EINTR) {
        fail("read from a worker");
      }
    }
  }

  void take_messages(Worker& worker) {
    while (worker.received.size() >= kHeadBytes) {
      std::size_t length = 0;
      const char* head = worker.received.data();
      std::from_chars(head + 1, head + kHeadBytes, length, 16);
      if (worker.received.size() - kHeadBytes < length) return;
      const auto message = static_cast<Message>(*head);
      const std::string payload = worker.received.substr(kHeadBytes, length);
      worker.received.erase(0, kHeadBytes + length);
      take(worker, message, payload);
    }
  }

  void take(Worker& worker, Message message, const std::string& payload) {
    if (message == Message::kFailed) {
      const std::size_t end = payload.find('\n');
      int code = static_cast<int>(ErrorKind::kInternal);
      std::from_chars(payload.data(), payload.data() + std::min(end, payload.size()), code);
      throw Error(ErrorText{.message = std::string(payload.substr(end + 1))}, static_cast<ErrorKind>(code));
    }
    const internal::JsonValue value = internal::parse_json(payload, "a worker");
    const internal::JsonReader reader(value, "a worker");
    const Frontier frontier = read_frontier(reader.at("frontier"));
    state_.tally.merge(Tally::read(reader.at("tally"), experiment_, options_.kinds));
    state_.frontier.done.insert(frontier.done);
    if (message == Message::kFinished) {
      worker.finished = true;
      state_.frontier.finished = state_.frontier.finished && frontier.finished;
      state_.frontier.levels_done = std::min(state_.frontier.levels_done, frontier.levels_done);
    }
    added_();
  }

  void dismiss(Worker& worker) {
    const std::size_t number = static_cast<std::size_t>(&worker - crew_.workers.data()) + 1;
    const int status = Crew::wait(worker);
    if (worker.finished) return;
    const std::string how = WIFSIGNALED(status) ? fmt::format("was killed by signal {}", WTERMSIG(status))
                                                : fmt::format("left with status {}", WEXITSTATUS(status));
    state_.frontier.finished = false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == kRunLimitStatus) {
      state_.error += fmt::format(
          "{}a run of worker {} of {} did not end and was stopped: its part of the search is missing",
          state_.error.empty() ? "" : "; ", number, options_.workers);
      return;
    }
    throw Error(ErrorText{.message = fmt::format(
                              "worker {} of {} {} in the middle of its work: its part of the search is "
                              "missing. Does the coordinator or a participant end the process?",
                              number, options_.workers, how),
                          .fix = "try with one worker"},
                ErrorKind::kInternal);
  }

  const Experiment& experiment_;
  const ExploreOptions& options_;
  SearchState& state_;
  const Deadline& deadline_;
  const std::function<void()>& added_;
  SharedCounter claims_;
  Crew crew_;
};

}  // namespace

void run_workers(const Experiment& experiment, const ExploreOptions& options, SearchState& state,
                 const Deadline& deadline, const std::function<void()>& added) {
  try {
    Foreman(experiment, options, state, deadline, added).run();
  } catch (...) {
    state.frontier.finished = false;
    throw;
  }
}

}  // namespace saga_harness
