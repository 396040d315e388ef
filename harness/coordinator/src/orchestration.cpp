#include "orchestration.hpp"

#include <charconv>

#include <saga_harness/error.hpp>
#include <saga_harness/runtime_memory.hpp>

namespace saga_harness {

namespace {

constexpr int kWriteAttempts = 5;
constexpr Duration kWriteDelay = std::chrono::milliseconds(100);

}  // namespace

// The first saga begins before all others.
void LogsOfSagas::begin_run() const {
  if (own != 0) return;
  for (std::vector<LogRecord>& log : *logs) log.clear();
}

void LogsOfSagas::note(std::span<const LogRecord> records) const {
  logs->at(own).assign(records.begin(), records.end());
}

std::span<const LogRecord> LogsOfSagas::of_the_next() const { return logs->at((own + 1) % logs->size()); }

Orchestration::Orchestration(Runtime& runtime, OrchestratorBug bug,
                             const std::optional<CircuitBreaker>& breaker, const LogsOfSagas* logs,
                             ResultsOfAll* results_of_all)
    : runtime_(runtime),
      index_(runtime.index()),
      bug_(bug),
      breakers_(breaker, RuntimeMemory::of(runtime)),
      logs_(logs),
      progress_(index_.step_count(), RuntimeMemory::of(runtime)),
      pending_(RuntimeMemory::of(runtime)),
      pending_steps_(RuntimeMemory::of(runtime)),
      ready_(RuntimeMemory::of(runtime)),
      active_(RuntimeMemory::of(runtime)),
      flagged_(RuntimeMemory::of(runtime)),
      results_(RuntimeMemory::of(runtime)),
      first_answers_(RuntimeMemory::of(runtime)),
      results_of_all_(results_of_all) {
  if (index_.gives_results()) results_.resize(index_.step_count());
}

bool Orchestration::has(OrchestratorBug bug) {
  if (bug_ != bug) return false;
  if (!is_over_) runtime_.mark(name_of(bug));
  return true;
}

void Orchestration::log(LogKind kind, StepId id, Operation operation) {
  write({.kind = kind, .step = step(id).name, .operation = operation});
}

void Orchestration::write(const LogRecord& record) {
  for (int attempt = 1; !is_over_; ++attempt) {
    const LogWrite write = runtime_.append(record);
    is_over_ = runtime_.has_ended();
    if (logs_ != nullptr && write == LogWrite::kDurable) logs_->note(runtime_.records());
    if (is_over_ || write == LogWrite::kDurable) return;
    if (write == LogWrite::kFenced) {
      is_over_ = !has(OrchestratorBug::kNoFencing);
      return;
    }
    if (has(OrchestratorBug::kWriteErrorIgnored)) return;
    if (attempt == kWriteAttempts) {
      is_over_ = true;
    } else {
      runtime_.sleep(kWriteDelay * attempt);
    }
  }
}

void Orchestration::make_sure_of_lead() {
  if (runtime_.is_fenced() && !has(OrchestratorBug::kNoFencing)) is_over_ = true;
}

bool Orchestration::is_cancelled() {
  if (!runtime_.cancel_requested() || (active_.empty() && ready_.empty())) return false;
  if (has(OrchestratorBug::kCancelIgnored)) return false;
  const StepId pivot = index_.pivot();
  return pivot == kNoStep || !progress_[pivot].intended;  // else too late: there is no way back
}

Request Orchestration::request(StepId id, Operation operation, int attempt, Duration timeout) {
  const bool has_context = operation != Operation::kCompensation || !has(OrchestratorBug::kContextLost);
  return {.service = step(id).service,
          .action = index_.action_of({id, operation}),
          .step = step(id).name,
          .idempotency_key = key(id, operation, attempt),
          .payload = index_.has_bindings() ? payload_of(id, operation) : std::string_view(),
          .correlation_id = has_context ? runtime_.correlation_id() : std::string_view(),
          .auth_token = has_context ? runtime_.auth_token() : std::string_view(),
          .timeout = timeout};
}

ReplyStatus Orchestration::meaning_of(const Reply& reply) {
  if (!reply.ok()) return reply.status;
  if (reply.correlation_id != runtime_.correlation_id() && !has(OrchestratorBug::kContextLost)) {
    return has(OrchestratorBug::kMismatchedIsSuccess) ? ReplyStatus::kOk : ReplyStatus::kMismatched;
  }
  if (says_failure(reply.body)) {
    return has(OrchestratorBug::kErrorBodyIsSuccess) ? ReplyStatus::kOk : ReplyStatus::kRejected;
  }
  return ReplyStatus::kOk;
}

Duration Orchestration::wait_asked_for(const Reply& reply) {
  if (reply.retry_after == Duration::zero() || has(OrchestratorBug::kRetryAfterIgnored))
    return Duration::zero();
  return reply.retry_after;
}

std::string_view Orchestration::key(StepId id, Operation operation, int attempt) {
  if (bug_ == OrchestratorBug::kNone) return runtime_.key({id, operation});
  return wrong_key(id, operation, attempt);
}

std::string_view Orchestration::wrong_key(StepId id, Operation operation, int attempt) {
  std::string_view saga = runtime_.saga_id();
  const std::string_view name = step(id).name;
  const std::string_view what = name_of(operation);
  if (has(OrchestratorBug::kNoIdempotencyKey)) return {};
  if (has(OrchestratorBug::kKeyWithoutSaga)) saga = "saga";
  if (runtime_.cause() == StartCause::kDuplicate && has(OrchestratorBug::kDuplicatedStart)) {
    return runtime_.text({saga, "/", name, "/", what, "/again"});
  }
  if (attempt > 1 && has(OrchestratorBug::kKeyPerAttempt)) {
    const char digit[] = {static_cast<char>('0' + attempt % 10)};
    return runtime_.text({saga, "/", name, "/", what, "/", std::string_view(digit, 1)});
  }
  const bool is_new_incarnation = runtime_.incarnation() > 1;
  const bool is_compensation = operation == Operation::kCompensation;
  if (is_new_incarnation && (has(OrchestratorBug::kKeyPerIncarnation) ||
                             (!is_compensation && has(OrchestratorBug::kResumeReexecutesDone)) ||
                             (is_compensation && has(OrchestratorBug::kCompensationKeyPerIncarnation)))) {
    const char digit[] = {static_cast<char>('0' + runtime_.incarnation() % 10)};
    return runtime_.text({saga, "/", name, "/", what, "/incarnation ", std::string_view(digit, 1)});
  }
  return runtime_.text({saga, "/", name, "/", what});
}

void Orchestration::recover() {
  for (const LogRecord& record : state_to_recover()) recover_from(record);
  if (resumed_ && !compensating_ && !failing_) settle_in_doubt();
}

std::span<const LogRecord> Orchestration::state_to_recover() {
  if (logs_ == nullptr || runtime_.cause() == StartCause::kFirst || !has(OrchestratorBug::kTwoSagasSwapState))
    return runtime_.records();
  return logs_->of_the_next();
}

void Orchestration::recover_from(const LogRecord& record) {
  if (record.kind == LogKind::kStarted) {
    started_ = true;
    resumed_ = true;
    std::int64_t deadline = 0;
    const std::string_view note = record.note;
    if (std::from_chars(note.data(), note.data() + note.size(), deadline).ptr != note.data())
      deadline_ = Time(Duration(deadline));
    return;
  }
  if (record.kind == LogKind::kCompensating) {
    compensating_ = !has(OrchestratorBug::kResumeGoesForward);
    return;
  }
  if (record.kind == LogKind::kEnd) {
    if (!has(OrchestratorBug::kResumeIgnoresEnd)) ended_ = &record;
    return;
  }
  if (record.kind == LogKind::kNote) {
    heed(record.note);
    return;
  }
  if (record.kind == LogKind::kTorn) return;
  Progress& progress = progress_[index_.find_step(record.step)];
  switch (record.kind) {
    case LogKind::kIntent:
      progress.intended = true;
      progress.maybe_done = true;
      progress.operation = record.operation;
      break;
    case LogKind::kDone:
      if (has(OrchestratorBug::kResumeReexecutesDone)) break;
      done_by_record(progress).phase = Phase::kDone;
      if (!results_.empty() && !has_lost_results(record))
        results_[index_.find_step(record.step)] = record.note;
      break;
    case LogKind::kFailed:
      if (has(OrchestratorBug::kResumeGoesForward)) break;
      progress.phase = Phase::kFailed;
      progress.maybe_done = record.maybe_done;
      failing_ = failing_ || fails_saga(index_.find_step(record.step));
      break;
    case LogKind::kUndone:
      progress.undone = !has(OrchestratorBug::kResumeRecompensates);
      break;
    case LogKind::kStuck:
      progress.stuck = true;
      break;
    case LogKind::kStarted:
    case LogKind::kCompensating:
    case LogKind::kEnd:
    case LogKind::kNote:
    case LogKind::kTorn:
      break;
  }
}

// A bug takes the n-th record of a step done for that of the n-th step.
Progress& Orchestration::done_by_record(Progress& progress) {
  const std::size_t number = done_records_++;
  if (bug_ != OrchestratorBug::kResumeCountsRecords || number >= index_.order().size()) return progress;
  Progress& counted = progress_[index_.order()[number]];
  return &counted != &progress && has(OrchestratorBug::kResumeCountsRecords) ? counted : progress;
}

void Orchestration::heed(std::string_view note) {
  if (note == kCancelNote) {
    const StepId pivot = index_.pivot();
    if (pivot == kNoStep || !progress_[pivot].intended) failing_ = cancelled_ = true;
  }
  if (note == kCompensateNote) {
    ended_ = nullptr;
    failing_ = true;
    for (Progress& progress : progress_) progress.stuck = false;
  }
}

void Orchestration::settle_in_doubt() {
  // A step in flight when the last incarnation died is simply asked for again, under the same key; one that
  // may not be asked twice counts as failed with its effect unknown.
  for (StepId id = 0; id < progress_.size(); ++id) {
    Progress& progress = progress_[id];
    if (!progress.intended || progress.phase != Phase::kWaiting || step(id).idempotent) continue;
    if (has(OrchestratorBug::kRepeatsNotIdempotent)) continue;
    if (step(id).optional) {
      note_failed(id);  // who goes on after it is found next
    } else {
      give_up(id);
    }
  }
}

void Orchestration::run() {
  runtime_.end_quietly();
  if (runtime_.cause() != StartCause::kDuplicate) recover();
  if (is_over_) return;
  if (ended_ != nullptr) {  // the end was written, then something followed: only a bug does that
    runtime_.report(ended_->outcome, ended_->flagged);
    return;
  }
  if (compensating_ && has(OrchestratorBug::kResumeRefusesCompensating)) return;
  if (!started_) {
    std::array<char, 24> digits = {};
    std::string_view note;
    if (index_.saga().deadline && !has(OrchestratorBug::kDeadlineIgnored)) {
      deadline_ = runtime_.now() + *index_.saga().deadline;
      const auto written =
          std::to_chars(digits.data(), digits.data() + digits.size(), deadline_.time_since_epoch().count());
      note = std::string_view(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
    }
    write({.kind = LogKind::kStarted, .note = note});
  }
  if (!compensating_) go_forward();
  if (is_over_) return;
  if (cancelled_ && has(OrchestratorBug::kCancelSkipsCompensation)) {
    end(Outcome::kCompensated);
    return;
  }
  const bool is_done = !failing_ && !compensating_;
  const bool flags = has(OrchestratorBug::kFlagsAlways) ||
                     (refused_ && !compensating_ && has(OrchestratorBug::kFlagsOnFirstRefusal));
  if (flags) {
    flag_all_effects();
    end(Outcome::kFlagged);
    return;
  }
  if (is_done && has(OrchestratorBug::kCompensatesEverySuccess)) return go_backward();
  if (is_done) {
    end(Outcome::kCompleted);
    return;
  }
  if (!compensating_ && is_past_pivot()) {
    flag_all_effects();
    end(Outcome::kFlagged);
    return;
  }
  go_backward();
}

bool Orchestration::is_past_pivot() {
  const StepId pivot = index_.pivot();
  if (pivot == kNoStep) return false;
  // A pivot that may have been done must be taken as done: there is no way back to find out by.
  const bool is_past = progress_[pivot].phase == Phase::kDone || progress_[pivot].maybe_done;
  return is_past && !has(OrchestratorBug::kPastPivot);
}

void Orchestration::flag_all_effects() {
  for (StepId id = 0; id < progress_.size(); ++id) {
    const bool was_asked = progress_[id].phase == Phase::kDone || progress_[id].maybe_done;
    if (was_asked && step(id).has_effect) flagged_.push_back(step(id).name);
  }
}

void Orchestration::end(Outcome outcome) {
  write({.kind = LogKind::kEnd, .outcome = outcome, .flagged = flagged_});
  if (is_over_) return;
  if (outcome == Outcome::kFlagged && has(OrchestratorBug::kFlagNotReported)) {
    runtime_.report(Outcome::kCompensated);
    return;
  }
  runtime_.report(outcome, flagged_);
}

namespace {

Coordinator coordinator_of(OrchestratorBug bug, const std::optional<CircuitBreaker>& breaker,
                           const std::optional<LogsOfSagas>& logs = std::nullopt) {
  const auto results = bug == OrchestratorBug::kOtherSagasResult ? std::make_shared<ResultsOfAll>() : nullptr;
  return [bug, breaker, logs, results](Runtime& runtime) {
    if (logs && runtime.cause() == StartCause::kFirst) logs->begin_run();
    // Of a finished saga the last record says it all.
    const std::span<const LogRecord> records = runtime.records();
    const bool starts_anew =
        runtime.cause() == StartCause::kDuplicate && bug == OrchestratorBug::kDuplicatedStart;
    if (!records.empty() && records.back().kind == LogKind::kEnd &&
        bug != OrchestratorBug::kResumeIgnoresEnd && !starts_anew) {
      runtime.report(records.back().outcome, records.back().flagged);
      return;
    }
    // A saga that runs already is not started again.
    if (runtime.cause() == StartCause::kDuplicate && !records.empty() && !starts_anew) return;
    Orchestration(runtime, bug, breaker, logs ? &*logs : nullptr, results.get()).run();
  };
}

}  // namespace

Coordinator orchestrator(OrchestratorBug bug) { return coordinator_of(bug, std::nullopt); }

std::vector<Coordinator> orchestrators_that_swap_states(std::size_t sagas) {
  const auto logs = std::make_shared<std::vector<std::vector<LogRecord>>>(sagas);
  std::vector<Coordinator> coordinators;
  for (std::size_t saga = 0; saga < sagas; ++saga)
    coordinators.push_back(
        coordinator_of(OrchestratorBug::kTwoSagasSwapState, std::nullopt, LogsOfSagas{logs, saga}));
  return coordinators;
}

Coordinator orchestrator(const CircuitBreaker& breaker) {
  if (breaker.failures < 1 || breaker.open_for <= Duration::zero())
    throw Error(ErrorText{.message = "a CircuitBreaker opens after one failure at least, and for some time",
                          .fix = "give failures and open_for more"});
  return coordinator_of(OrchestratorBug::kNone, breaker);
}

}  // namespace saga_harness
