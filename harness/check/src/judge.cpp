#include <saga_harness/judge.hpp>

#include <algorithm>

#include <saga_harness/error.hpp>

#include "rules.hpp"

namespace saga_harness {

class Judge::Impl {
 public:
  Impl(std::shared_ptr<const SagaIndex> saga, Claims claims, const std::vector<SwitchedOff>& switched_off)
      : saga_(std::move(saga)), claims_(claims), reader_(*saga_) {
    culprits_.fill(kNoStep);
    for (std::size_t i = 0; i < kRuleCount; ++i)
      applies_[i] = applies(rule(i), claims_, *saga_, &reasons_[i]);
    for (const SwitchedOff& off : switched_off) {
      if (off.reason.empty()) {
        throw Error("rule " + std::string(id_of(off.rule)) + " is switched off without a reason: say why");
      }
      const auto i = static_cast<std::size_t>(off.rule);
      applies_[i] = false;
      reasons_[i] = "switched off: " + off.reason;
    }
  }

  const Judgement& judge(const Observation& observation) {
    const Facts& facts = reader_.read(observation);
    for (std::size_t i = 0; i < kRuleCount; ++i) {
      if (!applies_[i]) {
        judgement_[i] = VerdictStatus::kNotApplicable;
        continue;
      }
      const Ruling ruling = apply_rule(rule(i), facts, claims_, nullptr);
      judgement_[i] = ruling.status;
      culprits_[i] = ruling.culprit;
    }
    return judgement_;
  }

  std::vector<Verdict> explain(const Observation& observation) {
    const Facts& facts = reader_.read(observation);
    std::vector<Verdict> verdicts(kRuleCount);
    for (std::size_t i = 0; i < kRuleCount; ++i) {
      Verdict& verdict = verdicts[i];
      verdict.rule = rule(i);
      if (!applies_[i]) {
        verdict.status = VerdictStatus::kNotApplicable;
        verdict.explanation = reasons_[i];
        continue;
      }
      const Ruling ruling = apply_rule(verdict.rule, facts, claims_, &verdict);
      verdict.status = ruling.status;
      verdict.step = ruling.culprit;
      if (verdict.status == VerdictStatus::kUnknown) verdict.explanation = "never exercised by this run";
    }
    return verdicts;
  }

  [[nodiscard]] StepId culprit(Rule rule) const { return culprits_[static_cast<std::size_t>(rule)]; }

 private:
  static Rule rule(std::size_t i) { return static_cast<Rule>(i); }

  std::shared_ptr<const SagaIndex> saga_;
  Claims claims_;
  FactReader reader_;
  std::array<bool, kRuleCount> applies_ = {};
  std::array<std::string, kRuleCount> reasons_ = {};
  std::array<StepId, kRuleCount> culprits_ = {};
  Judgement judgement_ = {};
};

Judge::Judge(std::shared_ptr<const SagaIndex> saga, Claims claims, std::vector<SwitchedOff> switched_off)
    : impl_(std::make_unique<Impl>(std::move(saga), claims, switched_off)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

const Judgement& Judge::judge(const Observation& observation) { return impl_->judge(observation); }
std::vector<Verdict> Judge::explain(const Observation& observation) { return impl_->explain(observation); }
StepId Judge::culprit(Rule rule) const { return impl_->culprit(rule); }

}  // namespace saga_harness
