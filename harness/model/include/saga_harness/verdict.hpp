#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/claims.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/rule.hpp>

namespace saga_harness {

enum class VerdictStatus : std::uint8_t {
  kHeld,
  kViolated,
  kUnknown,        ///< never exercised by this run: neither green nor red
  kNotApplicable,  ///< ruled out: by the definition (no pivot), by what the subject claims, or switched off
                   ///< with a reason
};
[[nodiscard]] std::string_view name_of(VerdictStatus status);

/// What one invariant says of one run.
struct Verdict {
  Rule rule = Rule::kTruthfulOutcome;
  VerdictStatus status = VerdictStatus::kUnknown;
  std::string explanation =
      {};  ///< one sentence: what was expected, what was seen (violations; else why not judged)
  StepId step = kNoStep;                     ///< the step it is about, if one
  std::vector<std::uint32_t> evidence = {};  ///< positions in the trace of the events that show it
  std::string invariant = {};                ///< where `rule` is kOwnRule: its name

  friend bool operator==(const Verdict&, const Verdict&);
};
void PrintTo(const Verdict& value, std::ostream* out);
[[nodiscard]] std::string_view name_of(const Verdict& verdict);  ///< of its rule, or of the user's invariant

/// True if a subject that claims this much must be ready for `kind`; false for what it never said it could
/// bear, and for breaches. A search over "all kinds" tries these and no others.
[[nodiscard]] bool is_in_scope(FaultKind kind, const Claims& claims);

}  // namespace saga_harness
