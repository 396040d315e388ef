#include "generated_coordinator.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace saga_harness::property_test {
namespace {

constexpr int kAppends = 5;
constexpr Duration kAppendPause = std::chrono::milliseconds(50);

struct Over {};  // this incarnation may do nothing more

class GeneratedCoordinator {
 public:
  GeneratedCoordinator(Runtime& runtime, const Habits& habits, const StatusBoard& board)
      : runtime_(runtime),
        saga_(runtime.index()),
        habits_(habits),
        board_(board),
        steps_(saga_.step_count()) {}

  void run() {
    if (habits_.keeps_log && !read_log()) return;
    if (!has_begun_) start();
    forward();
    const StepId pivot = saga_.pivot();
    if (!goes_back_ || is_done_though_late()) return end(Outcome::kCompleted, {});
    const bool is_past_pivot = pivot != kNoStep && (steps_[pivot].is_done || steps_[pivot].is_in_doubt);
    if (is_past_pivot) {
      if (!steps_[pivot].is_done) runtime_.mark(marks::kPivotInDoubt);
      return end(Outcome::kFlagged, left());
    }
    backward();
    const std::vector<std::string_view> names = left();
    end(names.empty() ? Outcome::kCompensated : Outcome::kFlagged, names);
  }

 private:
  struct Work {
    bool is_begun = false;  // its intent is in the log
    bool is_done = false;
    bool is_failed = false;
    bool is_in_doubt = false;  // it may have been done by what was not answered with success
    bool is_undone = false;
    bool is_stuck = false;
    bool is_by_fallback = false;
    std::size_t begun_as = 0;
  };
  struct Attempt {
    StepId step = 0;
    Operation operation = Operation::kAction;
    int number = 0;
    std::optional<Pending> pending = std::nullopt;
    Time wake = {};
  };

  // False if there is nothing to be done.
  bool read_log() {
    const std::span<const LogRecord> records = runtime_.records();
    const auto end = std::ranges::find(records, LogKind::kEnd, &LogRecord::kind);
    if (end != records.end()) {  // what is behind it is torn, or the same once more
      runtime_.report(end->outcome, end->flagged);
      return false;
    }
    if (runtime_.cause() == StartCause::kDuplicate && !records.empty()) return false;
    for (const LogRecord& record : records) read(record);
    if (has_begun_) runtime_.mark(marks::kResumed);
    if (!has_begun_ || is_going_back_) return true;
    for (StepId id = 0; id < steps_.size(); ++id) {
      Work& work = steps_[id];
      if (!work.is_begun || work.is_done || work.is_failed) continue;
      work.is_in_doubt = true;
      if (is_known_done(id)) {
        work.is_done = true;
        append({.kind = LogKind::kDone, .step = saga_.step(id).name, .operation = operation_of(id)});
      } else if (!may_ask_again(id)) {
        fail(id);
      }
    }
    return true;
  }

  void read(const LogRecord& record) {
    if (record.kind == LogKind::kStarted) {
      has_begun_ = true;
      if (!record.note.empty()) deadline_ = Time(Duration(std::stoll(std::string(record.note))));
    }
    if (record.kind == LogKind::kCompensating) goes_back_ = is_going_back_ = true;
    const StepId id = record.step.empty() ? kNoStep : saga_.find_step(record.step);
    if (id == kNoStep) return;
    Work& work = steps_[id];
    if (record.kind == LogKind::kIntent) {
      begin(id);
      work.is_in_doubt = true;
      work.is_by_fallback = record.operation == Operation::kFallback;
    }
    if (record.kind == LogKind::kDone) work.is_done = true;
    if (record.kind == LogKind::kFailed) {
      work.is_failed = true;
      goes_back_ = goes_back_ || !saga_.step(id).optional;
      work.is_in_doubt = record.maybe_done;
    }
    if (record.kind == LogKind::kUndone) work.is_undone = true;
    if (record.kind == LogKind::kStuck) work.is_stuck = true;
  }

  /// Its deadline is durable: who resumes it has the same.
  void start() {
    std::string note;
    if (saga_.saga().deadline) {
      deadline_ = runtime_.now() + *saga_.saga().deadline;
      note = std::to_string(deadline_.time_since_epoch().count());
    }
    append({.kind = LogKind::kStarted, .note = note});
  }

  void append(const LogRecord& record) {
    if (!habits_.keeps_log && record.kind != LogKind::kEnd) return;
    for (int attempt = 1;; ++attempt) {
      const LogWrite written = runtime_.append(record);
      if (written == LogWrite::kDurable) return;
      if (written == LogWrite::kFenced || attempt == kAppends) throw Over{};
      runtime_.sleep(kAppendPause);
    }
  }

