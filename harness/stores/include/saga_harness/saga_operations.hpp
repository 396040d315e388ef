#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/stores.hpp>

namespace saga_harness {

/// Microseconds since 1970. Whoever wants the time brings it, so that the same operations give the same
/// records.
using WallClock = std::function<std::int64_t()>;
/// The clock of the system.
[[nodiscard]] WallClock wall_clock();

/// `store`, with the time of `clock` in every head and record that is written through it.
[[nodiscard]] std::unique_ptr<LogStore> timed_store(std::shared_ptr<LogStore> store, WallClock clock);

/// Where a saga stands, from its log alone.
struct SagaStatus {
  std::string saga_id = {};
  std::string definition = {};
  StoredState state = StoredState::kCreated;
  std::int64_t started_us = 0;
  std::int64_t changed_us = 0;  ///< its newest record; its beginning if it has none
  std::optional<std::int64_t> ended_us = std::nullopt;
  std::size_t total_steps = 0;
  std::vector<std::string> completed_steps = {};    ///< in the order in which they were done
  std::vector<std::string> compensated_steps = {};  ///< in the order in which they were undone
  std::vector<std::string> flagged_steps = {};      ///< whose effect may be left, for a person
  std::string failed_at = {};                       ///< the first step that failed; empty: none
  bool cancel_requested = false;

  friend bool operator==(const SagaStatus&, const SagaStatus&) = default;
};
void PrintTo(const SagaStatus& value, std::ostream* out);

/// What people and programs do with many sagas: one after the other, over one store, which others may use at
/// the same time. Every order is a record in the log before it is carried out, so that none is lost with who
/// gave it, and a coordinator that is running the saga elsewhere is fenced by it.
///
/// ```cpp
/// sh::SagaOperations sagas(sh::open_store("sqlite:sagas.db"), {order, payment});
/// sagas.create("order_processing", "ORDER-1", {{"customer_id", "CUST-123"}});
/// sagas.resume("ORDER-1");
/// for (const sh::SagaStatus& saga : sagas.stuck(1h)) sagas.cancel(saga.saga_id);
/// ```
class SagaOperations {
 public:
  /// `definitions`: what drives the sagas of each name, and at which participants.
  /// @throws Error if two have the same name, or one is a choreography.
  SagaOperations(std::shared_ptr<LogStore> store, std::vector<Experiment> definitions,
                 WallClock clock = wall_clock(), const StoredOptions& options = {});

  /// Makes a saga known; nothing of it is run yet. @throws Error if the id is taken, or there is no such
  /// definition (with the nearest).
  void create(std::string_view definition, const std::string& saga_id, const Context& context);
  /// Runs a saga on to its end: one just created, one whose coordinator died. One that has ended is reported
  /// again and left alone. @throws Error as expect_fit() does, before anything is done (here and below).
  Outcome resume(const std::string& saga_id);
  /// Has a saga that is under way go back; one whose pivot has been asked for goes on all the same. One that
  /// has ended is left alone.
  Outcome cancel(const std::string& saga_id);
  /// Undoes by hand what is left of a saga: of one that is flagged, the steps that could not be undone then;
  /// of one that has completed, all of it. @throws Error if its pivot is done: there is no way back.
  Outcome compensate(const std::string& saga_id);

  /// @throws Error if there is no such saga (here and above; with the nearest id).
  [[nodiscard]] SagaStatus status(const std::string& saga_id);
  /// Those in `state`, or all of them, by id.
  [[nodiscard]] std::vector<SagaStatus> list(std::optional<StoredState> state = std::nullopt);
  /// Those that have not ended and in which nothing has happened for so long: somebody has to take them up.
  [[nodiscard]] std::vector<SagaStatus> stuck(Duration idle);

 private:
  [[nodiscard]] StoredSaga load(const std::string& saga_id);
  [[nodiscard]] const Experiment& definition(const std::string& name) const;
  [[nodiscard]] SagaStatus status_of(const StoredSaga& saga) const;
  [[nodiscard]] SagaStatus fitting(const std::string& saga_id);
  void order(const std::string& saga_id, std::string_view note);

  std::shared_ptr<LogStore> store_;
  std::map<std::string, Experiment, std::less<>> definitions_;
  WallClock clock_;
  StoredOptions options_;
};

}  // namespace saga_harness
