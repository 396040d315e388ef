#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/observability.hpp>

#include "observability/run_story.hpp"
#include "text/foreign_text.hpp"

namespace saga_harness {
namespace {

using reports::clean;

/// What has been said of a step so far.
struct Told {
  bool succeeded = false;
  bool failed = false;
  bool compensating = false;
  bool compensation_failed = false;
};

/// How the last attempt at an operation stands.
enum class Standing : std::uint8_t { kUntried, kWaiting, kFailed, kWorked };

/// A run as its log: what its coordinator, or in a choreography its services, could say at each moment.
class LogWriter {
 public:
  LogWriter(const Run& run, std::string_view saga_id)
      : events_(run.trace.events),
        texts_(run.trace.texts),
        saga_(run.saga),
        prefix_(fmt::format("[SAGA-{}] ", clean(reports::saga_id_or_default(saga_id, run.saga)))),
        told_(saga_.step_count()),
        standings_(saga_.step_count() * kOperationCount, Standing::kUntried) {}

  [[nodiscard]] std::string write() {
    line(fmt::format("Starting saga: {}", clean(saga_.saga().name)));
    for (std::size_t i = 0; i < events_.size(); ++i) take(i);
    if (!reported_) line("Saga unresolved: nobody said how it ended");
    return std::move(log_);
  }

 private:
  void line(std::string_view text) {
    log_ += prefix_;
    log_ += text;
    log_ += '\n';
  }

  [[nodiscard]] std::string text_of(const Event& event) const {
    return event.text < texts_.size() ? clean(texts_[event.text]) : std::string();
  }
  [[nodiscard]] std::string action_of(StepId step, Operation operation) const {
    return clean(saga_.action_of({step, operation}));
  }
  [[nodiscard]] Standing& standing(StepId step, Operation operation) {
    return standings_[step * kOperationCount + static_cast<std::size_t>(operation)];
  }

  void take(std::size_t position) {
    const Event& event = events_[position];
    const bool has_step = event.step < saga_.step_count();
    switch (event.type) {
      case EventType::kSent:
        if (has_step) sent(event);
        return;
      case EventType::kReceived:
        if (has_step) ended(event, static_cast<ReplyStatus>(event.detail));
        return;
      case EventType::kTimedOut:
        if (has_step) ended(event, ReplyStatus::kTimeout);
        return;
      case EventType::kLogged:
        if (has_step) logged(event);
        return;
      case EventType::kPublished:
        return published(event);
      case EventType::kDeadLettered:
        if (has_step) line(fmt::format("Dead letter: {}", action_of(event.step, event.operation)));
        return;
      case EventType::kCrashed:
        return line("Coordinator died");
      case EventType::kStarted:
        return started(static_cast<StartCause>(event.detail));
      case EventType::kThrew:
        return line(fmt::format("Coordinator failed: {}", text_of(event)));
      case EventType::kGaveUp:
        return line(fmt::format("Given up: {}", text_of(event)));
      case EventType::kReported:
        return reported(position);
      case EventType::kDelivered:
      case EventType::kApplied:
      case EventType::kUndone:
      case EventType::kAnswered:
      case EventType::kDropped:
      case EventType::kFault:
      case EventType::kNotLogged:
      case EventType::kLoggedStep:
      case EventType::kWokeUp:
      case EventType::kReportedStep:
      case EventType::kReturned:
      case EventType::kHealed:
      case EventType::kMarked:
        return;
    }
  }

  void sent(const Event& event) {
    standing(event.step, event.operation) = Standing::kWaiting;
    if (event.operation != Operation::kCompensation) return;
    give_up_actions();
    if (told_[event.step].compensating) return;
    told_[event.step].compensating = true;
    line(fmt::format("Compensating: {}", action_of(event.step, event.operation)));
  }