  void begin(StepId id) {
    if (!steps_[id].is_begun) steps_[id].begun_as = ++begun_;
    steps_[id].is_begun = true;
  }

  [[nodiscard]] Operation operation_of(StepId id) const {
    return steps_[id].is_by_fallback ? Operation::kFallback : Operation::kAction;
  }
  [[nodiscard]] bool is_known_done(StepId id) {
    if (!habits_.asks_status || !board_.has(id)) return false;
    runtime_.mark(marks::kDoneByStatus);
    return true;
  }
  [[nodiscard]] bool may_ask_again(StepId id) const {
    return habits_.sends_keys && saga_.step(id).idempotent;
  }

  // Forward.

  void forward() {
    while (!is_going_back_) {
      if (is_cancelled()) runtime_.mark(marks::kCancelled);
      if (is_called_off()) goes_back_ = true;
      while (!goes_back_ && static_cast<int>(attempts_.size()) < habits_.at_a_time && launch_next()) {
        if (is_called_off()) goes_back_ = true;
      }
      if (attempts_.empty()) return;
      await_one();
    }
  }

  [[nodiscard]] bool is_cancelled() const {
    const StepId pivot = saga_.pivot();
    return habits_.heeds_cancel && runtime_.cancel_requested() && !is_everything_past() &&
           (pivot == kNoStep || !steps_[pivot].is_begun);
  }
  [[nodiscard]] bool is_late() const { return runtime_.now() >= deadline_ && !is_everything_past(); }
  /// What was under way when the deadline passed has been answered with success.
  [[nodiscard]] bool is_done_though_late() const {
    const StepId pivot = saga_.pivot();
    const bool is_too_late = pivot != kNoStep && steps_[pivot].is_begun;
    const bool is_called_back = habits_.heeds_cancel && runtime_.cancel_requested() && !is_too_late;
    return !is_going_back_ && !is_called_back && is_everything_past();
  }
  [[nodiscard]] bool is_called_off() const { return is_cancelled() || is_late(); }
  [[nodiscard]] bool is_everything_past() const {
    return std::ranges::all_of(saga_.order(), [this](StepId id) { return is_past(id); });
  }

  [[nodiscard]] bool is_past(StepId id) const {
    if (steps_[id].is_failed && saga_.step(id).optional) return true;
    return steps_[id].is_done || runtime_.is_skipped(id);
  }
  [[nodiscard]] bool is_ready(StepId id) const {
    if (is_past(id) || steps_[id].is_failed) return false;
    const bool is_under_way = std::ranges::any_of(attempts_, [id](const Attempt& a) { return a.step == id; });
    if (is_under_way) return false;
    // What comes before in the definition comes before, what of it is skipped included.
    return std::ranges::all_of(saga_.order(),
                               [&](StepId other) { return !saga_.precedes(other, id) || is_past(other); });
  }

  bool launch_next() {
    for (const StepId id : saga_.order()) {
      if (!is_ready(id)) continue;
      if (!steps_[id].is_begun) {
        append({.kind = LogKind::kIntent, .step = saga_.step(id).name, .operation = operation_of(id)});
        begin(id);
      }
      if (is_late()) {  // the deadline passed while the log was written
        fail(id);
        return false;
      }
      if (!attempts_.empty()) runtime_.mark(marks::kSideBySide);
      attempts_.push_back({.step = id, .operation = operation_of(id)});
      ask(attempts_.back());
      return true;
    }
    return false;
  }

  void ask(Attempt& attempt) {
    if (runtime_.is_fenced()) throw Over{};
    const OperationId operation{attempt.step, attempt.operation};
    ++attempt.number;
    attempt.pending = runtime_.start(
        {.service = saga_.step(attempt.step).service,
         .action = saga_.action_of(operation),
         .step = saga_.step(attempt.step).name,
         .idempotency_key = habits_.sends_keys
                                ? runtime_.text({name_of(attempt.operation), " of ",
                                                 saga_.step(attempt.step).name, " for ", runtime_.saga_id()})
                                : std::string_view(),
         .correlation_id = runtime_.correlation_id(),
         .auth_token = runtime_.auth_token()});
  }

