#pragma once

#include <string_view>
#include <vector>

#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// Unwinds an incarnation that can or may do nothing more; the next one takes the saga up from the log. No
/// std::exception, so that a saga's own handlers let it through.
struct IncarnationStops {};

/// Steps of a definition asked for one by one, over a write-ahead log: what an imperative saga stands on.
class StepJournal {
 public:
  explicit StepJournal(Runtime& runtime);

  void recover();
  /// Makes the saga known to the log, if it is not yet.
  void begin();
  /// @throws Error with the nearest name.
  [[nodiscard]] StepId find(std::string_view name) const;

  /// @throws StepFailed
  Reply perform(StepId id, std::string_view payload);
  /// False: an effect may be left.
  bool undo(StepId id, std::string_view payload);
  /// From here on only backward.
  void go_back();

  [[nodiscard]] bool is_compensating() const noexcept { return is_compensating_; }
  /// It is to be undone: it was being rolled back, or a person has said so.
  [[nodiscard]] bool must_go_back() const noexcept { return is_compensating_ || is_ordered_back_; }
  [[nodiscard]] bool is_past_pivot() const;
  /// It is neither to be undone nor cancelled, and has time left.
  [[nodiscard]] bool may_go_on() const;
  [[nodiscard]] const LogRecord* end() const noexcept { return end_; }
  /// By step, what its action was answered; empty where it is not done.
  [[nodiscard]] std::vector<std::string_view> results() const;
  /// The steps whose effect may be there.
  [[nodiscard]] std::vector<std::string_view> left() const;

  /// Returns only if the record is durable.
  void write(const LogRecord& record);

 private:
  enum class Phase : std::uint8_t { kWaiting, kDone, kFailed };
  struct Progress {
    Phase phase = Phase::kWaiting;
    Operation operation = Operation::kAction;  // or the fallback
    bool asked = false;                        // in this incarnation
    bool intended = false;                     // its intent is durable
    bool maybe_done = false;                   // an attempt that did not succeed may have left an effect
    bool undone = false;
    bool stuck = false;
    std::string_view note = {};  // what the action answered, or why it failed
    std::string_view payload = {};
  };

  void recover_from(const LogRecord& record);
  void heed(std::string_view note);
  Reply attempt_action(StepId id);
  /// One operation to its budget. Nothing: it has failed for good.
  bool try_operation(StepId id, Reply& reply);
  [[noreturn]] void give_up(StepId id, std::string_view why);
  /// By an attempt that did not succeed.
  [[nodiscard]] bool may_be_left(StepId id) const;
  [[nodiscard]] bool has_something_left(StepId id) const;
  /// … or is compensated though it was refused.
  [[nodiscard]] bool is_to_be_undone(StepId id) const;
  [[nodiscard]] Request request(StepId id, Operation operation, std::string_view payload, Duration timeout);
  [[nodiscard]] ReplyStatus meaning_of(const Reply& reply) const;
  void make_sure_of_lead();
  [[nodiscard]] bool is_cancelled() const;
  [[nodiscard]] Duration remaining() const;
  [[noreturn]] void stop();

  Runtime& runtime_;
  const SagaIndex& index_;
  std::vector<Progress> progress_;
  Time deadline_ = Time::max();
  bool started_ = false;
  bool stopped_ = false;
  bool is_compensating_ = false;
  bool is_ordered_back_ = false;
  const LogRecord* end_ = nullptr;
};

}  // namespace saga_harness
