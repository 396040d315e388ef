#pragma once

#include <functional>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>

#include <saga_harness/matchers.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness::internal {

/// A matcher from a sentence and a function that says what it saw.
template <typename Value>
class Judged final : public testing::MatcherInterface<const Value&> {
 public:
  using Check = std::function<bool(const Value&, std::ostream&)>;

  Judged(std::string sentence, std::string negation, Check check)
      : sentence_(std::move(sentence)), negation_(std::move(negation)), check_(std::move(check)) {}

  bool MatchAndExplain(const Value& value, testing::MatchResultListener* listener) const override {
    std::ostringstream seen;
    const bool matches = check_(value, seen);
    *listener << seen.str();
    return matches;
  }
  void DescribeTo(std::ostream* out) const override { *out << sentence_; }
  void DescribeNegationTo(std::ostream* out) const override { *out << negation_; }

 private:
  std::string sentence_;
  std::string negation_;
  Check check_;
};

template <typename Value>
[[nodiscard]] testing::Matcher<const Value&> judged(std::string sentence, std::string negation,
                                                    typename Judged<Value>::Check check) {
  return testing::Matcher<const Value&>(
      new Judged<Value>(std::move(sentence), std::move(negation), std::move(check)));
}

/// The same of a run. @throws Error if that was never judged: neither a matcher nor its negation has anything
/// to say of it.
[[nodiscard]] RunMatcher judged_run(std::string sentence, std::string negation, Judged<Run>::Check check);

/// The rule as it is called where it is shown.
[[nodiscard]] inline std::string named(Rule rule, const std::string& invariant) {
  if (rule == kOwnRule) return printable(invariant);
  return label_of(rule);
}

}  // namespace saga_harness::internal
