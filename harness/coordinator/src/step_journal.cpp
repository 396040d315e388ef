#include "step_journal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/imperative.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

constexpr int kJournalWriteAttempts = 5;
constexpr Duration kJournalWriteDelay = std::chrono::milliseconds(100);

}  // namespace

StepJournal::StepJournal(Runtime& runtime)
    : runtime_(runtime), index_(runtime.index()), progress_(index_.step_count()) {}

void StepJournal::recover() {
  if (runtime_.cause() == StartCause::kDuplicate && !runtime_.records().empty() &&
      runtime_.records().back().kind != LogKind::kEnd) {
    stopped_ = true;  // the saga runs already
  }
  for (const LogRecord& record : runtime_.records()) recover_from(record);
}

void StepJournal::recover_from(const LogRecord& record) {
  switch (record.kind) {
    case LogKind::kStarted: {
      started_ = true;
      std::int64_t deadline = 0;
      const char* const begin = record.note.data();
      if (std::from_chars(begin, begin + record.note.size(), deadline).ptr != begin)
        deadline_ = Time(Duration(deadline));
      return;
    }
    case LogKind::kCompensating:
      is_compensating_ = true;
      return;
    case LogKind::kEnd:
      end_ = &record;
      return;
    case LogKind::kNote:
      heed(record.note);
      return;
    case LogKind::kTorn:
      return;
    case LogKind::kIntent:
    case LogKind::kDone:
    case LogKind::kFailed:
    case LogKind::kUndone:
    case LogKind::kStuck:
      break;
  }
  Progress& progress = progress_[index_.find_step(record.step)];
  if (record.kind == LogKind::kIntent) {
    progress.intended = progress.maybe_done = true;
    progress.operation = record.operation;
  } else if (record.kind == LogKind::kDone || record.kind == LogKind::kFailed) {
    progress.phase = record.kind == LogKind::kDone ? Phase::kDone : Phase::kFailed;
    progress.maybe_done = record.kind == LogKind::kFailed && record.maybe_done;
    progress.note = record.note;
  } else {
    (record.kind == LogKind::kUndone ? progress.undone : progress.stuck) = true;
  }
}

// What a person has ordered.
void StepJournal::heed(std::string_view note) {
  if (note == kCancelNote) {
    const StepId pivot = index_.pivot();
    if (pivot == kNoStep || !progress_[pivot].intended) is_ordered_back_ = true;
  }
  if (note == kCompensateNote) {
    end_ = nullptr;
    is_ordered_back_ = true;
    for (Progress& progress : progress_) progress.stuck = false;
  }
}

