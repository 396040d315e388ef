#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include <saga_harness/exploration.hpp>
#include <saga_harness/printers.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/source_place.hpp>

namespace saga_harness {

struct Interleavings;

/// Matchers speak of one run: `EXPECT_THAT(harness.start_saga(), EndsIn(Outcome::kCompensated))`. On failure
/// they list what was seen. Names that the definition does not have are refused with an Error that says the
/// line they stand in, in negations too; and so is a run that was never judged, such as one that was moved
/// from.
using RunMatcher = testing::Matcher<const Run&>;
using ExplorationMatcher = testing::Matcher<const Exploration&>;

/// The run ended like this, as observed.
[[nodiscard]] RunMatcher EndsIn(Outcome outcome);

/// No rule was violated, and the run was judged at all. On failure: each rule with its sentence and the
/// events that show it, the plan and the token.
[[nodiscard]] RunMatcher UpholdsAllInvariants();

/// The coordinator never sent this request.
[[nodiscard]] RunMatcher NeverCalled(std::string_view service, std::string_view action,
                                     SourcePlace place = SourcePlace::here());

/// The business quantity is the same at the end as at the start. Run::ledger has the names.
[[nodiscard]] RunMatcher Keeps(std::string_view quantity, SourcePlace place = SourcePlace::here());

/// What FindsNoViolation() returns: matches an Exploration whose verdict is upheld. One that was asked to be
/// random may be a sample.
class NoViolationMatcher {
 public:
  /// The search may lack this, for a test that means it. @throws Error without a reason.
  [[nodiscard]] NoViolationMatcher allow(Lack lack, std::string_view reason) const;
  operator ExplorationMatcher() const;  // NOLINT(google-explicit-constructor): a polymorphic matcher of gmock

 private:
  std::vector<Lack> allowed_ = {Lack::kSampled};
};
/// No schedule violated a rule, and the search has seen what it owes (see Owed). On failure: the smallest
/// plan with its sentence, its token and a gtest case to paste; or what is lacking.
[[nodiscard]] NoViolationMatcher FindsNoViolation();

/// What FindsNoAnomaly() returns, as NoViolationMatcher.
class NoAnomalyMatcher {
 public:
  /// The search may lack this, for a test that means it. @throws Error without a reason.
  [[nodiscard]] NoAnomalyMatcher allow(Lack lack, std::string_view reason) const;
  operator testing::Matcher<const Interleavings&>() const;  // NOLINT(google-explicit-constructor)

 private:
  std::vector<Lack> allowed_ = {Lack::kSampled};
};
/// Nothing came between several sagas that ran at the same time, and the search has seen what it owes. On
/// failure: what did, with the plan; or what is lacking.
[[nodiscard]] NoAnomalyMatcher FindsNoAnomaly();

/// What Violates() returns: matches a Run, or an Exploration in which some schedule violates the rule.
class ViolatesMatcher {
 public:
  explicit ViolatesMatcher(Rule rule, std::string_view invariant = {}, SourcePlace place = {});
  operator RunMatcher() const;          // NOLINT(google-explicit-constructor): a polymorphic matcher of gmock
  operator ExplorationMatcher() const;  // NOLINT(google-explicit-constructor)

 private:
  Rule rule_;
  std::string invariant_;
  SourcePlace place_;
};
/// The rule was violated. Where that cannot be said, in negations too, it is refused with an Error: the rule
/// does not apply (it needs a claim, or is switched off), or no search that went to its end exercised it.
[[nodiscard]] ViolatesMatcher Violates(Rule rule, SourcePlace place = SourcePlace::here());
/// The invariant of one's own was violated. Names that the run was not judged by are refused with an Error.
[[nodiscard]] ViolatesMatcher Violates(std::string_view invariant, SourcePlace place = SourcePlace::here());

namespace internal {
using Names = std::initializer_list<std::string_view>;
[[nodiscard]] RunMatcher calls_in_order(Names names, const SourcePlace& place);
[[nodiscard]] RunMatcher compensated_in_order(Names names, const SourcePlace& place);
[[nodiscard]] RunMatcher compensated_exactly(Names names, const SourcePlace& place);
}  // namespace internal

// Classes, not functions: so that the line of the caller may follow any number of names.

/// These requests were sent in this order; others may stand between. Names of actions, fallbacks or
/// compensations, or of a step for its action.
template <std::convertible_to<std::string_view> First, std::convertible_to<std::string_view>... More>
class CallsInOrder : public RunMatcher {
 public:
  explicit CallsInOrder(const First& first, const More&... more, SourcePlace place = SourcePlace::here())
      : RunMatcher(internal::calls_in_order({std::string_view(first), std::string_view(more)...}, place)) {}
};
template <typename First, typename... More>
CallsInOrder(const First&, const More&...) -> CallsInOrder<First, More...>;

/// These were compensated, each after the one before it; others may have been, too. Names of compensations or
/// steps. Compensated means that the participant undid the effect, or said that there was none to undo.
template <std::convertible_to<std::string_view> First, std::convertible_to<std::string_view>... More>
class CompensatedInOrder : public RunMatcher {
 public:
  explicit CompensatedInOrder(const First& first, const More&... more,
                              SourcePlace place = SourcePlace::here())
      : RunMatcher(
            internal::compensated_in_order({std::string_view(first), std::string_view(more)...}, place)) {}
};
template <typename First, typename... More>
CompensatedInOrder(const First&, const More&...) -> CompensatedInOrder<First, More...>;

/// These were compensated and no others, in whatever order. No names: nothing was.
template <std::convertible_to<std::string_view>... Names>
class CompensatedExactly : public RunMatcher {
 public:
  explicit CompensatedExactly(const Names&... names, SourcePlace place = SourcePlace::here())
      : RunMatcher(internal::compensated_exactly({std::string_view(names)...}, place)) {}
};
template <typename... Names>
CompensatedExactly(const Names&...) -> CompensatedExactly<Names...>;

}  // namespace saga_harness
