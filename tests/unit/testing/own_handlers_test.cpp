// Event handlers of one's own, with the habits that handlers have: what is owed is asked of them as of
// coordinators.

#include <chrono>
#include <set>
#include <string>

#include <saga_harness/choreography.hpp>

#include "support.hpp"

namespace saga_harness {
namespace {

using testing::Not;

Saga order_by_events() {
  const RetryPolicy thrice{.attempts = 3};
  return {.name = "order",
          .steps = {{.name = "reserve",
                     .service = "stock",
                     .compensation = "release",
                     .retry = thrice,
                     .on_event = {"ordered"},
                     .emits = {.success = "reserved", .failure = "sold_out"},
                     .compensate_on = {"unpaid", "unsent"}},
                    {.name = "pay",
                     .service = "bank",
                     .compensation = "refund",
                     .retry = thrice,
                     .on_event = {"reserved"},
                     .emits = {.success = "paid", .failure = "unpaid"},
                     .compensate_on = {"unsent"}},
                    {.name = "send",
                     .service = "post",
                     .retry = thrice,
                     .pivot = true,
                     .on_event = {"paid"},
                     .emits = {.success = "sent", .failure = "unsent"}}},
          .choreography = Choreography{.starts_with = "ordered"}};
}

/// The same with a timer, which excuses nobody.
Saga order_in_time() {
  Saga saga = order_by_events();
  saga.deadline = std::chrono::minutes(1);
  saga.choreography->at_deadline = "too_late";
  saga.choreography->unless = "send";
  for (Step& step : saga.steps) {
    if (!step.compensation.empty()) step.compensate_on.emplace_back("too_late");
  }
  return saga;
}

struct Habits {
  bool forgets_what_is_done = false;  // it is in memory, and gone with its service
  bool throws_events_away = false;
  bool gives_up_always = false;
  bool gives_up_at_once = false;
  bool fails_always = false;
  bool lays_refusals_aside = false;
  bool mixes_sagas = false;
  bool has_one_correlation_id = false;
  bool takes_any_event = false;
};

using Memory = std::set<std::string>;

class OneEvent {
 public:
  OneEvent(Habits habits, Memory& memory, const EventDelivery& event, HandlerContext& context)
      : habits_(habits),
        memory_(memory),
        event_(event),
        context_(context),
        step_(context.index().step(event.operation.step)) {}

  Handled handle() {
    if (event_.is_deadline) return go_off();
    if (habits_.throws_events_away) return Handled::kDone;
    if (habits_.gives_up_always) return Handled::kGivenUp;
    const bool undoes = event_.operation.operation == Operation::kCompensation;
    const auto& awaited = undoes ? step_.compensate_on : step_.on_event;
    if (!habits_.takes_any_event && std::ranges::find(awaited, event_.event) == awaited.end())
      return Handled::kGivenUp;
    const std::string handled = "handled " + std::string(event_.message_id) + " for " + step_.name;
    if (context_.knows(handled)) return Handled::kDone;
    const Handled word = undoes ? undo() : act();
    if (word == Handled::kDone) context_.keep(handled);
    return word;
  }

 private:
  [[nodiscard]] std::string of_saga(const char* fact) const {
    return fact + step_.name + (habits_.mixes_sagas ? "" : " of " + std::string(event_.correlation_id));
  }
  [[nodiscard]] bool is_done() const {
    const std::string fact = of_saga("done ");
    return habits_.forgets_what_is_done ? memory_.contains(fact) : context_.knows(fact);
  }
  void tell(const std::string& event) {
    if (event.empty()) return;
    context_.emit({.event = event,
                   .correlation_id = habits_.has_one_correlation_id ? "all-of-them" : event_.correlation_id,
                   .auth_token = event_.auth_token});
  }
  Handled go_off() {
    if (is_done()) return Handled::kDone;
    context_.keep(of_saga("over "));
    tell(std::string(event_.event));
    return Handled::kDone;
  }
  Handled undo() {
    if (context_.knows(of_saga("over "))) return Handled::kDone;
    if (is_done() && !context_.perform().ok()) return Handled::kAgain;
    context_.keep(of_saga("over "));
    return Handled::kDone;
  }
  Handled act() {
    if (context_.knows(of_saga("over "))) return Handled::kDone;
    if (habits_.fails_always) {
      context_.keep(of_saga("over "));
      tell(step_.emits.failure);
      return Handled::kDone;
    }
    const Reply reply = context_.perform();
    if (!reply.ok() && !is_definite_refusal(reply.status))
      return habits_.gives_up_at_once ? Handled::kGivenUp : Handled::kAgain;
    if (!reply.ok() && habits_.lays_refusals_aside) return Handled::kGivenUp;
    const std::string fact = of_saga(reply.ok() ? "done " : "over ");
    habits_.forgets_what_is_done ? void(memory_.insert(fact)) : context_.keep(fact);
    tell(reply.ok() ? step_.emits.success : step_.emits.failure);
    return Handled::kDone;
  }

