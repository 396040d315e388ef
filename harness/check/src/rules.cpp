#include "rules.hpp"

#include "words.hpp"

namespace saga_harness {
namespace {

bool promised(bool claim, std::string_view what, std::string* why) {
  if (!claim && why != nullptr) *why = fmt::format("the subject does not claim {}", what);
  return claim;
}

}  // namespace

bool applies(Rule rule, const Claims& claims, const SagaIndex& saga, std::string* why) {
  switch (rule) {
    case Rule::kTruthfulOutcome:
    case Rule::kReverseOrder:
    case Rule::kNothingUnintended:
    case Rule::kNoGoingOn:
    case Rule::kAtMostOnce:
    case Rule::kEnds:
    case Rule::kNullCompensation:
      return true;
    case Rule::kDurableWord:
      return promised(claims.durable_word, "that its log has the last word", why);
    case Rule::kOneKey:
      return promised(claims.idempotency_keys, "idempotency keys", why);
    case Rule::kSilence:
      return promised(claims.silence, "silence after the end", why);
    case Rule::kPersistence:
    case Rule::kMasking:
      return promised(claims.retries, "to use its retry budgets", why);
    case Rule::kContext:
      return promised(claims.carries_context, "to carry correlation id and auth token", why);
    case Rule::kWriteAhead:
      return promised(claims.write_ahead, "write-ahead logging", why);
    case Rule::kPivot:
      if (saga.pivot() == kNoStep) {
        if (why != nullptr) *why = "the definition has no pivot";
        return false;
      }
      return promised(claims.honours_pivot, "to honour the pivot", why);
    case Rule::kNoArgument:
      return promised(claims.accepts_rejection, "to accept rejections", why);
  }
  return true;
}

Ruling apply_rule(Rule rule, const Facts& facts, const Claims& claims, Words words) {
  switch (rule) {
    case Rule::kTruthfulOutcome:
      return truthful_outcome(facts, claims, words);
    case Rule::kReverseOrder:
      return reverse_order(facts, words);
    case Rule::kNothingUnintended:
      return nothing_unintended(facts, words);
    case Rule::kNoGoingOn:
      return no_going_on(facts, words);
    case Rule::kAtMostOnce:
      return at_most_once(facts, words);
    case Rule::kEnds:
      return ends(facts, words);
    case Rule::kDurableWord:
      return durable_word(facts, claims, words);
    case Rule::kOneKey:
      return one_key(facts, words);
    case Rule::kSilence:
      return silence(facts, words);
    case Rule::kPersistence:
      return persistence(facts, words);
    case Rule::kContext:
      return context_travels(facts, words);
    case Rule::kWriteAhead:
      return write_ahead(facts, words);
    case Rule::kPivot:
      return pivot_is_final(facts, words);
    case Rule::kNoArgument:
      return no_argument(facts, words);
    case Rule::kMasking:
      return masking(facts, words);
    case Rule::kNullCompensation:
      return null_compensation(facts, words);
  }
  return kUnknownRuling;
}

std::string named(const Facts& facts, StepId step) { return facts.saga->step(step).name; }

std::string named(const Facts& facts, StepId step, Operation operation) {
  const std::string_view action = facts.saga->action_of({step, operation});
  if (action == facts.saga->step(step).name) return std::string(action);
  return fmt::format("{} (of {})", action, facts.saga->step(step).name);
}

std::string times(std::uint32_t count) {
  if (count == 0) return "never";
  if (count == 1) return "once";
  return count == 2 ? "twice" : fmt::format("{} times", count);
}

}  // namespace saga_harness
