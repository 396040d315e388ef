#include "records/record_line.hpp"

#include "records/hash.hpp"

namespace saga_harness::reports {

char letter_of(VerdictStatus status) {
  switch (status) {
    case VerdictStatus::kHeld:
      return 'h';
    case VerdictStatus::kViolated:
      return 'v';
    case VerdictStatus::kUnknown:
      return 'u';
    case VerdictStatus::kNotApplicable:
      return 'n';
  }
  return '?';
}

std::uint64_t id_by_result(std::uint64_t id, const Run& run) {
  Hash hash;
  hash.add(id).add(static_cast<std::uint64_t>(run.outcome));
  for (const Event& event : run.trace.events) {
    hash.add(static_cast<std::uint64_t>(event.type)).add(std::uint64_t{event.step});
    hash.add(static_cast<std::uint64_t>(event.operation)).add(std::uint64_t{event.detail});
  }
  for (const Verdict& verdict : run.verdicts) hash.add(static_cast<std::uint64_t>(verdict.status));
  for (const Effect& effect : run.ledger.effects)
    hash.add(std::uint64_t{effect.applied}).add(std::uint64_t{effect.undone});
  return hash.value();
}

}  // namespace saga_harness::reports
