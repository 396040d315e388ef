#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <saga_harness/log_store.hpp>

#include "incarnation_table.hpp"

namespace saga_harness {

/// The saga log in a store that is not ours: the name of the saga there, and the version that each
/// incarnation knows of.
class StoredLog {
 public:
  explicit StoredLog(std::shared_ptr<LogStore> store) : store_(std::move(store)) {}

  [[nodiscard]] bool is_used() const { return store_ != nullptr; }
  [[nodiscard]] bool fences() const { return fences_; }

  /// A saga of the run's own, under a name that nobody else in the store has.
  void create(StoredHead head);
  /// The saga under its own name. False: it is there already.
  bool create_or_take_up(StoredHead head);
  LogWrite append(std::uint32_t incarnation, const LogRecord& record);
  void append_torn(std::uint32_t incarnation, const LogRecord& record);
  /// @throws Error if the saga is gone.
  [[nodiscard]] StoredSaga load();

  void read_by(std::uint32_t incarnation) { known_version_[incarnation] = count_; }
  void hide_last_from(std::uint32_t incarnation) {
    if (known_version_[incarnation] > 0) --known_version_[incarnation];
  }

 private:
  void begin();

  std::shared_ptr<LogStore> store_;
  std::string name_;
  std::uint64_t runs_ = 0;
  std::array<std::uint64_t, kIncarnationPlaces> known_version_ = {};
  std::uint64_t count_ = 0;
  bool fences_ = true;
};

}  // namespace saga_harness
