#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/exploration.hpp>
#include <saga_harness/saga_index.hpp>

#include "next_level.hpp"
#include "plan_set.hpp"
#include "search_result.hpp"

namespace saga_harness::blackbox {

/// Which plans of a level are run where one stands for many (ExploreOptions::classes).
///
/// Faults at one point are of a class if the target was seen to treat them alike: each beside the same other
/// faults (none, where that suffices to come to the point), the same effects came about at the same attempts,
/// and the target asked for the same, flagged the same and ended the same. Plans that differ only within
/// classes are represented by the one with the first fault of each. Some of those that are left out are run
/// all the same (audits); a fault that then goes otherwise than its class is tried by itself from there on.
class ClassedLevels {
 public:
  explicit ClassedLevels(const SagaIndex& saga) : saga_(saga) {}

  /// The next level.
  void open(std::span<const Node> level);
  /// The places in the level of what is to be run next, once all that was asked for before is noted. Empty:
  /// nothing more.
  [[nodiscard]] std::vector<std::size_t> next();
  void note(std::size_t at, const Result& result);

  /// Everything of the level was run.
  [[nodiscard]] bool is_whole() const;
  [[nodiscard]] const ClassCount& count() const noexcept { return count_; }

 private:
  using Fault = std::uint64_t;
  using FaultPoint = std::uint64_t;
  enum class Phase : std::uint8_t { kLearn, kRepresent, kPart };
  enum class Part : std::uint8_t { kWaits, kTeaches, kIsRun, kIsLeftOut, kIsAudited };

  [[nodiscard]] static FaultPoint point_of(Fault fault) { return fault >> 16U; }
  [[nodiscard]] std::vector<Fault> unknown_in(const PlanKey& plan) const;
  [[nodiscard]] Fault representative_of(Fault fault) const;
  [[nodiscard]] PlanKey representative_of(const PlanKey& plan) const;
  [[nodiscard]] bool wants_audit(const PlanKey& plan);

  void choose_teachers();
  void learn();
  void represent();
  void compare_audits();
  void run_parted();

  const SagaIndex& saga_;
  std::map<Fault, Fault> first_of_class_;
  std::set<FaultPoint> taught_;  // whose classes are known
  ClassCount count_;

  // Of this level.
  std::vector<PlanKey> plans_;
  std::vector<Part> parts_;
  std::map<PlanKey, std::string> behaviours_;
  std::map<Fault, std::uint64_t> left_out_;  // how many plans, by a fault that is not the first of its class
  Phase phase_ = Phase::kLearn;
};

}  // namespace saga_harness::blackbox