  /// Waits for an answer, or until an attempt is due again.
  void await_one() {
    std::vector<Pending> pending;
    std::vector<std::size_t> of;
    Time until = Time::max();
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
      if (attempts_[i].pending) {
        pending.push_back(*attempts_[i].pending);
        of.push_back(i);
      } else {
        until = std::min(until, attempts_[i].wake);
      }
    }
    if (pending.empty()) {
      if (until > runtime_.now()) runtime_.sleep(until - runtime_.now());
    } else if (const auto arrival = runtime_.wait_any(pending, until)) {
      settle(of[arrival->index], arrival->reply);
      return;
    }
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
      if (attempts_[i].pending || attempts_[i].wake > runtime_.now()) continue;
      if (is_called_off()) goes_back_ = true;
      if (goes_back_) {
        const StepId id = attempts_[i].step;
        attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
        fail(id);
      } else {
        ask(attempts_[i]);
      }
      return;
    }
  }

  [[nodiscard]] ReplyStatus meaning_of(const Reply& reply) const {
    if (!reply.ok()) return reply.status;
    if (reply.correlation_id != runtime_.correlation_id()) return ReplyStatus::kMismatched;
    return says_failure(reply.body) ? ReplyStatus::kRejected : ReplyStatus::kOk;
  }

  void settle(std::size_t at, const Reply& reply) {
    Attempt& attempt = attempts_[at];
    const StepId id = attempt.step;
    Work& work = steps_[id];
    attempt.pending.reset();
    const ReplyStatus status = meaning_of(reply);
    const auto retire = [&] { attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(at)); };
    if (status == ReplyStatus::kOk || (!is_definite_refusal(status) && is_known_done(id))) {
      const Operation operation = attempt.operation;
      retire();
      work.is_done = true;
      append({.kind = LogKind::kDone, .step = saga_.step(id).name, .operation = operation});
      return;
    }
    // A copy of what was turned away may be accepted: only a refusal that is final is a sure no.
    if (!is_definite_refusal(status)) work.is_in_doubt = true;
    const bool may_repeat = !is_definite_refusal(status) && (is_sure_no(status) || may_ask_again(id)) &&
                            habits_.sends_keys && !goes_back_;
    if (may_repeat && attempt.number < budget(attempt)) {
      attempt.wake =
          runtime_.now() + std::max(backoff(saga_.step(id).retry, attempt.number + 1), reply.retry_after);
      return;
    }
    const bool is_first_choice = attempt.operation == Operation::kAction;
    retire();
    if (is_first_choice && habits_.uses_fallbacks && !saga_.step(id).fallback.empty() && may_fall_back(id) &&
        !goes_back_ && !is_called_off()) {
      work.is_by_fallback = true;
      runtime_.mark(marks::kFallback);
      append({.kind = LogKind::kIntent, .step = saga_.step(id).name, .operation = Operation::kFallback});
      if (is_late()) return fail(id);
      attempts_.push_back({.step = id, .operation = Operation::kFallback});
      ask(attempts_.back());
      return;
    }
    fail(id);
  }

  // Two effects would be one too many.
  [[nodiscard]] bool may_fall_back(StepId id) const {
    return !steps_[id].is_in_doubt || (habits_.looks_elsewhere && !saga_.step(id).has_effect);
  }

  [[nodiscard]] int budget(const Attempt& attempt) const {
    return habits_.uses_whole_budget ? saga_.budget({attempt.step, attempt.operation}) : 1;
  }

  void fail(StepId id) {
    steps_[id].is_failed = true;
    goes_back_ = goes_back_ || !saga_.step(id).optional;
    append({.kind = LogKind::kFailed,
            .step = saga_.step(id).name,
            .operation = operation_of(id),
            .maybe_done = steps_[id].is_in_doubt && saga_.step(id).has_effect});
    if (goes_back_) return;
    runtime_.mark(marks::kGoesWithout);
    if (!habits_.undoes_at_once || !saga_.step(id).has_effect || !steps_[id].is_in_doubt ||
        !attempts_.empty())
      return;
    runtime_.mark(marks::kUndoesAtOnce);
    undo(id);
  }

  // Backward.

  void backward() {
    if (!is_going_back_) append({.kind = LogKind::kCompensating});
    std::vector<StepId> order(saga_.order().rbegin(), saga_.order().rend());
    if (habits_.undoes_last_begun_first)
      std::ranges::stable_sort(order, std::ranges::greater(),
                               [this](StepId id) { return steps_[id].begun_as; });
    for (const StepId id : order) {
      const Work& work = steps_[id];
      const bool is_owed = work.is_failed && saga_.step(id).compensated_if_refused;
      if ((!work.is_done && !work.is_in_doubt && !is_owed) || work.is_undone || work.is_stuck) continue;
      if (!saga_.step(id).has_effect) {
        runtime_.mark(marks::kPassesOver);
        continue;
      }
      if (!work.is_done)
        runtime_.mark(work.is_in_doubt ? marks::kUndoneInDoubt : marks::kUndoneThoughRefused);
      undo(id);
    }
  }

  void undo(StepId id) {
    if (saga_.step(id).compensation.empty()) return;
    Attempt attempt{.step = id, .operation = Operation::kCompensation};
    for (;;) {
      ask(attempt);
      const Reply reply = runtime_.wait(*attempt.pending);
      const ReplyStatus status = meaning_of(reply);
      if (status == ReplyStatus::kOk) {
        steps_[id].is_undone = true;
        return append(
            {.kind = LogKind::kUndone, .step = saga_.step(id).name, .operation = Operation::kCompensation});
      }
      if (is_definite_refusal(status) || !habits_.sends_keys || attempt.number >= budget(attempt)) break;
      runtime_.sleep(
          std::max(backoff(saga_.step(id).compensation_retry, attempt.number + 1), reply.retry_after));
    }
    steps_[id].is_stuck = true;
    runtime_.mark(marks::kCompensationFailed);
    append({.kind = LogKind::kStuck, .step = saga_.step(id).name, .operation = Operation::kCompensation});
  }

  [[nodiscard]] std::vector<std::string_view> left() const {
    std::vector<std::string_view> names;
    for (const StepId id : saga_.order()) {
      const Work& work = steps_[id];
      const bool was_asked = work.is_done || work.is_in_doubt || work.is_stuck;
      if (was_asked && !work.is_undone && saga_.step(id).has_effect) names.push_back(saga_.step(id).name);
    }
    return names;
  }

  void end(Outcome outcome, const std::vector<std::string_view>& flagged) {
    append({.kind = LogKind::kEnd, .outcome = outcome, .flagged = flagged});
    runtime_.report(outcome, flagged);
  }

  Runtime& runtime_;
  const SagaIndex& saga_;
  const Habits& habits_;
  const StatusBoard& board_;
  std::vector<Work> steps_;
  std::vector<Attempt> attempts_;
  std::size_t begun_ = 0;
  bool has_begun_ = false;
  Time deadline_ = Time::max();
  bool goes_back_ = false;
  bool is_going_back_ = false;  // and the log says so
};

