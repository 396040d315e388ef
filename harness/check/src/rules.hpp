#pragma once

#include <saga_harness/verdict.hpp>

#include "facts.hpp"

namespace saga_harness {

/// What a rule says of a run. `culprit` and `words` only where it is violated; words only where asked for.
struct Ruling {
  VerdictStatus status = VerdictStatus::kUnknown;
  StepId culprit = kNoStep;
};

/// Where a rule puts its sentence and evidence; nullptr while searching, when nobody reads them.
using Words = Verdict*;

/// Is `rule` to be judged of this subject and this definition at all? If not, `why` says so.
[[nodiscard]] bool applies(Rule rule, const Claims& claims, const SagaIndex& saga, std::string* why);

/// The rules themselves: pure functions of the facts.
[[nodiscard]] Ruling apply_rule(Rule rule, const Facts& facts, const Claims& claims, Words words);

Ruling truthful_outcome(const Facts& facts, const Claims& claims, Words words);
Ruling reverse_order(const Facts& facts, Words words);
Ruling nothing_unintended(const Facts& facts, Words words);
Ruling no_going_on(const Facts& facts, Words words);
Ruling at_most_once(const Facts& facts, Words words);
Ruling ends(const Facts& facts, Words words);
Ruling durable_word(const Facts& facts, const Claims& claims, Words words);
Ruling one_key(const Facts& facts, Words words);
Ruling silence(const Facts& facts, Words words);
Ruling persistence(const Facts& facts, Words words);
Ruling context_travels(const Facts& facts, Words words);
Ruling write_ahead(const Facts& facts, Words words);
Ruling pivot_is_final(const Facts& facts, Words words);
Ruling no_argument(const Facts& facts, Words words);
Ruling masking(const Facts& facts, Words words);
Ruling null_compensation(const Facts& facts, Words words);

inline constexpr Ruling kHeldRuling = {VerdictStatus::kHeld, kNoStep};
inline constexpr Ruling kUnknownRuling = {VerdictStatus::kUnknown, kNoStep};
[[nodiscard]] inline Ruling violated(StepId culprit) { return {VerdictStatus::kViolated, culprit}; }

}  // namespace saga_harness
