#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fault.hpp>

namespace saga_harness {

/// The invariants of the house, by number.
enum class Rule : std::uint8_t {
  kTruthfulOutcome,    // I1
  kReverseOrder,       // I2
  kNothingUnintended,  // I3
  kNoGoingOn,          // I4
  kAtMostOnce,         // I5
  kEnds,               // I6
  kDurableWord,        // I7
  kOneKey,             // I8
  kSilence,            // I9
  kPersistence,        // I10
  kContext,            // I11
  kWriteAhead,         // I12
  kPivot,              // I13
  kNoArgument,         // I14
  kMasking,            // I15
  kNullCompensation,   // I16
};
inline constexpr std::size_t kRuleCount = 16;

/// Stands where a rule is named for an invariant of the user's own: that one is known by its name. Its id is
/// `own`.
inline constexpr Rule kOwnRule = static_cast<Rule>(0xFF);

[[nodiscard]] std::string_view id_of(Rule rule);    ///< `I1`
[[nodiscard]] std::string_view name_of(Rule rule);  ///< `truthful outcome`
/// Reads an id or a name. @throws Error with the nearest one.
[[nodiscard]] Rule parse_rule(std::string_view text);

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
[[nodiscard]] std::string_view name_of(const Verdict& verdict);  ///< of its rule, or of the user's invariant

/// What a subject promises beyond outcome and order. I1–I6 hold for everyone; I7–I16 are judged only where
/// promised. The reference orchestrator promises everything; a coordinator of your own nothing, until you say
/// so.
struct Claims {
  bool durable_word = false;         ///< I7: what it reports is what its log says
  bool idempotency_keys = false;     ///< I8
  bool silence = false;              ///< I9: nothing after the end
  bool retries = false;              ///< I10 and I15: uses the retry budgets of the definition
  bool write_ahead = false;          ///< I12
  bool honours_pivot = false;        ///< I13
  bool accepts_rejection = false;    ///< I14
  bool names_flagged_steps = false;  ///< `flagged` comes with the list of steps that may be left
  bool survives_crashes = false;  ///< resumes from its log; otherwise a crash only has to leave nothing worse
  bool carries_context = false;   ///< I11: correlation id and auth token with every request; a reply is taken
                                  ///< only if it has the correlation id of its request
  bool reads_bodies = false;      ///< a success whose body says `"success": false` is taken as a rejection
  bool checks_log_writes = false;  ///< heeds what Runtime::append() returns, skips torn records
  bool fences = false;             ///< does nothing more once another incarnation has taken the saga over
  bool starts_once = false;        ///< a second request to start the same saga starts nothing
  bool honours_cancel = false;     ///< heeds Runtime::cancel_requested()

  [[nodiscard]] static constexpr Claims all() {
    return {true, true, true, true, true, true, true, true, true, true, true, true, true, true, true};
  }
  friend bool operator==(const Claims&, const Claims&) = default;
};

/// True if a subject that claims this much must be ready for `kind`; false for what it never said it could
/// bear, and for breaches. A search over "all kinds" tries these and no others.
[[nodiscard]] bool is_in_scope(FaultKind kind, const Claims& claims);

}  // namespace saga_harness