  // What is acknowledged by a service of a choreography need not be done: it says so by an event.
  void ended(const Event& event, ReplyStatus status) {
    standing(event.step, event.operation) =
        status == ReplyStatus::kOk ? Standing::kWorked : Standing::kFailed;
    if (event.operation == Operation::kCompensation) return;
    if (!saga_.is_choreography()) {
      if (status == ReplyStatus::kOk) succeed(event.step, event.operation);
    } else if (is_definite_refusal(status) && saga_.step(event.step).emits.failure.empty()) {
      fail(event.step);
    }
  }

  void logged(const Event& event) {
    const auto kind = static_cast<LogKind>(event.detail);
    if (kind == LogKind::kFailed && event.operation != Operation::kCompensation) fail(event.step);
    if (kind == LogKind::kStuck) fail_compensation(event.step);
  }

  void published(const Event& event) {
    const auto role = static_cast<EventRole>(event.detail);
    if (role == EventRole::kDeadline) line(fmt::format("Deadline: {}", text_of(event)));
    if (event.step >= saga_.step_count()) return;
    if (role == EventRole::kSuccess) succeed(event.step, Operation::kAction);
    if (role == EventRole::kFailure) fail(event.step);
  }

  void started(StartCause cause) {
    if (cause == StartCause::kFirst || cause == StartCause::kRecovery) return;
    line(fmt::format("Coordinator started again: {}", name_of(cause)));
  }

  void succeed(StepId step, Operation operation) {
    if (std::exchange(told_[step].succeeded, true)) return;
    step_line(step, operation == Operation::kFallback
                        ? fmt::format("SUCCESS by {}", action_of(step, operation))
                        : std::string("SUCCESS"));
  }
  void fail(StepId step) {
    if (told_[step].succeeded || std::exchange(told_[step].failed, true)) return;
    step_line(step, "FAILED");
  }
  void step_line(StepId step, std::string_view word) {
    line(
        fmt::format("Step {}/{}: {} - {}", step + 1, saga_.step_count(), clean(saga_.step(step).name), word));
  }
  void fail_compensation(StepId step) {
    if (std::exchange(told_[step].compensation_failed, true)) return;
    line(fmt::format("Compensation failed: {}", action_of(step, Operation::kCompensation)));
  }

  /// Who keeps no log that we can read shows by going back, or by ending, what has failed.
  void give_up_actions() {
    if (saga_.is_choreography()) return;
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      if (standing(step, Operation::kAction) == Standing::kFailed &&
          standing(step, Operation::kFallback) != Standing::kWaiting)
        fail(step);
    }
  }

  void reported(std::size_t position) {
    if (!reports::is_news(events_[position], reported_)) return;
    give_up_actions();
    for (StepId step = 0; step < saga_.step_count(); ++step) {
      const Standing standing_now = standing(step, Operation::kCompensation);
      if (standing_now == Standing::kFailed && *reported_ != Outcome::kCompleted) fail_compensation(step);
    }
    switch (*reported_) {
      case Outcome::kCompleted:
        return line("Saga completed successfully");
      case Outcome::kCompensated:
        return line("Saga compensated successfully");
      case Outcome::kFlagged:
        return line("Saga flagged for a person" + steps_after(position));
      case Outcome::kUnresolved:
        return line("Saga unresolved");
    }
  }

  [[nodiscard]] std::string steps_after(std::size_t position) const {
    std::string names;
    for (std::size_t i = position + 1; i < events_.size(); ++i) {
      const Event& event = events_[i];
      if (event.type != EventType::kReportedStep || event.step >= saga_.step_count()) break;
      names += (names.empty() ? ": " : ", ") + clean(saga_.step(event.step).name);
    }
    return names;
  }

  const std::vector<Event>& events_;
  const std::vector<std::string>& texts_;
  SagaIndex saga_;
  std::string prefix_;
  std::vector<Told> told_;
  std::vector<Standing> standings_;  // by step and operation
  std::optional<Outcome> reported_;
  std::string log_;
};

}  // namespace

std::string log_lines(const Run& run, std::string_view saga_id) { return LogWriter(run, saga_id).write(); }

}  // namespace saga_harness
