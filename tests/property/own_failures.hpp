#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <saga_harness/fakes.hpp>

#include "properties.hpp"

namespace saga_harness::property_test {

/// How a participant fails by itself at one operation.
enum class OwnFailure : std::uint8_t {
  kTurnsAway,          ///< 503: asks to be asked again
  kLimits,             ///< 429: … later
  kFailsBeforeEffect,  ///< 500, and nothing was done
  kFailsAfterEffect,   ///< 500, but it was
  kThrows,
  kRefuses,  ///< says no, whenever it is asked
};
inline constexpr int kOwnFailureCount = 6;

struct Moment {
  StepId step = 0;
  Operation operation = Operation::kAction;
  int first = 1;  ///< the delivery that meets it, a copy counted like an original
  int times = 1;
  OwnFailure failure = OwnFailure::kTurnsAway;
};
inline std::ostream& operator<<(std::ostream& out, const Moment& moment) {
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

/// Of a step of `saga`, to which it leaves enough attempts where it is a compensation that fails.
inline Moment draw_moment(Saga& saga) {
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
  // The saga completes by its fallback all the same, and so cannot say that it expects the refusal.
  const bool is_made_up_for = moment.operation == Operation::kAction && !step.fallback.empty();
  if (is_made_up_for && moment.failure == OwnFailure::kRefuses) moment.failure = OwnFailure::kTurnsAway;
  return moment;
}

}  // namespace saga_harness::property_test
