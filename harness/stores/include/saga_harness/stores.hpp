#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include <saga_harness/experiment.hpp>
#include <saga_harness/log_store.hpp>

/// Stores of saga logs.
namespace saga_harness {

struct MemoryStoreOptions {
  bool fences = true;  ///< false: takes every record, whoever writes it
};
void PrintTo(const MemoryStoreOptions& value, std::ostream* out);
/// Gone with the process.
[[nodiscard]] std::unique_ptr<LogStore> memory_store(const MemoryStoreOptions& options = {});

/// A file, by SQLite: the embedded default. Created if it is not there; `:memory:` is private to this store.
/// Write-ahead journal, synchronous: a record is on the disk when append() returns. Several processes may
/// share the file. @throws Error if it cannot be opened or is something else.
[[nodiscard]] std::unique_ptr<LogStore> sqlite_store(const std::string& path);

/// How long a store waits for a server: to be let in, and for each answer.
inline constexpr Duration kServerPatience = std::chrono::seconds(5);

/// A PostgreSQL database; `connection` as libpq has it: `host=/run/x dbname=sagas`. Makes its tables if they
/// are not there. What takes the server longer than `patience` fails, and is called off there.
/// @throws Error if it cannot be reached.
[[nodiscard]] std::unique_ptr<LogStore> postgresql_store(const std::string& connection,
                                                         Duration patience = kServerPatience);

/// A Redis server at `host:port`, or a path of a socket. As durable as the server is set up to be: with
/// `appendfsync always` a record is on the disk when append() returns. Keys begin with `prefix`. What takes
/// the server longer than `patience` fails. @throws Error if it cannot be reached.
[[nodiscard]] std::unique_ptr<LogStore> redis_store(const std::string& address,
                                                    std::string_view prefix = "saga-harness:",
                                                    Duration patience = kServerPatience);

/// The store that `text` names: `memory`, `sqlite:FILE`, `postgresql:CONNECTION`, `redis:ADDRESS`.
/// @throws Error if it names none.
[[nodiscard]] std::unique_ptr<LogStore> open_store(std::string_view text);

/// The same experiment with the saga log in `store`: every record that the faults let through is written
/// there, and every incarnation that begins after a crash or a takeover has what is read from there. A run is
/// a saga of its own in it. Time, faults, trace and judgement stay those of virtual time.
[[nodiscard]] Experiment over_store(Experiment experiment, std::shared_ptr<LogStore> store);

/// How a stored saga is taken up.
struct StoredOptions {
  /// Also one that was begun with another definition, if its log names no step that this one has not.
  bool accept_definition = false;
};
void PrintTo(const StoredOptions& value, std::ostream* out);

/// Runs the saga `saga_id` of the store to its end, against the experiment's participants and without faults:
/// one that is not there is begun, one whose coordinator died is taken up from its log, one that has ended is
/// reported again and left alone. @throws Error if the experiment's saga is a choreography, or as
/// expect_fit() does.
[[nodiscard]] Outcome run_stored(const Experiment& experiment, std::shared_ptr<LogStore> store,
                                 const std::string& saga_id, const StoredOptions& options = {});

/// Where a stored saga stands, by its log.
enum class StoredState : std::uint8_t {
  kCreated,       ///< nothing is written of it
  kRunning,       ///< going forward
  kCompensating,  ///< going back
  kCompleted,
  kCompensated,
  kFlagged,
};
[[nodiscard]] std::string_view name_of(StoredState state);
[[nodiscard]] StoredState state_of(const StoredSaga& saga);
/// The sagas of a store in that state, by id: of those not ended, those that somebody has to take up.
[[nodiscard]] std::vector<std::string> sagas_in(LogStore& store, StoredState state);

}  // namespace saga_harness
