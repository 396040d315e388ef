#include <saga_harness/run.hpp>

#include <algorithm>
#include <iterator>

namespace saga_harness {
namespace {

bool is_violated(const Verdict& verdict) { return verdict.status == VerdictStatus::kViolated; }

}  // namespace

Run::Run() = default;
Run::~Run() = default;
Run::Run(const Run& other) = default;
Run::Run(Run&& other) noexcept = default;
Run& Run::operator=(const Run& other) = default;
Run& Run::operator=(Run&& other) noexcept = default;

std::vector<Verdict> Run::violations() const {
  std::vector<Verdict> found;
  std::copy_if(verdicts.begin(), verdicts.end(), std::back_inserter(found), is_violated);
  return found;
}

bool Run::upholds_all_invariants() const {
  return std::none_of(verdicts.begin(), verdicts.end(), is_violated);
}

}  // namespace saga_harness