void StepJournal::begin() {
  if (stopped_) stop();
  if (started_) return;
  started_ = true;
  std::array<char, 24> digits = {};
  std::string_view note;
  if (index_.saga().deadline) {
    deadline_ = runtime_.now() + *index_.saga().deadline;
    const auto written =
        std::to_chars(digits.data(), digits.data() + digits.size(), deadline_.time_since_epoch().count());
    note = std::string_view(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
  }
  write({.kind = LogKind::kStarted, .note = note});
}

StepId StepJournal::find(std::string_view name) const {
  const StepId id = index_.find_step(name);
  if (id != kNoStep) return id;
  std::vector<std::string_view> names;
  for (const Step& step : index_.saga().steps) names.emplace_back(step.name);
  throw Error(
      ErrorText{.message = fmt::format("the saga \"{}\" has no step \"{}\"", index_.saga().name, name),
                .fix = internal::name_fix(name, names)});
}

Reply StepJournal::perform(StepId id, std::string_view payload) {
  if (stopped_) stop();
  Progress& progress = progress_[id];
  const Step& step = index_.step(id);
  if (progress.asked) {
    throw Error(ErrorText{.message = fmt::format("the step \"{}\" is asked for twice in one saga", step.name),
                          .fix = "make it two steps of the definition"});
  }
  if (end_ != nullptr && progress.phase == Phase::kWaiting) {
    throw Error(ErrorText{
        .message = fmt::format("the step \"{}\" is asked for in a saga that has ended without it", step.name),
        .fix = "let the code do the same things whenever it runs"});
  }
  progress.asked = true;
  progress.payload = payload.empty() ? payload : runtime_.text({payload});
  switch (progress.phase) {
    case Phase::kDone:
      return {.status = ReplyStatus::kOk, .body = progress.note, .correlation_id = runtime_.correlation_id()};
    case Phase::kFailed:
      throw StepFailed(std::string(progress.note), progress.maybe_done);
    case Phase::kWaiting:
      break;
  }
  if (!may_go_on()) throw StepFailed(fmt::format("{}: the saga may not go on", step.name), may_be_left(id));
  if (progress.intended && !step.idempotent) give_up(id, "in doubt, and may not be asked for twice");
  if (!progress.intended) {
    progress.intended = true;
    write({.kind = LogKind::kIntent, .step = step.name, .operation = progress.operation});
  }
  return attempt_action(id);
}

Reply StepJournal::attempt_action(StepId id) {
  Progress& progress = progress_[id];
  const Step& step = index_.step(id);
  for (;;) {
    Reply reply;
    if (try_operation(id, reply)) {
      progress.phase = Phase::kDone;
      progress.note = runtime_.text({reply.body.text()});
      write({.kind = LogKind::kDone, .step = step.name, .operation = progress.operation, .note = reply.body});
      return reply;
    }
    // Forward recovery only where it is certain that the action left nothing: else both might take effect.
    const bool has_fallback = progress.operation == Operation::kAction && !step.fallback.empty();
    if (!has_fallback || may_be_left(id) || !may_go_on()) {
      give_up(id, reply.body.empty() ? name_of(meaning_of(reply))
                                     : runtime_.text({name_of(meaning_of(reply)), " ", reply.body}));
    }
    progress.operation = Operation::kFallback;
    write({.kind = LogKind::kIntent, .step = step.name, .operation = Operation::kFallback});
  }
}

bool StepJournal::try_operation(StepId id, Reply& reply) {
  Progress& progress = progress_[id];
  const Step& step = index_.step(id);
  const OperationId operation{id, progress.operation};
  reply = {.status = ReplyStatus::kTimeout};
  for (int attempt = 1;; ++attempt) {
    if (remaining() <= Duration::zero()) return false;
    make_sure_of_lead();
    reply = runtime_.call(
        request(id, progress.operation, progress.payload, std::min(index_.timeout(operation), remaining())));
    ReplyStatus status = meaning_of(reply);
    if (status == ReplyStatus::kOk && !runtime_.gives_results(id, reply.body)) status = ReplyStatus::kCorrupt;
    if (status == ReplyStatus::kOk) return true;
    if (is_definite_refusal(status)) return false;
    progress.maybe_done = true;  // after a sure no as well: a copy of the request may be accepted
    if (!is_sure_no(status) && !step.idempotent) return false;
    const Duration wait = std::max(backoff(step.retry, attempt + 1), reply.retry_after);
    if (attempt >= index_.budget(operation) || is_cancelled() || runtime_.now() + wait >= deadline_)
      return false;
    runtime_.sleep(wait);
    if (is_cancelled()) return false;
  }
}

void StepJournal::give_up(StepId id, std::string_view why) {
  Progress& progress = progress_[id];
  progress.phase = Phase::kFailed;
  progress.note = runtime_.text({index_.step(id).name, ": ", why});
  write({.kind = LogKind::kFailed,
         .step = index_.step(id).name,
         .operation = progress.operation,
         .maybe_done = may_be_left(id),
         .note = progress.note});
  throw StepFailed(std::string(progress.note), may_be_left(id));
}

bool StepJournal::may_be_left(StepId id) const {
  return progress_[id].maybe_done && index_.step(id).has_effect;
}

bool StepJournal::has_something_left(StepId id) const {
  const Progress& progress = progress_[id];
  const bool was_asked = progress.phase == Phase::kDone || progress.maybe_done;
  return was_asked && !progress.undone && index_.step(id).has_effect;
}

bool StepJournal::is_to_be_undone(StepId id) const {
  const Progress& progress = progress_[id];
  const bool is_owed = progress.phase == Phase::kFailed && index_.step(id).compensated_if_refused;
  return has_something_left(id) || (is_owed && !progress.undone);
}

void StepJournal::go_back() {
  if (is_compensating_) return;
  write({.kind = LogKind::kCompensating});
  is_compensating_ = true;
}

bool StepJournal::undo(StepId id, std::string_view payload) {
  if (stopped_) stop();
  Progress& progress = progress_[id];
  const Step& step = index_.step(id);
  if (!is_to_be_undone(id)) return true;
  if (!is_compensating_) {
    throw Error(ErrorText{.message = fmt::format("\"{}\" is undone while the saga goes forward", step.name),
                          .fix = "leave it to its rollback"});
  }
  if (step.compensation.empty() || progress.stuck) return false;
  const std::string_view sent = payload.empty() ? progress.payload : payload;
  const int budget = index_.budget({id, Operation::kCompensation});
  for (int attempt = 1;; ++attempt) {
    make_sure_of_lead();
    const Reply reply = runtime_.call(request(id, Operation::kCompensation, sent, step.compensation_timeout));
    const ReplyStatus status = meaning_of(reply);
    if (status == ReplyStatus::kOk) {
      progress.undone = true;
      write({.kind = LogKind::kUndone, .step = step.name, .operation = Operation::kCompensation});
      return true;
    }
    if (is_definite_refusal(status) || attempt >= budget) break;
    runtime_.sleep(std::max(backoff(step.compensation_retry, attempt + 1), reply.retry_after));
  }
  progress.stuck = true;
  write({.kind = LogKind::kStuck, .step = step.name, .operation = Operation::kCompensation});
  return false;
}

std::vector<std::string_view> StepJournal::results() const {
  std::vector<std::string_view> results;
  for (const Progress& progress : progress_)
    results.push_back(progress.phase == Phase::kDone ? progress.note : std::string_view());
  return results;
}

std::vector<std::string_view> StepJournal::left() const {
  std::vector<std::string_view> names;
  for (const StepId id : index_.order()) {
    if (has_something_left(id) || progress_[id].stuck) names.emplace_back(index_.step(id).name);
  }
  return names;
}

bool StepJournal::is_past_pivot() const {
  const StepId pivot = index_.pivot();
  // A pivot that may have been done must be taken as done: there is no way back to find out by.
  return pivot != kNoStep && (progress_[pivot].phase == Phase::kDone || progress_[pivot].maybe_done);
}

void StepJournal::write(const LogRecord& record) {
  if (stopped_) stop();
  for (int attempt = 1;; ++attempt) {
    switch (runtime_.append(record)) {
      case LogWrite::kDurable:
        return;
      case LogWrite::kFenced:
        stop();
      case LogWrite::kFailed:
        if (attempt == kJournalWriteAttempts) stop();
        runtime_.sleep(kJournalWriteDelay * attempt);
        break;
    }
  }
}

Request StepJournal::request(StepId id, Operation operation, std::string_view payload, Duration timeout) {
  const Step& step = index_.step(id);
  return {.service = step.service,
          .action = index_.action_of({id, operation}),
          .step = step.name,
          .idempotency_key = runtime_.key({id, operation}),
          .payload = payload,
          .correlation_id = runtime_.correlation_id(),
          .auth_token = runtime_.auth_token(),
          .timeout = timeout};
}

ReplyStatus StepJournal::meaning_of(const Reply& reply) const {
  if (!reply.ok()) return reply.status;
  if (reply.correlation_id != runtime_.correlation_id()) return ReplyStatus::kMismatched;
  return says_failure(reply.body) ? ReplyStatus::kRejected : ReplyStatus::kOk;
}

void StepJournal::make_sure_of_lead() {
  if (runtime_.is_fenced()) stop();
}

bool StepJournal::is_cancelled() const {
  if (!runtime_.cancel_requested()) return false;
  const StepId pivot = index_.pivot();
  return pivot == kNoStep || !progress_[pivot].intended;  // else too late: there is no way back
}

bool StepJournal::may_go_on() const {
  return !is_compensating_ && !is_ordered_back_ && !is_cancelled() && remaining() > Duration::zero();
}

Duration StepJournal::remaining() const {
  return deadline_ == Time::max() ? Duration::max() : deadline_ - runtime_.now();
}

void StepJournal::stop() {
  stopped_ = true;
  throw IncarnationStops{};
}

}  // namespace saga_harness
