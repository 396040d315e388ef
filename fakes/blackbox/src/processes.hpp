#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <saga_harness/target.hpp>

#include <saga_harness_internal/child_process.hpp>
#include <saga_harness_internal/http_client.hpp>
#include <saga_harness_internal/scratch.hpp>
#include "templates.hpp"

namespace saga_harness::blackbox {

using http::HttpAnswer;
using http::HttpFailure;
using http::HttpRequest;
using os::ChildProcess;
using os::Clock;
using os::Command;
using os::Moment;
using os::OwnedFd;
using os::Scratch;
using os::Waiting;
using os::Woken;

[[nodiscard]] HttpRequest filled(const RequestTemplate& request, const TemplateValues& values);

/// Where the processes of a target are that are up: of two, one may get the port that the other has just
/// left.
class Addresses {
 public:
  void add(const std::string& url);
  void remove(const std::string& url);
  /// Waits for a moment: one that is starting answers before it is known to be up.
  [[nodiscard]] bool has(const std::string& url);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<std::string> urls_;
};

/// The target's process, if it is ours to start: started, killed, started again.
class Instance {
 public:
  /// `addresses` must outlive it.
  Instance(const Target& target, TemplateValues values, Addresses& addresses);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Starts it, on another port than last time, and waits until it is ready. @throws Error if it does not
  /// come up.
  void start();
  /// From any thread. Returns when nothing of it is left.
  void kill();
  /// Once it was killed. @throws Error if some of it is left, or somebody still answers where it did: a crash
  /// that was none.
  void expect_dead();

  [[nodiscard]] const TemplateValues& values() const noexcept { return values_; }
  /// A command of the target's, to be run beside its process.
  [[nodiscard]] Command command(const CommandTemplate& command, const TemplateValues& values) const;
  /// `\n` and the end of what it wrote to stderr, if it wrote anything.
  [[nodiscard]] std::string last_words();
  /// How it ended, if it did.
  /// `patience`: how long to wait for an end that is under way.
  [[nodiscard]] std::string obituary(std::chrono::milliseconds patience = {});

 private:
  void start_once();
  void wait_until_ready(ChildProcess& child);
  [[nodiscard]] bool is_ready(ChildProcess& child, Moment until);
  [[nodiscard]] std::shared_ptr<ChildProcess> child();
  [[nodiscard]] std::string url() const;
  void leave_address();

  const Target& target_;
  TemplateValues values_;
  Addresses& addresses_;
  std::optional<Scratch> scratch_;
  std::mutex mutex_;
  std::shared_ptr<ChildProcess> child_;
  bool some_is_left_ = false;  // after a kill
  std::string listed_at_;      // among the addresses
};

/// Who may use which process when.
class Processes {
 public:
  /// `most_own`: how many runs that kill it may have a process of their own at a time, where there can be
  /// several.
  Processes(const Target& target, TemplateValues values, int most_own = 1);

  /// The right to use a process, until it goes out of scope.
  class Lease {
   public:
    enum class Sharing : std::uint8_t {
      kShared,
      kAlone,
      kOwn
    };  ///< kOwn: no other run ever meets it meanwhile

    Lease(Processes& of, std::shared_ptr<Instance> instance, Sharing sharing)
        : of_(&of), instance_(std::move(instance)), sharing_(sharing) {}
    ~Lease() { of_->give_back(*this); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] Instance& instance() const noexcept { return *instance_; }
    /// What is running in it is not to go on: it is started afresh once nobody uses it.
    void spoil() noexcept { spoiled_ = true; }

   private:
    friend class Processes;
    Processes* of_;
    std::shared_ptr<Instance> instance_;
    Sharing sharing_;
    bool spoiled_ = false;
  };

  /// Waits for its turn. `alone`: nobody else uses the process meanwhile.
  [[nodiscard]] std::unique_ptr<Lease> take(bool alone);

 private:
  [[nodiscard]] std::unique_ptr<Lease> take_own();
  void give_back(const Lease& lease);
  void give_back_own(const Lease& lease);
  [[nodiscard]] std::shared_ptr<Instance> make();

  const Target& target_;
  TemplateValues values_;
  Addresses addresses_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Instance> shared_;
  int users_ = 0;
  int waiting_alone_ = 0;
  bool has_alone_ = false;
  bool spoiled_ = false;
  int most_own_ = 0;
  int own_in_use_ = 0;
  std::vector<std::shared_ptr<Instance>> own_;  // those that nobody uses now
};

}  // namespace saga_harness::blackbox
