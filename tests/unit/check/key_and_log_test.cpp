// I8 and I12: one idempotency key per operation; intents before calls, results before the next call.

#include "judging.hpp"

namespace saga_harness::check_test {
namespace {

// ---- I8

TEST(OneKeyTest, HoldsWhenKeysOutliveRetriesAndRestarts) {
  Story story(trip());
  story.does("book_flight").is_lost("charge_card").is_lost("charge_card").crashes().is_lost("charge_card");
  story.is_lost("cancel_flight").crashes().undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kStableIdempotencyKey, story), is_held());
}

TEST(OneKeyTest, IsViolatedByARequestWithoutAKey) {
  Story story(trip());
  story.does("book_flight").sends_keyed("cancel_flight", "");
  EXPECT_THAT(
      verdict_on(Rule::kStableIdempotencyKey, story),
      is_violated(
          "every request must carry an idempotency key, but cancel_flight (of book_flight) was sent without "
          "one",
          kFlight, {story.here()}));
}

TEST(OneKeyTest, IsViolatedByARetryWithoutAKey) {
  Story story(trip());
  story.is_lost("charge_card").sends_keyed("charge_card", "").sends("charge_card");
  EXPECT_THAT(verdict_on(Rule::kStableIdempotencyKey, story),
              is_violated("every request must carry an idempotency key, but charge_card was sent without one",
                          kCard, {story.here() - 1}));
}

TEST(OneKeyTest, IsViolatedWhenARetryHasAnotherKey) {
  Story story(trip());
  story.sends_keyed("charge_card", "key 1")
      .sends_keyed("charge_card", "key 1")
      .sends_keyed("charge_card", "key 3");
  const std::uint32_t changed = story.here();
  story.sends_keyed("charge_card", "key 4");
  EXPECT_THAT(
      verdict_on(Rule::kStableIdempotencyKey, story),
      is_violated(
          "charge_card must keep its idempotency key over retries and restarts, but it was \"key 1\" first "
          "and then \"key 3\"",
          kCard, {story.when(EventType::kSent, "charge_card"), changed}));
}

TEST(OneKeyTest, IsViolatedWhenARestartChangesTheKeyOfACompensation) {
  Story story(trip());
  story.does("book_flight").sends_keyed("cancel_flight", "a").crashes().sends_keyed("cancel_flight", "b");
  EXPECT_THAT(
      verdict_on(Rule::kStableIdempotencyKey, story),
      is_violated(
          "cancel_flight (of book_flight) must keep its idempotency key over retries and restarts, but it "
          "was \"a\" first and then \"b\"",
          kFlight, {story.when(EventType::kSent, "cancel_flight"), story.here()}));
}

TEST(OneKeyTest, IsViolatedWhenTwoStepsShareAKey) {
  Story story(trip());
  story.sends_keyed("book_flight", "trip-1").sends_keyed("charge_card", "trip-1");
  EXPECT_THAT(
      verdict_on(Rule::kStableIdempotencyKey, story),
      is_violated("every operation needs a key of its own, but book_flight and charge_card share \"trip-1\"",
                  kCard, {story.here() - 1, story.here()}));
}

TEST(OneKeyTest, IsViolatedWhenAnActionAndItsCompensationShareAKey) {
  Story story(trip());
  story.sends_keyed("book_flight", "flight").sends_keyed("cancel_flight", "flight");
  EXPECT_THAT(
      verdict_on(Rule::kStableIdempotencyKey, story),
      is_violated(
          "every operation needs a key of its own, but book_flight and cancel_flight (of book_flight) share "
          "\"flight\"",
          kFlight, {story.here() - 1, story.here()}));
}

TEST(OneKeyTest, AFallbackHasAKeyOfItsOwn) {
  Story own(trip());
  own.is_refused("charge_card").calls("send_invoice");
  EXPECT_THAT(verdict_on(Rule::kStableIdempotencyKey, own), is_held());

  Story shared(trip());
  shared.sends_keyed("charge_card", "pay").sends_keyed("send_invoice", "pay");
  EXPECT_THAT(
      verdict_on(Rule::kStableIdempotencyKey, shared),
      is_violated(
          "every operation needs a key of its own, but charge_card and send_invoice (of charge_card) share "
          "\"pay\"",
          kCard, {shared.here() - 1, shared.here()}));
}

TEST(OneKeyTest, IsUnknownWhenNothingWasSent) {
  Story story(trip());
  story.logs_intent("book_flight");
  EXPECT_THAT(verdict_on(Rule::kStableIdempotencyKey, story), is_unknown());
}

TEST(OneKeyTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  story.sends_keyed("book_flight", "");
  EXPECT_THAT(verdict_on(Rule::kStableIdempotencyKey, story, Claims{}),
              is_not_applicable("the subject does not claim idempotency keys"));
}

