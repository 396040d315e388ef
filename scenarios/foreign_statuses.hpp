#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace saga_harness {

/// The systems that the scenarios come from.
enum class SagaSystem : std::uint8_t { kDistributedSaga, kCoordinatorNode, kCliffracer, kTutorial };
inline constexpr std::size_t kSagaSystemCount = 4;
[[nodiscard]] constexpr std::string_view name_of(SagaSystem system) {
  constexpr std::array<std::string_view, kSagaSystemCount> kNames{"DistributedSaga", "coordinator node",
                                                                  "Cliffracer", "tutorial"};
  return kNames[static_cast<std::size_t>(system)];
}

/// A word of such a system for where a saga stands, and ours for it: those of a saga that a store has
/// (`created`, `running`, `compensating`) and of its outcome (`completed`, `compensated`, `flagged`).
struct StatusWord {
  SagaSystem system = SagaSystem::kDistributedSaga;
  std::string_view theirs = {};
  std::string_view ours = {};
  bool is_usual = true;  ///< false: there is another word of theirs that says it better
  std::string_view note = {};
};

/// The one table: the documentation shows it as it is here.
inline constexpr std::array kStatusWords{
    StatusWord{SagaSystem::kDistributedSaga, "pending", "created"},
    StatusWord{SagaSystem::kDistributedSaga, "executing", "running"},
    StatusWord{SagaSystem::kDistributedSaga, "committed", "completed"},
    StatusWord{SagaSystem::kDistributedSaga, "success", "completed", false, "what a call returns"},
    StatusWord{SagaSystem::kDistributedSaga, "rolled_back", "compensated"},
    StatusWord{SagaSystem::kDistributedSaga, "failed", "flagged", true, "theirs names no step"},
    StatusWord{SagaSystem::kCoordinatorNode, "running", "running"},
    StatusWord{SagaSystem::kCoordinatorNode, "success", "completed"},
    StatusWord{SagaSystem::kCoordinatorNode, "compensated", "compensated", true,
               "within a result that is failed"},
    StatusWord{SagaSystem::kCoordinatorNode, "partial_compensation", "flagged", true,
               "with compensation_errors"},
    StatusWord{SagaSystem::kCoordinatorNode, "failed", "flagged", false, "until its compensation says more"},
    StatusWord{SagaSystem::kCliffracer, "started", "created"},
    StatusWord{SagaSystem::kCliffracer, "running", "running"},
    StatusWord{SagaSystem::kCliffracer, "compensating", "compensating"},
    StatusWord{SagaSystem::kCliffracer, "completed", "completed"},
    StatusWord{SagaSystem::kCliffracer, "compensated", "compensated"},
    StatusWord{SagaSystem::kCliffracer, "failed", "flagged"},
    StatusWord{SagaSystem::kTutorial, "started", "created"},
    StatusWord{SagaSystem::kTutorial, "step_completed", "running"},
    StatusWord{SagaSystem::kTutorial, "compensating", "compensating"},
    StatusWord{SagaSystem::kTutorial, "completed", "completed"},
    StatusWord{SagaSystem::kTutorial, "compensated", "compensated", true, "theirs whatever came of it"},
    StatusWord{SagaSystem::kTutorial, "failed", "flagged"},
};

/// Our word for one of theirs, in whatever case; empty: they have no such word.
[[nodiscard]] constexpr std::string_view from_status_word(SagaSystem system, std::string_view theirs) {
  const auto is_same = [theirs](std::string_view word) {
    if (word.size() != theirs.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      const char c = theirs[i];
      if (word[i] != (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c)) return false;
    }
    return true;
  };
  for (const StatusWord& word : kStatusWords) {
    if (word.system == system && is_same(word.theirs)) return word.ours;
  }
  return {};
}

/// Their word for one of ours; empty: they have none, their nearest is that for `running`.
[[nodiscard]] constexpr std::string_view to_status_word(SagaSystem system, std::string_view ours) {
  for (const StatusWord& word : kStatusWords) {
    if (word.system == system && word.ours == ours && word.is_usual) return word.theirs;
  }
  return {};
}

}  // namespace saga_harness
