#include "whole_verdict.hpp"

#include <saga_harness/explore.hpp>

namespace saga_harness {

SearchVerdict verdict_of_whole(const Experiment& experiment, const ExploreOptions& options,
                               const Exploration& found) {
  ExploreOptions whole = options;
  whole.stop_at_first_violation = false;
  SearchVerdict verdict = verdict_of(found, owed_by(experiment, whole), whole);
  verdict.error = found.verdict.error;
  verdict.notes = found.verdict.notes;
  return verdict;
}

}  // namespace saga_harness
