#include <saga_harness/run.hpp>

#include <algorithm>
#include <iterator>

namespace saga_harness {
namespace {

bool is_violated(const Verdict& verdict) { return verdict.status == VerdictStatus::kViolated; }

}  // namespace

std::vector<Verdict> Run::violations() const {
  std::vector<Verdict> found;
  std::copy_if(verdicts.begin(), verdicts.end(), std::back_inserter(found), is_violated);
  return found;
}

bool Run::upholds_all_invariants() const {
  return std::none_of(verdicts.begin(), verdicts.end(), is_violated);
}

}  // namespace saga_harness
