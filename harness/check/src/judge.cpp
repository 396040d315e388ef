#include <saga_harness/judge.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/text.hpp>

#include "rules.hpp"

namespace saga_harness {
namespace {

using internal::in_quotes;

std::size_t place_of(const SwitchedOff& off, std::span<const Invariant> own) {
  if (off.invariant.empty()) return static_cast<std::size_t>(off.rule);
  std::vector<std::string_view> names;
  for (const Invariant& invariant : own) {
    if (invariant.name == off.invariant) return kRuleCount + names.size();
    names.emplace_back(invariant.name);
  }
  throw Error(ErrorText{.message = "there is no invariant " + in_quotes(off.invariant) + " to switch off",
                        .fix = internal::name_fix(off.invariant, names)});
}

}  // namespace

class Judge::Impl {
 public:
  Impl(std::shared_ptr<const SagaIndex> saga, Claims claims, const std::vector<SwitchedOff>& switched_off,
       std::vector<Invariant> own, std::optional<Outcome> expects)
      : saga_(std::move(saga)),
        claims_(claims),
        own_(std::move(own)),
        reader_(*saga_),
        applies_(kRuleCount + own_.size(), true),
        reasons_(applies_.size()),
        culprits_(applies_.size(), kNoStep),
        judgement_(applies_.size(), VerdictStatus::kNotApplicable) {
    validate(own_);
    for (std::size_t i = 0; i < kRuleCount; ++i)
      applies_[i] = applies(rule(i), claims_, *saga_, expects.value_or(Outcome::kCompleted), &reasons_[i]);
    for (const SwitchedOff& off : switched_off) {
      if (off.reason.empty()) {
        const std::string name =
            off.invariant.empty() ? std::string(id_of(off.rule)) : in_quotes(off.invariant);
        throw Error(
            ErrorText{.message = "rule " + name + " is switched off without a reason", .fix = "say why"});
      }
      const std::size_t i = place_of(off, own_);
      applies_[i] = false;
      reasons_[i] = "switched off: " + off.reason;
    }
    for (std::size_t i = 0; i < kRuleCount; ++i) {
      if (applies_[i]) applying_rules_.push_back(i);
    }
  }

  const Judgement& judge(const Observation& observation) {
    const TraceSummary& summary = reader_.read(observation);
    saw_key_change_ = summary.any_key_change;
    for (const std::size_t i : applying_rules_) {
      if (is_up_to_others(rule(i), observation)) {
        judgement_[i] = VerdictStatus::kUnknown;
        continue;
      }
      const Ruling ruling = apply_rule(rule(i), summary, claims_, nullptr);
      judgement_[i] = ruling.status;
      culprits_[i] = ruling.culprit;
    }
    for (const Observation* other : observation.beside) judge_beside(observation, *other);
    for (std::size_t i = kRuleCount; i < applies_.size(); ++i) {
      if (!applies_[i]) continue;
      const Verdict verdict = ask(own_[i - kRuleCount], observation);
      judgement_[i] = verdict.status;
      culprits_[i] = verdict.step;
    }
    return judgement_;
  }

  std::vector<Verdict> explain(const Observation& observation) {
    const TraceSummary& summary = reader_.read(observation);
    std::vector<Verdict> verdicts(applies_.size());
    for (std::size_t i = 0; i < applies_.size(); ++i) {
      Verdict& verdict = verdicts[i];
      const bool is_own = i >= kRuleCount;
      verdict.rule = is_own ? kOwnRule : rule(i);
      if (is_own) verdict.invariant = own_[i - kRuleCount].name;
      if (!applies_[i]) {
        verdict.status = VerdictStatus::kNotApplicable;
        verdict.explanation = reasons_[i];
        continue;
      }
      if (is_own) {
        verdict = ask(own_[i - kRuleCount], observation);
      } else {
        if (is_up_to_others(verdict.rule, observation)) {
          verdict.status = VerdictStatus::kUnknown;
          verdict.explanation = "other sagas are beside it";
          continue;
        }
        const Ruling ruling = apply_rule(verdict.rule, summary, claims_, &verdict);
        verdict.status = ruling.status;
        verdict.step = ruling.culprit;
      }
      if (verdict.status == VerdictStatus::kUnknown && verdict.explanation.empty())
        verdict.explanation = "never exercised by this run";
    }
    for (std::size_t number = 0; number < observation.beside.size(); ++number)
      explain_beside(observation, number, verdicts);
    return verdicts;
  }

  [[nodiscard]] StepId culprit(std::size_t place) const { return culprits_[place]; }
  [[nodiscard]] bool saw_key_change() const { return saw_key_change_; }

 private:
  static Rule rule(std::size_t i) { return static_cast<Rule>(i); }

  // What one saga holds, another may be refused, with nothing having failed.
  static bool is_up_to_others(Rule rule, const Observation& observation) {
    const bool is_about_refusals =
        rule == Rule::kRefusedThoughNothingFailed || rule == Rule::kCompensatedThoughNothingFailed;
    return is_about_refusals && !observation.beside.empty();
  }

  // A saga beside that under test must come to no harm by what strikes there.
  void judge_beside(const Observation& tested, const Observation& other) {
    const TraceSummary& summary = reader_.read(other);
    for (const std::size_t i : applying_rules_) {
      if (judgement_[i] == VerdictStatus::kViolated || is_up_to_others(rule(i), tested)) continue;
      const Ruling ruling = apply_rule(rule(i), summary, claims_, nullptr);
      if (ruling.status != VerdictStatus::kViolated) continue;
      judgement_[i] = ruling.status;
      culprits_[i] = ruling.culprit;
    }
  }

