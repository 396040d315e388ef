#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness_internal/deadline.hpp>
#include <saga_harness_internal/tally.hpp>

#include "blame.hpp"
#include "exhaustive.hpp"
#include "pruning.hpp"
#include "repeat.hpp"
#include "swarm.hpp"
#include "units.hpp"

namespace saga_harness {

/// What a search has to show for itself, and where it stands.
struct SearchState {
  Tally tally;
  Frontier frontier = {};
  std::string error = {};  ///< not empty: a part of it is lost, and why
};

/// What the processes that share a search have in common.
struct Share {
  std::atomic<std::uint64_t>* claims = nullptr;  ///< see Units
  const Deadline* deadline = nullptr;
  /// Called between units once `pause_every` schedules were counted since the last time. 0: never.
  std::function<void()> pause = {};
  std::uint64_t pause_every = 0;
};

/// The part of a search that one process does.
class Explorer {
 public:
  /// Goes on from `state`, which must outlive it. Whoever empties it in a pause gets what was counted since.
  Explorer(const Experiment& experiment, const ExploreOptions& options, SearchState& state, Share share);

  /// @throws Error with ErrorKind::kInternal if a re-execution differs.
  void run();

 private:
  [[nodiscard]] bool begins_with_likely() const;
  [[nodiscard]] bool find_likely();
  [[nodiscard]] bool shows_unknown(const Observation& observation, std::span<const Pick> picks);
  [[nodiscard]] bool explore_level(int level);
  [[nodiscard]] bool run_swarm();
  [[nodiscard]] bool run_batch(Unit batch);
  [[nodiscard]] bool at_limit() const;
  [[nodiscard]] bool time_is_up() const { return share_.deadline != nullptr && share_.deadline->passed(); }
  bool count_leaf(const Observation& observation, std::span<const Pick> picks);
  void open_unit(const Observation& observation);
  void close_unit();
  void check_repeatable(const Observation& observation, int level);
  const Judgement& judge(const Observation& observation);
  void find_violations(const Observation& observation, const Judgement& judgement);
  bool judge_and_count(const Observation& observation, std::span<const Pick> picks);
  bool count(const Observation& observation, const Judgement& judgement, std::span<const Pick> picks);
  [[nodiscard]] const Seen* run_like_leaf();
  bool count_pruned(const Seen& seen);
  void audit(std::span<const Pick> picks, const Seen& seen);
  bool advance_leaves(bool is_violated);
  void run_shorter_windows(std::span<const Pick> picks);
  bool set_aside(const Judgement& judgement, std::span<const Pick> picks);
  void show(const CausedViolation& violation, const Observation& observation, std::span<const Pick> picks);
  void replay(Rule rule, const std::string& explanation, std::span<const Pick> picks) const;

  const Experiment& experiment_;
  const ExploreOptions& options_;
  SearchState& state_;
  Share share_;
  Engine engine_;
  const SagaIndex& saga_;
  Judge judge_;
  Units units_;
  Exhaustive search_;
  std::optional<SwarmChoices> swarm_;
  Repeat repeat_;
  Blame blame_;
  Pruning pruning_;
  std::vector<CausedViolation> violations_;  // each with the cause that the whole run tells
  std::vector<Violation> plain_;             // the same without
  KnownFindings known_;
  std::vector<CausedViolation> caused_;  // of the schedule that is counted, by its smallest parts
  std::vector<CausedViolation> rest_;    // those of violations_ that are not known
  Counted counted_;                      // what of it counts, where some is known
  Frontier resumed_;                     // where the search was taken up
  bool is_taken_up_again_;               // perhaps, or merged
  bool is_whole_;                        // this process does everything, from the beginning
  bool in_unit_ = false;
  Unit unit_ = 0;
  std::uint64_t leaves_ = 0;   // counted in this unit
  std::uint64_t opening_ = 0;  // fingerprint of the run that opened the unit
  std::vector<Pick> opening_picks_;
  std::uint64_t since_pause_ = 0;
  std::uint64_t until_recheck_ = 0;
  std::uint64_t until_progress_ = 0;
  std::uint64_t until_audit_ = 0;
  std::vector<std::uint64_t> fingerprints_;  // of the schedules of this level
  std::vector<std::uint64_t> expected_;      // … of the level before
  std::size_t repeated_ = 0;                 // how many of those were run again
};

}  // namespace saga_harness
