// The reference orchestrator upholds every invariant with participants that fail by themselves, too: no fault
// makes them, and no fault keeps a copy of a request from being accepted after the original was turned away.

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <saga_harness/fakes.hpp>
#include <saga_harness/fault_catalogue.hpp>

#include "properties.hpp"

namespace saga_harness::property_test {
namespace {

/// How a participant fails by itself at one operation.
enum class OwnFailure : std::uint8_t {
  kTurnsAway,          ///< 503: asks to be asked again
  kLimits,             ///< 429: … later
  kFailsBeforeEffect,  ///< 500, and nothing was done
  kFailsAfterEffect,   ///< 500, but it was
  kThrows,
  kRefuses,  ///< says no, whenever it is asked
};
constexpr int kOwnFailureCount = 6;

struct Moment {
  StepId step = 0;
  Operation operation = Operation::kAction;
  int first = 1;  ///< the delivery that meets it, a copy counted like an original
  int times = 1;
  OwnFailure failure = OwnFailure::kTurnsAway;
};
std::ostream& operator<<(std::ostream& out, const Moment& moment) {
  return out << "step " << moment.step << " operation " << static_cast<int>(moment.operation) << " delivery "
             << moment.first << " times " << moment.times << " failure " << static_cast<int>(moment.failure);
}

/// A correct participant behind a door that fails at the given moments.
class FailsByItself final : public ForwardingParticipant {
 public:
  explicit FailsByItself(std::vector<Moment> moments)
      : moments_(std::move(moments)), correct_(ledger_fake()()) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const int count = ++deliveries_[{delivery.operation.step, delivery.operation.operation}];
    for (const Moment& moment : moments_) {
      const bool is_here =
          moment.step == delivery.operation.step && moment.operation == delivery.operation.operation;
      const bool is_now = moment.failure == OwnFailure::kRefuses ||
                          (count >= moment.first && count < moment.first + moment.times);
      if (is_here && is_now) return fail(moment.failure, delivery, recorder);
    }
    return correct_->handle(delivery, recorder);
  }
  void reset() override {
    deliveries_.clear();
    correct_->reset();
  }

 protected:
  [[nodiscard]] Participant& behind() const override { return *correct_; }

 private:
  Reply fail(OwnFailure failure, const Delivery& delivery, EffectRecorder& recorder) {
    switch (failure) {
      case OwnFailure::kTurnsAway:
        return {.status = ReplyStatus::kUnavailable};
      case OwnFailure::kLimits:
        return {.status = ReplyStatus::kRateLimited, .retry_after = std::chrono::seconds(1)};
      case OwnFailure::kFailsBeforeEffect:
        return {.status = ReplyStatus::kError};
      case OwnFailure::kFailsAfterEffect:
        correct_->handle(delivery, recorder);
        return {.status = ReplyStatus::kError};
      case OwnFailure::kThrows:
        throw std::runtime_error("no connection to the database");
      case OwnFailure::kRefuses:
        return {.status = ReplyStatus::kRejected};
    }
    return {};
  }

  std::vector<Moment> moments_;
  std::unique_ptr<Participant> correct_;
  std::map<std::pair<StepId, Operation>, int> deliveries_;
};

Moment draw_moment(Saga& saga) {
  Moment moment{.step = *rc::gen::inRange<StepId>(0, static_cast<StepId>(saga.steps.size())),
                .first = *rc::gen::inRange(1, 4),
                .times = *rc::gen::inRange(1, 3),
                .failure = static_cast<OwnFailure>(*rc::gen::inRange(0, kOwnFailureCount))};
  Step& step = saga.steps[moment.step];
  const bool is_undoing = !step.compensation.empty() && *rc::gen::inRange(0, 3) == 0;
  if (is_undoing) {
    moment.operation = Operation::kCompensation;
    // A participant that refuses to undo, or fails as often as it is asked, is itself wrong.
    if (moment.failure == OwnFailure::kRefuses) moment.failure = OwnFailure::kTurnsAway;
    moment.times = 1;
    step.compensation_retry.attempts = std::max(step.compensation_retry.attempts, 3);
  } else if (!step.fallback.empty() && *rc::gen::arbitrary<bool>()) {
    moment.operation = Operation::kFallback;
  }
  return moment;
}

Experiment with_own_failures(const Saga& saga, const std::vector<Moment>& moments) {
  Experiment experiment = SagaTestHarness(saga).experiment();
  for (auto& [service, factory] : experiment.setup.participants)
    factory = [moments] { return std::make_unique<FailsByItself>(moments); };
  const auto refuses = [](const Moment& moment) { return moment.failure == OwnFailure::kRefuses; };
  if (std::ranges::any_of(moments, refuses)) experiment.setup.expects = Outcome::kFlagged;
  return experiment;
}

// A participant that has answered OK and then fails by itself breaks its word, which nobody can mask.
std::vector<FaultKind> kinds_that_promise_nothing(const Experiment& experiment) {
  std::vector<FaultKind> kinds = kinds_in_scope(experiment, {});
  std::erase_if(kinds, [](FaultKind kind) { return fate_of(kind).promises(); });
  return kinds;
}

void expect_no_violation_with_own_failures(int max_steps, int max_faults) {
  Saga saga = *gen::saga({.max_steps = max_steps});
  std::vector<Moment> moments{draw_moment(saga)};
  if (*rc::gen::arbitrary<bool>()) moments.push_back(draw_moment(saga));
  for (const Moment& moment : moments) RC_LOG() << moment << '\n';
  const Experiment subject = with_own_failures(saga, moments);
  expect_no_violation(
      explore(subject, {.max_faults = max_faults, .kinds = kinds_that_promise_nothing(subject)}));
}

TEST(OwnFailuresTest, TheReferenceUpholdsEverythingUnderOneFault) {
  check(300, 100, [] { expect_no_violation_with_own_failures(6, 1); });
}

TEST(OwnFailuresTest, TheReferenceUpholdsEverythingUnderTwoFaults) {
  check(150, 100, [] { expect_no_violation_with_own_failures(4, 2); });
}

// The copy is accepted though the original was turned away, and that was the last attempt.
TEST(OwnFailuresTest, ACopyOfARequestThatWasTurnedAwayIsUndone) {
  const Saga saga{
      .name = "shop",
      .steps = {{.name = "reserve", .service = "stock", .compensation = "release", .retry = {.attempts = 2}},
                {.name = "pay", .service = "bank", .compensation = "refund"}}};
  const Experiment experiment = with_own_failures(saga, {{.step = 0}});
  const saga_harness::Run run =
      run_plan(experiment, parse_plan("reserve#1:unavailable, reserve#2:request_duplicated"));
  EXPECT_EQ(run.outcome, Outcome::kCompensated);
  EXPECT_EQ(run.ledger.effects.front(), (Effect{.applied = 1, .undone = 1}));
  EXPECT_TRUE(run.upholds_all_invariants());
}

}  // namespace
}  // namespace saga_harness::property_test
