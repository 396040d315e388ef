#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <saga_harness/http_fakes.hpp>
#include <saga_harness/target.hpp>

#include "processes.hpp"

namespace saga_harness::blackbox {

/// What all runs of a session have in common.
struct DriverSettings {
  ObservedRuns& runs;
  const HttpFakes& fakes;
  const Target& target;
  const SagaIndex& saga;
  std::vector<FaultKind> kinds = {};
  Duration quiet = Duration::zero();  ///< a run is over once nothing was sent for so long
  /// Does the run, as it stands, break a rule? Then it is waited for longer.
  std::function<bool(const ObservedRun&)> is_doubtful = {};
  /// Called while a run no longer needs its place among those that are busy: only quiet is waited for.
  std::function<void()> resting = {};
};

/// One saga, from its start to its end. To be used once.
class Driver : public std::enable_shared_from_this<Driver> {
 public:
  Driver(const DriverSettings& settings, Processes::Lease& lease, std::string saga_id, Moment heal_at);

  /// @throws Error if the target cannot be reached, or says what TARGET.json does not explain.
  [[nodiscard]] ObservedRun run(const FaultPlan& plan);
  /// From any thread, at any time: the run ends soon, with whatever there is. Nothing, once it has ended.
  void abandon();
  /// Likewise: kills the target; the run goes on.
  void crash();

 private:
  /// An answer that TARGET.json finds no word in.
  struct Wordless {
    std::string who = {};
    std::string text = {};
  };

  void conduct(const FaultPlan& plan);
  void lose_patience();
  void begin();
  void follow();
  void settle(Duration quiet);
  void wait_if_doubtful();
  void end_after_heal();
  void end();
  [[nodiscard]] bool crashed();
  void stop();
  [[nodiscard]] bool stopped();
  void come_back();
  void expect_dead();
  void start_again();
  void send(const RequestTemplate& request);
  void launch(const CommandTemplate& command);
  void attend_command();
  void poll();
  void hear(const HttpAnswer& answer, std::string_view who);
  void hear_output();
  void expect_word() const;
  void say(const std::optional<std::string>& word, std::string_view document, std::string_view where);
  [[nodiscard]] std::vector<std::string> flagged_in(std::string_view document) const;
  [[nodiscard]] std::string step_called(const std::string& name) const;
  void time_is_up();
  [[nodiscard]] bool may_hear_more() const;
  void finish(ObservedRun& run) const;

  const DriverSettings& settings_;
  const Target& target_;
  Processes::Lease& lease_;
  std::string saga_id_;
  TemplateValues values_;
  Waiting waiting_;
  Moment heal_at_;
  Duration heal_after_;
  std::uint64_t calls_when_asked_ = 0;  // of lose_patience()
  bool has_crash_ = false;

  std::mutex mutex_;  // of the five below: news comes from other threads
  bool is_over_ = false;
  bool stopped_ = false;
  bool crashed_ = false;
  bool outlived_crash_ = false;  // some of the command is left
  std::shared_ptr<ChildProcess> command_;

  std::optional<Outcome> reported_ = std::nullopt;
  bool gave_up_ = false;  // its time was up
  bool lost_ = false;     // nothing will be heard any more, for the reason in complaint_
  std::string complaint_;
  std::optional<Wordless> wordless_ = std::nullopt;
};

}  // namespace saga_harness::blackbox