  Habits habits_;
  Memory& memory_;
  const EventDelivery& event_;
  HandlerContext& context_;
  const Step& step_;
};

EventHandlerFactory handlers_with(Habits habits) {
  return [habits](std::string_view) {
    return [habits, memory = Memory()](const EventDelivery& event, HandlerContext& context) mutable {
      return OneEvent(habits, memory, event, context).handle();
    };
  };
}

/// The claims of a handler that keeps all in one transaction.
Claims claims_of_one_transaction() {
  Claims claims = choreography_claims();
  claims.separate_transactions = false;
  return claims;
}

Exploration searched(Habits habits, const Claims& claims = claims_of_one_transaction(), int max_faults = 2,
                     int sagas = 1, const Saga& saga = order_by_events()) {
  Experiment subject = SagaTestHarness(saga).experiment();
  subject.setup.beside.resize(static_cast<std::size_t>(sagas - 1));
  SagaTestHarness harness(subject);
  harness.use_choreography(handlers_with(habits), claims);
  return harness.explore({.max_faults = max_faults});
}

TEST(OwnHandlersTest, WhoKeepsWhatItMustIsUpheldAloneAndBesideOthers) {
  EXPECT_THAT(searched({}), FindsNoViolation());
  EXPECT_THAT(searched({}, {}), FindsNoViolation());
  EXPECT_THAT(searched({}, claims_of_one_transaction(), 2, 2), FindsNoViolation());
  EXPECT_THAT(searched({}, {}, 2, 3), FindsNoViolation());
}

TEST(OwnHandlersTest, WhatIsOwedIsOwedByHandlersToo) {
  EXPECT_THAT(searched({.throws_events_away = true}, {}), Violates(Rule::kTerminates));
  EXPECT_THAT(searched({.gives_up_always = true}, {}), Not(FindsNoViolation()));
  EXPECT_THAT(searched({.fails_always = true}, {}), Violates(Rule::kCompensatedThoughNothingFailed));
  EXPECT_THAT(searched({.lays_refusals_aside = true}), Violates(Rule::kRejectionIsFinal));
}

TEST(OwnHandlersTest, ATimerExcusesNobody) {
  const auto in_time = [](Habits habits, const Claims& claims = {}) {
    return searched(habits, claims, 1, 1, order_in_time());
  };
  EXPECT_THAT(in_time({}, claims_of_one_transaction()), FindsNoViolation());
  EXPECT_THAT(in_time({.throws_events_away = true}), Violates(Rule::kCompensatedThoughNothingFailed));
  EXPECT_THAT(in_time({.gives_up_always = true}), Not(FindsNoViolation()));
  EXPECT_THAT(in_time({.fails_always = true}), Violates(Rule::kCompensatedThoughNothingFailed));
  EXPECT_THAT(in_time({.gives_up_at_once = true}, claims_of_one_transaction()),
              Violates(Rule::kTransientFaultsMasked));
}

TEST(OwnHandlersTest, MemoryIsGoneWithItsService) {
  EXPECT_THAT(searched({.forgets_what_is_done = true}, {}), Violates(Rule::kTruthfulOutcome));
}

TEST(OwnHandlersTest, EventsThatAreForNobodyAreNotActedOn) {
  EXPECT_THAT(searched({.takes_any_event = true}, {}, 1), Violates(Rule::kAtMostOnce));
}

TEST(OwnHandlersTest, SagasAreToBeKeptApartByWhoSaysThatTheyAre) {
  EXPECT_THAT(searched({.mixes_sagas = true}), Violates(Rule::kTruthfulOutcome)) << "events of others come";
  EXPECT_THAT(searched({.mixes_sagas = true}, {}), FindsNoViolation()) << "it claims nothing, and is alone";
  EXPECT_THAT(searched({.mixes_sagas = true}, {}, 2, 2), Violates(Rule::kTerminates)) << "the other's end";
}

TEST(OwnHandlersTest, ACorrelationIdThatIsWrongIsAViolationWhereSagasShareTheBus) {
  EXPECT_THAT(searched({.has_one_correlation_id = true}, {}, 0), FindsNoViolation());
  EXPECT_THAT(searched({.has_one_correlation_id = true}, {}, 0, 2),
              testing::AllOf(Violates(Rule::kContextTravels), Violates(Rule::kTerminates)));
}

TEST(OwnHandlersTest, NoHandlerAtAllIsRefused) {
  SagaTestHarness harness(order_by_events());
  EXPECT_THROW(harness.use_choreography(nullptr), Error);
  EXPECT_THROW(harness.use_choreography(EventHandlerFactory()), Error);
}

}  // namespace
}  // namespace saga_harness