class AnswersStatusQueries final : public ForwardingParticipant {
 public:
  AnswersStatusQueries(std::unique_ptr<Participant> behind, std::shared_ptr<StatusBoard> board)
      : behind_(std::move(behind)), board_(std::move(board)) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const auto note = [&] {
      const StepId step = delivery.operation.step;
      const Effect& effect = recorder.effect(step);
      board_->note(step, effect.applied > effect.undone);
    };
    try {
      const Reply reply = behind_->handle(delivery, recorder);
      note();
      return reply;
    } catch (const std::exception&) {
      note();
      throw;
    }
  }
  void reset() override {
    board_->reset();
    behind_->reset();
  }

 protected:
  [[nodiscard]] Participant& behind() const override { return *behind_; }

 private:
  std::unique_ptr<Participant> behind_;
  std::shared_ptr<StatusBoard> board_;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Habits& habits) {
  return out << "keeps_log " << habits.keeps_log << ", sends_keys " << habits.sends_keys << ", asks_status "
             << habits.asks_status << ", uses_fallbacks " << habits.uses_fallbacks << ", uses_whole_budget "
             << habits.uses_whole_budget << ", at_a_time " << habits.at_a_time << ", undoes_last_begun_first "
             << habits.undoes_last_begun_first << ", heeds_cancel " << habits.heeds_cancel
             << ", looks_elsewhere " << habits.looks_elsewhere << ", undoes_at_once "
             << habits.undoes_at_once;
}

Claims claims_of(const Habits& habits) {
  Claims claims = Claims::all();
  claims.survives_crashes = claims.write_ahead = claims.checks_log_writes = claims.fences =
      claims.starts_once = claims.resumes_where_it_stopped = habits.keeps_log;
  claims.idempotency_keys = habits.sends_keys;
  claims.retries = claims.flags_only_when_needed = habits.sends_keys && habits.uses_whole_budget;
  claims.honours_cancel = habits.heeds_cancel;
  return claims;
}

ParticipantFactory with_status(ParticipantFactory behind, std::shared_ptr<StatusBoard> board) {
  return [behind = std::move(behind), board = std::move(board)] {
    return std::make_unique<AnswersStatusQueries>(behind(), board);
  };
}

Coordinator generated_coordinator(const Habits& habits, std::shared_ptr<const StatusBoard> board) {
  return [habits, board = std::move(board)](Runtime& runtime) {
    try {
      GeneratedCoordinator(runtime, habits, *board).run();
    } catch (const Over&) {
      return;
    }
  };
}

}  // namespace saga_harness::property_test