  // Its evidence would be places in another trace.
  void explain_beside(const Observation& tested, std::size_t number, std::vector<Verdict>& verdicts) {
    const TraceSummary& summary = reader_.read(*tested.beside[number]);
    for (const std::size_t i : applying_rules_) {
      if (verdicts[i].status == VerdictStatus::kViolated || is_up_to_others(rule(i), tested)) continue;
      Verdict verdict{.rule = rule(i)};
      const Ruling ruling = apply_rule(verdict.rule, summary, claims_, &verdict);
      if (ruling.status != VerdictStatus::kViolated) continue;
      verdict.status = ruling.status;
      verdict.step = ruling.culprit;
      verdict.evidence.clear();
      verdict.explanation.insert(0, "of the saga beside it (" + std::to_string(number + 1) + "): ");
      verdicts[i] = std::move(verdict);
    }
  }

  // What somebody else's code says, made fit to be counted and shown.
  [[nodiscard]] Verdict ask(const Invariant& invariant, const Observation& observation) const {
    const std::string who = "the invariant " + in_quotes(invariant.name);
    Verdict verdict;
    try {
      verdict = invariant.check(observation, *saga_);
    } catch (const std::exception& error) {
      throw Error(ErrorText{.message = who + " threw: " + error.what(),
                            .fix = "let it return kUnknown where it cannot judge"});
    }
    verdict.rule = kOwnRule;
    verdict.invariant = invariant.name;
    if (verdict.step != kNoStep && verdict.step >= saga_->step_count()) {
      throw Error(ErrorText{.message = who + " is about step number " + std::to_string(verdict.step) +
                                       ", but the saga has " + std::to_string(saga_->step_count()),
                            .fix = "leave Verdict::step at kNoStep for the whole saga"});
    }
    for (const std::uint32_t place : verdict.evidence) {
      if (place < observation.events.size()) continue;
      throw Error(ErrorText{.message = who + " gives event number " + std::to_string(place) +
                                       " as evidence, but the trace has " +
                                       std::to_string(observation.events.size()),
                            .fix = "evidence is positions in Observation::events"});
    }
    std::ranges::sort(verdict.evidence);
    if (verdict.status == VerdictStatus::kViolated && verdict.explanation.empty())
      verdict.explanation = "it gave no explanation";
    return verdict;
  }

  std::shared_ptr<const SagaIndex> saga_;
  Claims claims_;
  std::vector<Invariant> own_;
  FactReader reader_;
  // By place in the judgement:
  std::vector<bool> applies_;
  std::vector<std::size_t> applying_rules_;  // built-in ones
  std::vector<std::string> reasons_;
  std::vector<StepId> culprits_;
  Judgement judgement_;
  bool saw_key_change_ = false;
};

void validate(std::span<const Invariant> invariants) {
  constexpr std::size_t kMost = 200;  // a rule's place in a Judgement is a byte
  if (invariants.size() > kMost)
    throw Error(ErrorText{.message = "there are more than " + std::to_string(kMost) + " invariants",
                          .fix = "make one of several"});
  for (std::size_t i = 0; i < invariants.size(); ++i) {
    const std::string& name = invariants[i].name;
    if (name.empty())
      throw Error(ErrorText{.message = "an invariant has no name", .fix = "give it one, reports show it"});
    if (name.find_first_of("\r\n") != std::string::npos)
      throw Error(ErrorText{.message = "the name of the invariant " + in_quotes(name) + " has a line break",
                            .fix = "write it on one line"});
    if (!invariants[i].check)
      throw Error(ErrorText{.message = "the invariant " + in_quotes(name) + " has no check",
                            .fix = "give it a function"});
    if (find_rule(name) != nullptr || name == id_of(kOwnRule)) {
      throw Error(
          ErrorText{.message = "an invariant cannot be called " + in_quotes(name) + ": a built-in rule is",
                    .fix = "call it otherwise"});
    }
    for (const Invariant& before : invariants.first(i)) {
      if (before.name == name)
        throw Error(ErrorText{.message = "there are two invariants " + in_quotes(name),
                              .fix = "rename or remove one of them"});
    }
  }
}

std::string to_string(const SwitchedOff& off) {
  if (!off.invariant.empty()) return off.invariant;
  return label_of(off.rule);
}

void switch_off_newer(std::string_view version, std::vector<SwitchedOff>& switched_off) {
  for (const RuleRow& row : kRuleCatalogue) {
    const auto is_it = [&row](const SwitchedOff& off) {
      return off.invariant.empty() && off.rule == row.rule;
    };
    if (!is_newer(row, version) || std::ranges::any_of(switched_off, is_it)) continue;
    switched_off.push_back(
        {.rule = row.rule,
         .reason = "newer than " + std::string(version) + ", of which the rules are asked for"});
  }
}

Judge::Judge(std::shared_ptr<const SagaIndex> saga, Claims claims, std::vector<SwitchedOff> switched_off,
             std::vector<Invariant> own, std::optional<Outcome> expects)
    : impl_(std::make_unique<Impl>(std::move(saga), claims, switched_off, std::move(own), expects)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

const Judgement& Judge::judge(const Observation& observation) { return impl_->judge(observation); }
std::vector<Verdict> Judge::explain(const Observation& observation) { return impl_->explain(observation); }
bool Judge::saw_key_change() const { return impl_->saw_key_change(); }
StepId Judge::culprit(std::size_t place) const { return impl_->culprit(place); }

}  // namespace saga_harness
