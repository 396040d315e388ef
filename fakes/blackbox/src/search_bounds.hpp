#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <span>

#include <saga_harness/blackbox.hpp>

#include <saga_harness_internal/real_time.hpp>

namespace saga_harness::blackbox {

/// When a search begins nothing more, and how much of its time goes into running again what it has seen.
/// Thread-safe.
class SearchBounds {
 public:
  SearchBounds(Duration max_time, const SearchStop* stop);

  /// Nothing more is to be begun: time is up, or somebody has asked for an end.
  [[nodiscard]] bool is_over() const;
  /// Somebody has: what comes of a run that was under way then says nothing.
  [[nodiscard]] bool is_cut_short() const;

  enum class Run { kFirst, kAgain };
  void note(Run which, os::Clock::duration time);
  /// What is run again has a third of the time of all runs. The first seconds are free, but no more than a
  /// third of the search's.
  [[nodiscard]] bool may_run_again() const;

  /// Violations that were confirmed need not be so at every schedule that shows them.
  void note_confirmed(std::span<const Violation> violations);
  [[nodiscard]] bool are_confirmed(std::span<const Violation> violations) const;

 private:
  const SearchStop* stop_;
  os::Clock::duration free_ = std::chrono::seconds(20);
  std::optional<os::Moment> deadline_ = std::nullopt;
  std::atomic<os::Clock::duration> first_ = os::Clock::duration::zero();
  std::atomic<os::Clock::duration> again_ = os::Clock::duration::zero();
  mutable std::mutex mutex_;
  std::set<Violation> confirmed_;
};

}  // namespace saga_harness::blackbox
