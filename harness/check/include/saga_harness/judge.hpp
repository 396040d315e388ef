#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/invariant.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// A rule that is not to be judged, and why.
struct SwitchedOff {
  Rule rule = Rule::kTruthfulOutcome;
  std::string reason = {};
  std::string invariant = {};  ///< the name of one of the user's own; then `rule` is kOwnRule
};
void PrintTo(const SwitchedOff& value, std::ostream* out);
/// `I15 transient faults are masked`; one of the user's own by its name alone.
[[nodiscard]] std::string to_string(const SwitchedOff& off);

/// Adds every rule that is newer than `version`, unless it is off already: the set of rules that was judged
/// then. @throws Error if no rule has come with that version.
void switch_off_newer(std::string_view version, std::vector<SwitchedOff>& switched_off);

/// One status per Rule, in their order, then one per invariant of the user's own: what a search needs of a
/// run.
using Judgement = std::vector<VerdictStatus>;

/// The oracle: pure rules over trace and ledgers. Keeps scratch memory between runs, and nothing else.
class Judge {
 public:
  /// @throws Error if a rule is switched off without a reason or is not there, or if invariants are not good
  /// (see validate()).
  /// `expects`: how a run without faults is expected to end; nothing: completed. Where it is another end,
  /// participants may refuse and sagas be compensated with nothing having failed.
  Judge(std::shared_ptr<const SagaIndex> saga, Claims claims, std::vector<SwitchedOff> switched_off = {},
        std::vector<Invariant> own = {}, std::optional<Outcome> expects = std::nullopt);
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  /// @throws Error if an invariant of the user's own throws, or names a step or an event that is not there.
  [[nodiscard]] const Judgement& judge(const Observation& observation);

  /// The same with a sentence and the evidence for each rule.
  [[nodiscard]] std::vector<Verdict> explain(const Observation& observation);

  /// Did some operation change its idempotency key, in the run of the last judge()?
  [[nodiscard]] bool saw_key_change() const;

  /// The step that a violated rule of the last judge() is about; kNoStep if it is about the saga as a whole.
  [[nodiscard]] StepId culprit(Rule rule) const { return culprit(static_cast<std::size_t>(rule)); }
  /// The same by its place in the Judgement.
  [[nodiscard]] StepId culprit(std::size_t place) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saga_harness
