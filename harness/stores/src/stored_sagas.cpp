#include <saga_harness/engine.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/stores.hpp>

namespace saga_harness {
namespace {

constexpr int kMostTakeovers = 8;

StoredState state_of_end(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCompleted:
      return StoredState::kCompleted;
    case Outcome::kCompensated:
      return StoredState::kCompensated;
    case Outcome::kFlagged:
    case Outcome::kUnresolved:
      return StoredState::kFlagged;
  }
  return StoredState::kFlagged;
}

}  // namespace

Outcome run_stored(const Experiment& experiment, std::shared_ptr<LogStore> store, const std::string& saga_id,
                   const StoredOptions& options) {
  if (experiment.setup.saga->saga().choreography)
    throw Error(
        ErrorText{.message = "run_stored() is given a choreography, which has no coordinator and no log"});
  Setup setup = over_store(experiment, std::move(store)).setup;
  setup.takes_up = true;
  setup.accepts_definition = options.accept_definition;
  setup.saga_id = saga_id;
  const std::shared_ptr<LogStore> kept = setup.store;
  Engine engine(std::move(setup));
  NoFaults no_faults;
  Outcome outcome = Outcome::kUnresolved;
  // Of a coordinator that was killed a last write may still be on its way to the store: it fences who took
  // over.
  for (int attempt = 0; attempt < kMostTakeovers; ++attempt) {
    outcome = engine.run(no_faults).outcome;
    const std::optional<StoredSaga> stored = kept->load(saga_id);
    if (stored && state_of(*stored) >= StoredState::kCompleted) break;
  }
  return outcome;
}

std::string_view name_of(StoredState state) {
  switch (state) {
    case StoredState::kCreated:
      return "created";
    case StoredState::kRunning:
      return "running";
    case StoredState::kCompensating:
      return "compensating";
    case StoredState::kCompleted:
      return "completed";
    case StoredState::kCompensated:
      return "compensated";
    case StoredState::kFlagged:
      return "flagged";
  }
  return "";
}

StoredState state_of(const StoredSaga& saga) {
  StoredState state = StoredState::kCreated;
  for (const std::string& text : saga.records) {
    const StoredRecord record = read_record(text);
    if (record.kind == LogKind::kTorn) continue;
    const bool has_ended = state >= StoredState::kCompleted;
    if (record.kind == LogKind::kEnd) {
      if (!has_ended) state = state_of_end(record.outcome);
    } else if (record.kind == LogKind::kCompensating ||
               (record.kind == LogKind::kNote && record.note == kCompensateNote)) {
      if (!has_ended || record.kind == LogKind::kNote) state = StoredState::kCompensating;
    } else if (state == StoredState::kCreated) {
      state = StoredState::kRunning;
    }
  }
  return state;
}

std::vector<std::string> sagas_in(LogStore& store, StoredState state) {
  std::vector<std::string> ids;
  for (const StoredLine& line : store.list()) {
    const std::optional<StoredSaga> saga = store.load(line.head.saga_id);
    if (saga && state_of(*saga) == state) ids.push_back(line.head.saga_id);
  }
  return ids;
}

}  // namespace saga_harness
