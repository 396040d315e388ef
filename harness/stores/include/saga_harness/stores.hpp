#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <saga_harness/explore.hpp>
#include <saga_harness/log_store.hpp>

/// Stores of saga logs.
namespace saga_harness {

struct MemoryStoreOptions {
  bool fences = true;  ///< false: takes every record, whoever writes it
};
/// Gone with the process.
[[nodiscard]] std::unique_ptr<LogStore> memory_store(const MemoryStoreOptions& options = {});

/// A file, by SQLite: the embedded default. Created if it is not there; `:memory:` is private to this store.
/// Write-ahead journal, synchronous: a record is on the disk when append() returns. Several processes may
/// share the file. @throws Error if it cannot be opened or is something else.
[[nodiscard]] std::unique_ptr<LogStore> sqlite_store(const std::string& path);

/// A PostgreSQL database; `connection` as libpq has it: `host=/run/x dbname=sagas`. Makes its tables if they
/// are not there. @throws Error if it cannot be reached.
[[nodiscard]] std::unique_ptr<LogStore> postgresql_store(const std::string& connection);

/// A Redis server at `host:port`, or a path of a socket. As durable as the server is set up to be: with
/// `appendfsync always` a record is on the disk when append() returns. Keys begin with `prefix`.
/// @throws Error if it cannot be reached.
[[nodiscard]] std::unique_ptr<LogStore> redis_store(const std::string& address,
                                                    std::string_view prefix = "saga-harness:");

/// The store that `text` names: `memory`, `sqlite:FILE`, `postgresql:CONNECTION`, `redis:ADDRESS`.
/// @throws Error if it names none.
[[nodiscard]] std::unique_ptr<LogStore> open_store(std::string_view text);

/// The same experiment with the saga log in `store`: every record that the faults let through is written
/// there, and every incarnation that begins after a crash or a takeover has what is read from there. A run is
/// a saga of its own in it. Time, faults, trace and judgement stay those of virtual time.
[[nodiscard]] Experiment over_store(Experiment experiment, std::shared_ptr<LogStore> store);

}  // namespace saga_harness