// ---- I12

TEST(WriteAheadTest, HoldsForwardAndBackward) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_refused("charge_card");
  story.does("send_invoice")
      .logs_intent("issue_ticket")
      .is_refused("issue_ticket")
      .logs_failed("issue_ticket");
  story.logs_compensating().undoes("refund_card").undoes("cancel_hotel").undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_held());
}

TEST(WriteAheadTest, IsViolatedWhenAnActionIsSentBeforeItsIntent) {
  Story story(trip());
  story.calls("book_flight").logs_intent("book_flight").logs_done("book_flight");
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated(
          "the intent must be durable before the call, but book_flight was sent before its intent was logged",
          kFlight, {story.when(EventType::kSent, "book_flight")}));
}

TEST(WriteAheadTest, TheIntentOfAnActionDoesNotCoverItsFallback) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_refused("charge_card");
  story.calls("send_invoice");
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated(
          "the intent must be durable before the call, but send_invoice (of charge_card) was sent before its "
          "intent was logged",
          kCard, {story.when(EventType::kSent, "send_invoice")}));
}

TEST(WriteAheadTest, IsViolatedWhenACompensationIsSentBeforeCompensatingIsLogged) {
  Story story(trip());
  story.does("book_flight").undoes("cancel_flight").logs_compensating();
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated(
          "the intent must be durable before the call, but cancel_flight (of book_flight) was sent before "
          "compensating was logged",
          kFlight, {story.when(EventType::kSent, "cancel_flight")}));
}

TEST(WriteAheadTest, IsViolatedWhenTheNextActionIsSentBeforeTheResultOfTheLast) {
  Story story(trip());
  story.logs_intent("book_flight").calls("book_flight").logs_intent("book_hotel").calls("book_hotel");
  story.logs_done("book_flight");
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated(
          "a result must be durable before the next call, but book_hotel was sent before the result of "
          "book_flight was logged",
          kHotel, {story.when(EventType::kSent, "book_hotel")}));
}

TEST(WriteAheadTest, IsViolatedWhenTheNextCompensationIsSentBeforeTheUndoingOfTheLast) {
  Story story(trip());
  story.does("book_flight")
      .does("book_hotel")
      .logs_compensating()
      .calls("cancel_hotel")
      .calls("cancel_flight");
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated(
          "a result must be durable before the next call, but cancel_flight (of book_flight) was sent before "
          "the undoing of book_hotel was logged",
          kFlight, {story.when(EventType::kSent, "cancel_flight")}));
}

TEST(WriteAheadTest, GivingUpACompensationIsAResultToo) {
  Story story(trip());
  story.does("book_flight")
      .does("book_hotel")
      .logs_compensating()
      .is_lost("cancel_hotel")
      .logs_stuck("cancel_hotel");
  story.undoes("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_held());
}

TEST(WriteAheadTest, RetriesNeedNeitherIntentNorResultOfTheirOwn) {
  Story story(trip());
  story.does("book_flight").does("book_hotel").logs_intent("charge_card").is_lost("charge_card").crashes();
  story.is_lost("charge_card").calls("charge_card").logs_done("charge_card");
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_held());
}

TEST(WriteAheadTest, ParallelBranchesDoNotWaitForEachOthersResults) {
  Story story(parallel_trip());
  story.logs_intent("book_flight").sends("book_flight").logs_intent("book_hotel").sends("book_hotel");
  story.hears("book_flight")
      .logs_done("book_flight")
      .hears("book_hotel")
      .logs_done("book_hotel")
      .does("charge_card");
  story.logs_compensating().undoes("refund_card").sends("cancel_hotel").sends("cancel_flight");
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_held());
}

TEST(WriteAheadTest, AJoinWaitsForTheResultsOfAllBranches) {
  Story story(parallel_trip());
  story.does("book_flight").logs_intent("book_hotel").calls("book_hotel").does("charge_card");
  EXPECT_THAT(
      verdict_on(Rule::kWriteAheadLog, story),
      is_violated(
          "a result must be durable before the next call, but charge_card was sent before the result of "
          "book_hotel was logged",
          kCard, {story.when(EventType::kSent, "charge_card")}));
}

TEST(WriteAheadTest, IsUnknownWhenNothingWasSent) {
  Story story(trip());
  story.logs_started().logs_intent("book_flight");
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story), is_unknown());
}

TEST(WriteAheadTest, IsNotJudgedOfASubjectThatDoesNotClaimIt) {
  Story story(trip());
  story.calls("book_flight");
  EXPECT_THAT(verdict_on(Rule::kWriteAheadLog, story, Claims{}),
              is_not_applicable("the subject does not claim write-ahead logging"));
}

}  // namespace
}  // namespace saga_harness::check_test
