#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <saga_harness/choices.hpp>
#include <saga_harness/engine.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness_internal/likely_faults.hpp>
#include <saga_harness_internal/picks.hpp>
#include <saga_harness_internal/random_numbers.hpp>

namespace saga_harness {

/// Schedules to begin a search with, so that a bug is met soon: the run without faults, likely single faults,
/// then in turn a single fault and three pairs, drawn so that every kind of fault, or every class of kinds,
/// is equally likely. The second fault of one pair in three strikes where only the first has led. No schedule
/// comes twice. Same subject and seed, same schedules.
class LikelyFirst final : public Choices {
 public:
  static constexpr std::uint64_t kSeed = 1;

  /// `options`: the kinds, windows and number of faults that may be.
  LikelyFirst(const SagaIndex& saga, const ExploreOptions& options, std::span<const LikelyFault> likely,
              std::uint64_t seed = kSeed);

  /// Prepares the next schedule; false if there is none.
  [[nodiscard]] bool next();
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override;
  /// To be called after every run. @throws Error with ErrorKind::kInternal if the run did not meet its own
  /// picks again.
  void finish();

  [[nodiscard]] std::span<const Pick> picks() const { return picks_; }
  /// The questions of the run up to its last fault.
  [[nodiscard]] std::span<const Branch> branches() const { return {branches_.data(), asked_}; }

 private:
  using Picks = std::vector<Pick>;
  /// The faults that can follow another.
  struct Tried {
    Picks all;
    Picks where_only_it_leads;
  };
  /// What is equally likely to be drawn.
  enum class Evenly : std::uint8_t { kKinds, kClasses };

  [[nodiscard]] Picks faults_after(std::size_t asked) const;
  void choose_singles();
  void keep(const Pick& first);
  [[nodiscard]] bool draw();
  [[nodiscard]] bool draw_single();
  [[nodiscard]] bool draw_pair(Evenly evenly, Picks Tried::*seconds);
  [[nodiscard]] std::size_t draw_from(const Picks& faults, Evenly evenly);
  [[nodiscard]] std::size_t below(std::size_t bound) {
    return random_.below(static_cast<std::uint32_t>(bound));
  }

  const SagaIndex& saga_;
  std::span<const LikelyFault> likely_;
  std::vector<bool> allowed_;
  bool windows_;
  int max_faults_;
  RandomNumbers random_;
  bool at_beginning_ = true;
  std::vector<Point> points_;  // of the run without faults
  Picks singles_;              // to be tried first
  std::size_t next_single_ = 0;
  std::map<LikelyFault, Picks> rest_;                      // the other single faults
  Picks firsts_;                                           // single faults that were tried, and …
  std::vector<Tried> tried_;                               // … what can follow each
  std::set<std::pair<std::size_t, std::uint64_t>> pairs_;  // that were drawn
  std::vector<std::size_t> class_of_;                      // by kind
  std::uint64_t draws_ = 0;
  Picks picks_;
  std::vector<Branch> branches_;
  std::size_t asked_ = 0;  // so many of them, until the last pick was met
  std::size_t next_pick_ = 0;
};

/// Runs them one after the other until `is_wanted` says yes of one, at most `most` of them. How many were run
/// until then; 0 if there was none.
[[nodiscard]] std::uint64_t runs_until(
    Engine& engine, LikelyFirst& schedules, std::uint64_t most,
    const std::function<bool(const Observation&, std::span<const Pick>)>& is_wanted);

}  // namespace saga_harness
