#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <saga_harness/fault.hpp>
#include <saga_harness_internal/json_writer.hpp>
#include <saga_harness_internal/wire_clock.hpp>

namespace saga_harness::wire {

/// What of an answer went over the wire.
enum class Delivered : std::uint8_t {
  kWaiting,  ///< nothing yet
  kWhole,
  kCut,     ///< a part, then the end of the connection
  kClosed,  ///< nothing, and the end of the connection
  kReset,   ///< nothing, and RST
  kGone,    ///< it could not be written: the peer had gone
};
[[nodiscard]] std::string_view name_of(Delivered delivered);

/// The texts of an entry.
enum class JournalText : std::uint8_t {
  kMethod,
  kPath,
  kSagaId,
  kService,
  kAction,  ///< empty: no action fitted
  kStep,
  kKey,
  kAttemptSaid,  ///< by the request
  kBody,         ///< its first bytes
};
inline constexpr std::size_t kJournalTextCount = 9;

/// The rest of it.
struct JournalNumbers {
  std::uint64_t id = 0;  ///< from 1, without gaps
  std::int64_t at = 0;   ///< microseconds since the fakes were made
  std::uint64_t connection = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t fault_id = 0;   ///< of the admin API's fault that struck
  std::string_view fault = {};  ///< the name of what struck: a literal
  std::uint32_t attempt = 0;    ///< as counted
  std::int16_t status = 0;      ///< of the answer, written or not; 0: none
  Operation operation = Operation::kAction;
  Delivered delivered = Delivered::kWaiting;
  bool is_cleared = false;  ///< nothing of it is left but its id
};

/// One request, as often as it came.
struct JournalEntry {
  JournalNumbers numbers = {};
  std::array<std::string_view, kJournalTextCount> texts = {};

  [[nodiscard]] std::string_view text(JournalText which) const {
    return texts[static_cast<std::size_t>(which)];
  }
};

/// What of the journal is asked for.
struct JournalQuery {
  std::string saga_id = {};
  std::string service = {};
  std::string action = {};
  std::optional<std::uint64_t> since = std::nullopt;  ///< entries with a greater id, oldest first
  std::uint64_t limit = 0;  ///< 0: all; else so many: the first after `since`, or the newest
  bool unmatched_only = false;
};

/// What requests came and what became of them. Bounded in entries and in the bytes of their texts: the oldest
/// give way, and are counted. Thread-safe.
class Journal {
 public:
  Journal(std::size_t most, std::size_t most_text_bytes) : most_(most), most_text_bytes_(most_text_bytes) {}

  /// Returns the entry's id.
  std::uint64_t add(const JournalEntry& entry);
  void update(std::uint64_t id, Delivered delivered, int status);
  void clear();
  void clear(std::string_view saga_id);

  struct Counts {
    std::uint64_t matching = 0;
    std::uint64_t unmatched = 0;  ///< that no action fitted, however old
    std::uint64_t dropped = 0;
    std::uint64_t total = 0;
  };
  [[nodiscard]] Counts count(const JournalQuery& query) const;
  [[nodiscard]] std::uint64_t last_id() const;
  /// Is every entry with a greater id still there?
  [[nodiscard]] bool is_whole_after(std::uint64_t id) const;
  /// `{"entries": […], "total", "dropped", "next"}`, oldest first.
  [[nodiscard]] std::string to_json(const JournalQuery& query) const;

 private:
  /// An entry with its texts in one piece: a journal may have a million of them.
  struct Kept {
    JournalNumbers numbers = {};
    std::array<std::uint16_t, kJournalTextCount> lengths = {};
    std::string texts = {};
  };

  [[nodiscard]] static JournalEntry entry_of(const Kept& kept);
  [[nodiscard]] static bool fits(const JournalEntry& entry, const JournalQuery& query);
  template <class Visitor>
  void each(std::uint64_t since, Visitor visitor) const;
  [[nodiscard]] std::uint64_t kept_count() const { return last_id_ + 1 - oldest_id_; }
  [[nodiscard]] Kept& kept(std::uint64_t id) { return entries_[(id - first_id_) % most_]; }
  void drop_oldest();
  [[nodiscard]] Counts count_locked(const JournalQuery& query) const;

  const std::size_t most_;
  const std::size_t most_text_bytes_;
  mutable std::mutex mutex_;
  // A ring once it is full: entry `id` is at (id - first) % most_. The others are room from before.
  std::deque<Kept> entries_;
  std::uint64_t last_id_ = 0;
  std::uint64_t first_id_ = 1;   // that was added since it was last cleared
  std::uint64_t oldest_id_ = 1;  // that is kept
  std::size_t text_bytes_ = 0;   // of those that are kept
  std::uint64_t unmatched_ = 0;
  const Clock::time_point began_ = Clock::now();
};

}  // namespace saga_harness::wire
