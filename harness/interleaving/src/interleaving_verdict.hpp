#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <saga_harness/interleaving.hpp>

#include "concurrent_judge.hpp"
#include "interleaving_scheduler.hpp"

namespace saga_harness {

/// What a search of several sagas owes, and what it has seen of that.
class InterleavingLedger {
 public:
  /// @throws Error if Setup::expects of a saga cannot be.
  InterleavingLedger(const ConcurrentExperiment& experiment, const InterleavingOptions& options,
                     bool is_sample);

  /// Takes in the run that the scheduler has made and the judge has judged.
  void count(const InterleavingScheduler& scheduler, const ConcurrentJudge& judge, int faults,
             Interleavings& into) const;
  /// Of a search that is over; `error` as in SearchVerdict.
  [[nodiscard]] SearchVerdict verdict_of(const Interleavings& found, std::string error) const;

 private:
  [[nodiscard]] std::string why_not_exhausted(const Interleavings& found) const;
  void add_extent(const Interleavings& found, std::vector<LackFound>& lacks) const;
  void add_owed(const Interleavings& found, std::vector<LackFound>& lacks) const;

  std::vector<Owed> owed_;  // by saga
  InterleavingOptions options_;
  bool is_sample_;
  bool has_history_;
};

}  // namespace saga_harness
