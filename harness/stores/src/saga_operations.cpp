#include <saga_harness/saga_operations.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

using internal::in_quotes;

constexpr int kMostTries = 8;

bool has_ended(StoredState state) { return state >= StoredState::kCompleted; }

void note_end(const StoredRecord& record, SagaStatus& status) {
  if (status.ended_us) return;
  status.ended_us = record.at_us;
  status.flagged_steps = record.flagged;
}

}  // namespace

SagaOperations::SagaOperations(std::shared_ptr<LogStore> store, std::vector<Experiment> definitions,
                               WallClock clock, const StoredOptions& options)
    : store_(timed_store(std::move(store), clock)), clock_(std::move(clock)), options_(options) {
  for (Experiment& each : definitions) {
    const Saga& saga = each.setup.saga->saga();
    if (saga.choreography)
      throw Error(ErrorText{
          .message = fmt::format("{} is a choreography: it has no coordinator and no log to operate on",
                                 in_quotes(saga.name)),
          .fix = "leave it out"});
    const std::string name = saga.name;
    if (!definitions_.emplace(name, std::move(each)).second)
      throw Error(ErrorText{.message = fmt::format("two definitions are called {}", in_quotes(name)),
                            .fix = "rename one"});
  }
}

const Experiment& SagaOperations::definition(const std::string& name) const {
  const auto found = definitions_.find(name);
  if (found != definitions_.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, experiment] : definitions_) names.push_back(known);
  throw Error(ErrorText{.message = fmt::format("there is no definition {}", in_quotes(name)),
                        .fix = internal::name_fix(name, names)});
}

StoredSaga SagaOperations::load(const std::string& saga_id) {
  if (std::optional<StoredSaga> saga = store_->load(saga_id)) return std::move(*saga);
  const std::vector<StoredLine> lines = store_->list();
  std::vector<std::string_view> ids;
  for (const StoredLine& line : lines) ids.push_back(line.head.saga_id);
  throw Error(
      ErrorText{.message = fmt::format("the {} store has no saga {}", store_->name(), in_quotes(saga_id)),
                .fix = internal::name_fix(saga_id, ids)});
}

void SagaOperations::create(std::string_view name, const std::string& saga_id, const Context& context) {
  const Experiment& known = definition(std::string(name));
  if (saga_id.empty())
    throw Error(ErrorText{.message = "a saga needs an id", .fix = "give one that no other has"});
  const StoredHead head{.saga_id = saga_id,
                        .definition = known.setup.saga->saga().name,
                        .context = context.text(),
                        .definition_hash = definition_hash_of(*known.setup.saga)};
  if (!store_->create(head))
    throw Error(ErrorText{.message = fmt::format("there is a saga {} already", in_quotes(saga_id)),
                          .fix = "give another id, or resume() it"});
}

Outcome SagaOperations::resume(const std::string& saga_id) {
  const StoredSaga saga = load(saga_id);
  Experiment experiment = definition(saga.head.definition);
  experiment.setup.context = Context::parse(saga.head.context);
  return run_stored(experiment, store_, saga_id, options_);
}

// Whoever runs the saga elsewhere may write in between: then the order comes behind that.
void SagaOperations::order(const std::string& saga_id, std::string_view note) {
  for (int attempt = 0; attempt < kMostTries; ++attempt) {
    const StoredSaga saga = load(saga_id);
    const LogWrite write =
        store_->append(saga_id, saga.records.size(), record_text({.kind = LogKind::kNote, .note = note}));
    if (write == LogWrite::kDurable) return;
  }
  throw Error(
      {.message = fmt::format("the order to {} the saga {} could not be written: the {} store refuses it",
                              note, in_quotes(saga_id), store_->name()),
       .fix = "try again"},
      ErrorKind::kIncomplete);
}

// An order to a saga that cannot be taken up would be left in its log.
SagaStatus SagaOperations::fitting(const std::string& saga_id) {
  const StoredSaga saga = load(saga_id);
  expect_fit(saga, *definition(saga.head.definition).setup.saga, options_.accept_definition);
  return status_of(saga);
}

Outcome SagaOperations::cancel(const std::string& saga_id) {
  if (!has_ended(fitting(saga_id).state)) order(saga_id, kCancelNote);
  return resume(saga_id);
}

Outcome SagaOperations::compensate(const std::string& saga_id) {
  const SagaStatus now = fitting(saga_id);
  if (now.state == StoredState::kCompensated) return resume(saga_id);
  const SagaIndex& index = *definition(now.definition).setup.saga;
  const StepId pivot = index.pivot();
  if (pivot != kNoStep &&
      std::ranges::find(now.completed_steps, index.step(pivot).name) != now.completed_steps.end())
    throw Error(ErrorText{.message = fmt::format("the saga {} cannot be compensated: its pivot {} is done",
                                                 in_quotes(saga_id), in_quotes(index.step(pivot).name)),
                          .fix = "undo by hand what has to be undone"});
  order(saga_id, kCompensateNote);
  return resume(saga_id);
}

SagaStatus SagaOperations::status_of(const StoredSaga& saga) const {
  SagaStatus status{.saga_id = saga.head.saga_id,
                    .definition = saga.head.definition,
                    .state = state_of(saga),
                    .started_us = saga.head.created_us,
                    .changed_us = saga.head.created_us};
  const auto known = definitions_.find(saga.head.definition);
  if (known != definitions_.end()) status.total_steps = known->second.setup.saga->step_count();
  for (const std::string& text : saga.records) {
    const StoredRecord record = read_record(text);
    status.changed_us = std::max(status.changed_us, record.at_us);
    switch (record.kind) {
      case LogKind::kDone:
        status.completed_steps.push_back(record.step);
        break;
      case LogKind::kFailed:
        if (status.failed_at.empty()) status.failed_at = record.step;
        break;
      case LogKind::kUndone:
        status.compensated_steps.push_back(record.step);
        break;
      case LogKind::kEnd:
        note_end(record, status);
        break;
      case LogKind::kNote:
        if (record.note == kCancelNote) status.cancel_requested = true;
        if (record.note == kCompensateNote) {  // it is under way again
          status.ended_us.reset();
          status.flagged_steps.clear();
        }
        break;
      case LogKind::kStarted:
      case LogKind::kIntent:
      case LogKind::kCompensating:
      case LogKind::kStuck:
      case LogKind::kTorn:
        break;
    }
  }
  return status;
}

SagaStatus SagaOperations::status(const std::string& saga_id) { return status_of(load(saga_id)); }

std::vector<SagaStatus> SagaOperations::list(std::optional<StoredState> state) {
  std::vector<SagaStatus> found;
  for (const StoredLine& line : store_->list()) {
    const std::optional<StoredSaga> saga = store_->load(line.head.saga_id);
    if (!saga) continue;
    SagaStatus status = status_of(*saga);
    if (!state || status.state == *state) found.push_back(std::move(status));
  }
  return found;
}

std::vector<SagaStatus> SagaOperations::stuck(Duration idle) {
  const std::int64_t before = clock_() - idle.count();
  std::vector<SagaStatus> found = list();
  std::erase_if(
      found, [before](const SagaStatus& saga) { return has_ended(saga.state) || saga.changed_us > before; });
  return found;
}

}  // namespace saga_harness
