// A trip: flight, hotel and car side by side, a card that may not be charged twice, and twenty seconds for it
// all.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

sh::Scenario trip() { return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/travel_booking.json"); }

TEST(TravelBookingTest, CompletesWhenNothingFails) {
  sh::SagaTestHarness harness(trip());
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}, {"total_amount", 1240.5}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("open_booking", "reserve_flight", "charge_card"));
  EXPECT_THAT(run, sh::CallsInOrder("reserve_car", "charge_card"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TravelBookingTest, ReleasesFlightAndCarWhenTheHotelIsFull) {
  sh::SagaTestHarness harness(trip());
  harness.fail({"hotel_chain", "reserve_hotel"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("reserve_flight", "reserve_car", "open_booking"));
  EXPECT_THAT(run, sh::CompensatedInOrder("release_flight", "close_booking"));
  EXPECT_THAT(run, sh::CompensatedInOrder("release_car", "close_booking"));
  EXPECT_THAT(run, sh::NeverCalled("payment_service", "charge_card"));
}

TEST(TravelBookingTest, TakesAShuttleWhenThereIsNoCar) {
  sh::SagaTestHarness harness(trip());
  harness.fail({"car_rental", "reserve_car"});
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}, {"total_amount", 1240.5}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_TRUE(harness.was_called("car_rental", "reserve_shuttle"));
  EXPECT_EQ(harness.effect("reserve_car").net(), 1);
}

TEST(TravelBookingTest, RefundsAChargeThatItDoesNotKnowOf) {
  sh::SagaTestHarness harness(trip());
  harness.lose_reply({"payment_service", "charge_card"});
  const sh::Run run = harness.start_saga({{"customer_id", "CUST-123"}, {"total_amount", 1240.5}});
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated)) << "it may not be asked for twice";
  EXPECT_EQ(harness.call_count("payment_service", "charge_card"), 1U);
  EXPECT_THAT(run, sh::Keeps("payment_service/CUST-123"));
}

TEST(TravelBookingTest, GivesUpAtItsDeadline) {
  sh::SagaTestHarness harness(trip());
  harness.lose_reply({"airline", "reserve_flight"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_EQ(harness.effect("reserve_flight").net(), 0);
  EXPECT_THAT(run, sh::NeverCalled("payment_service", "charge_card"));
}

TEST(TravelBookingTest, FlagsTheHotelThatCannotBeReleased) {
  sh::SagaTestHarness harness(trip());
  harness.fail({"payment_service", "charge_card"});
  harness.make_unavailable({"hotel_chain", "release_hotel"}, sh::kAllAttempts);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kFlagged));
  EXPECT_THAT(run.flagged_steps, ElementsAre("reserve_hotel"));
}

TEST(TravelBookingTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = sh::SagaTestHarness(trip()).explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

}  // namespace
