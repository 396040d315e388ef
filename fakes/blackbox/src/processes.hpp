#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

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

/// The target's process, if it is ours to start: started, killed, started again.
class Instance {
 public:
  Instance(const Target& target, TemplateValues values);
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

  const Target& target_;
  TemplateValues values_;
  std::optional<Scratch> scratch_;
  std::mutex mutex_;
  std::shared_ptr<ChildProcess> child_;
  bool some_is_left_ = false;  // after a kill
};

/// Who may use which process when.
class Processes {
 public:
  Processes(const Target& target, TemplateValues values);

  /// The right to use a process, until it goes out of scope.
  class Lease {
   public:
    Lease(Processes& of, std::shared_ptr<Instance> instance, bool alone)
        : of_(&of), instance_(std::move(instance)), alone_(alone) {}
    ~Lease() { of_->give_back(*this); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    [[nodiscard]] Instance& instance() const noexcept { return *instance_; }
    [[nodiscard]] bool is_alone() const noexcept { return alone_; }
    /// What is running in it is not to go on: it is started afresh once nobody uses it.
    void spoil() noexcept { spoiled_ = true; }

   private:
    friend class Processes;
    Processes* of_;
    std::shared_ptr<Instance> instance_;
    bool alone_;
    bool spoiled_ = false;
  };

  /// Waits for its turn. `alone`: nobody else uses the process meanwhile.
  [[nodiscard]] std::unique_ptr<Lease> take(bool alone);

 private:
  void give_back(const Lease& lease);
  [[nodiscard]] std::shared_ptr<Instance> make() const;

  const Target& target_;
  TemplateValues values_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Instance> shared_;
  int users_ = 0;
  int waiting_alone_ = 0;
  bool has_alone_ = false;
  bool spoiled_ = false;
};

}  // namespace saga_harness::blackbox
