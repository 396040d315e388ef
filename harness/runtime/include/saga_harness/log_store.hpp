#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/runtime.hpp>

namespace saga_harness {

/// What a store knows of a saga from its beginning on.
struct StoredHead {
  std::string saga_id = {};
  std::string definition = {};  ///< the saga's name
  std::string context = {};     ///< JSON text
  std::int64_t created_us = 0;  ///< by the clock of who created it, microseconds
  /// Of the definition it was begun with, 16 hexadecimal digits; empty: by a version that kept none.
  std::string definition_hash = {};

  friend bool operator==(const StoredHead&, const StoredHead&) = default;
};
void PrintTo(const StoredHead& value, std::ostream* out);

/// A saga as a store has it. How many records there are is its version.
struct StoredSaga {
  StoredHead head = {};
  std::vector<std::string> records = {};  ///< oldest first; see record_text()

  friend bool operator==(const StoredSaga&, const StoredSaga&) = default;
};
void PrintTo(const StoredSaga& value, std::ostream* out);

/// A saga in a list.
struct StoredLine {
  StoredHead head = {};
  std::uint64_t version = 0;
  std::string last = {};  ///< the newest record; empty: none
};
void PrintTo(const StoredLine& value, std::ostream* out);

/// Where saga logs are kept: one small interface, whatever is behind it. Records are opaque to a store. A
/// store is used by one thread at a time; several, in other threads or processes, may share what is behind
/// them.
class LogStore {
 public:
  LogStore() = default;
  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;
  virtual ~LogStore() = default;

  /// `memory`, `sqlite`, `postgresql`, `redis`.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// True if append() refuses a writer who does not know the newest record. Without that, one that was taken
  /// for dead and is not can write on.
  [[nodiscard]] virtual bool fences() const { return true; }

  /// False if there is a saga of that id already, which is left as it is.
  [[nodiscard]] virtual bool create(const StoredHead& head) = 0;
  /// Adds a record behind `version` others: durable when it returns kDurable. kFenced: there are more by now.
  /// kFailed: it is not there, and the store cannot say why. @throws Error if there is no such saga.
  [[nodiscard]] virtual LogWrite append(std::string_view saga_id, std::uint64_t version,
                                        std::string_view record) = 0;
  /// Nothing if there is no such saga. @throws Error if the store cannot be read.
  [[nodiscard]] virtual std::optional<StoredSaga> load(std::string_view saga_id) = 0;
  /// Every saga, by id. @throws Error if the store cannot be read.
  [[nodiscard]] virtual std::vector<StoredLine> list() = 0;
};

/// A record as a store keeps it: JSON text on one line.
[[nodiscard]] std::string record_text(const LogRecord& record);

/// A record that owns its texts.
struct StoredRecord {
  LogKind kind = LogKind::kNote;
  std::string step = {};
  Operation operation = Operation::kAction;
  Outcome outcome = Outcome::kUnresolved;
  bool maybe_done = false;
  std::vector<std::string> flagged = {};
  std::string note = {};
  std::int64_t at_us = 0;  ///< when it was written, microseconds since 1970; 0: the store does not say

  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};
void PrintTo(const StoredRecord& value, std::ostream* out);
/// What a definition is told by from another: see StoredHead.
[[nodiscard]] std::string definition_hash_of(const SagaIndex& saga);
/// @throws Error that says saga, step and both definitions, if the log of `saga` does not mean by
/// `definition` what it did when it was written: it names a step that the definition has not, or a record
/// of a kind nobody knows; or it was begun with another one, unless that is accepted.
void expect_fit(const StoredSaga& saga, const SagaIndex& definition, bool accepts_another);

/// What record_text() wrote. What cannot be read (its writer died while writing it) is a record of kTorn.
[[nodiscard]] StoredRecord read_record(std::string_view text);

}  // namespace saga_harness
