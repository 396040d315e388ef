#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/saga_index.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness::reports {

/// One request as its sender saw it; in a choreography one delivery as the bus saw it.
struct Attempt {
  std::uint32_t call = 0;
  StepId step = kNoStep;
  Operation operation = Operation::kAction;
  std::uint16_t number = 0;  ///< from 1
  std::uint32_t sent = 0;    ///< position in the trace
  std::int64_t begin = 0;    ///< microseconds
  std::int64_t end = 0;
  /// Nothing: its sender died, or never stopped waiting.
  std::optional<ReplyStatus> status = std::nullopt;

  [[nodiscard]] bool worked() const { return status == ReplyStatus::kOk; }
};

/// What metrics and spans have in common: a run by its attempts.
struct Story {
  std::vector<Attempt> attempts = {};  ///< in the order in which they were sent
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< the saga's last word, or the last thing that happened to a request
  std::optional<std::int64_t> rollback_begin = std::nullopt;
  std::optional<std::int64_t> last_undone = std::nullopt;

  /// The last attempt of that call; nullptr if there is none.
  [[nodiscard]] Attempt* find(std::uint32_t call);
  /// The last of these attempts that was sent before position `before`.
  [[nodiscard]] const Attempt* find(const Event& event, std::size_t before) const;
};
[[nodiscard]] Story story_of(std::span<const Event> events, const SagaIndex& saga);

/// A report that says something new: not that of a recovery which repeats the one before. `last` is the
/// outcome that was reported before, and becomes the new one.
[[nodiscard]] bool is_news(const Event& event, std::optional<Outcome>& last);

/// What a saga is called where nobody gave it an id.
[[nodiscard]] std::string saga_id_or_default(std::string_view saga_id, const Saga& saga);

}  // namespace saga_harness::reports
