// A trip whose steps depend on what was booked: a visa only where one is needed, a hotel only for nights
// away, an insurance only for those who want one. What was reserved side by side is released side by side.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

namespace sh = saga_harness;
using testing::IsEmpty;

namespace {

sh::Scenario trip_with_options() {
  return sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/trip_with_options.json");
}

sh::Context booking(bool needs_visa, int nights, bool insured) {
  const char* const destination = needs_visa ? R"({"country": "India", "needs_visa": true})"
                                             : R"({"country": "Portugal", "needs_visa": false})";
  return {{"customer_id", "CUST-123"},
          {"total_amount", 860},
          {"destination", sh::Json::parse(destination)},
          {"nights", nights},
          {"insured", insured}};
}

/// The same trip, whose every run starts with this booking.
sh::Scenario trip_as(const sh::Context& booked) {
  sh::Scenario scenario = trip_with_options();
  scenario.saga.context = booked;
  scenario.source.clear();  // the file has another
  return scenario;
}

TEST(TripWithOptionsTest, InsuredAndWithoutVisaItDoesAllButTheVisa) {
  sh::SagaTestHarness harness(trip_with_options());
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::NeverCalled("embassy", "apply_for_visa"));
  EXPECT_THAT(run, sh::CallsInOrder("reserve_flight", "insure", "charge_card"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TripWithOptionsTest, WhereAVisaIsNeededEverythingWaitsForIt) {
  sh::SagaTestHarness harness(trip_with_options());
  const sh::Run run = harness.start_saga(booking(true, 4, true));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::CallsInOrder("apply_for_visa", "reserve_flight", "insure"));
  EXPECT_THAT(run, sh::CallsInOrder("apply_for_visa", "reserve_car", "insure"));
  EXPECT_EQ(harness.effect("apply_for_visa").net(), 1);
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TripWithOptionsTest, ADayTripHasNeitherHotelNorInsurance) {
  sh::SagaTestHarness harness(trip_with_options());
  const sh::Run run = harness.start_saga(booking(false, 0, false));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::NeverCalled("hotel_chain", "reserve_hotel"));
  EXPECT_THAT(run, sh::NeverCalled("insurer", "insure"));
  EXPECT_THAT(run, sh::CallsInOrder("reserve_flight", "charge_card"));
  EXPECT_THAT(run, sh::CallsInOrder("reserve_car", "charge_card"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TripWithOptionsTest, UndoesNothingThatWasSkipped) {
  sh::SagaTestHarness harness(trip_with_options());
  harness.fail({"payment_service", "charge_card"});
  const sh::Run run = harness.start_saga(booking(false, 0, true));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::CompensatedExactly("insure", "reserve_car", "reserve_flight"));
  EXPECT_THAT(run, sh::CompensatedInOrder("cancel_insurance", "release_flight"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

std::int64_t sent_at(const sh::Run& run, const sh::SagaIndex& saga, std::string_view step) {
  for (const sh::Event& event : run.trace.events) {
    const bool is_compensation = event.operation == sh::Operation::kCompensation;
    if (event.type == sh::EventType::kSent && is_compensation && saga.step(event.step).name == step)
      return event.at;
  }
  return -1;
}

TEST(TripWithOptionsTest, ReleasesWhatWasReservedSideBySideAndWithdrawsTheApplicationLast) {
  const sh::SagaIndex saga(trip_with_options().saga);
  sh::SagaTestHarness harness(trip_with_options());
  harness.fail({"insurer", "insure"});
  const sh::Run run = harness.start_saga(booking(true, 4, true));
  EXPECT_THAT(run,
              sh::CompensatedExactly("reserve_car", "reserve_hotel", "reserve_flight", "apply_for_visa"));
  const std::int64_t released = sent_at(run, saga, "reserve_flight");
  EXPECT_GT(released, 0);
  EXPECT_EQ(sent_at(run, saga, "reserve_hotel"), released);
  EXPECT_EQ(sent_at(run, saga, "reserve_car"), released);
  EXPECT_GT(sent_at(run, saga, "apply_for_visa"), released);
}

TEST(TripWithOptionsTest, RefundsAChargeThatItDoesNotKnowOf) {
  sh::SagaTestHarness harness(trip_with_options());
  harness.lose_reply({"payment_service", "charge_card"});
  const sh::Run run = harness.start_saga(booking(false, 0, false));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated)) << "it is asked for once";
  EXPECT_THAT(run, sh::Keeps("payment_service/CUST-123"));
}

TEST(TripWithOptionsTest, GoesOnAfterACrashWithTheSameStepsSkipped) {
  sh::SagaTestHarness harness(trip_with_options());
  harness.crash_coordinator({"airline", "reserve_flight"}, sh::Instant::kAfterCall);
  const sh::Run run = harness.start_saga(booking(false, 0, true));
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_THAT(run, sh::NeverCalled("embassy", "apply_for_visa"));
  EXPECT_THAT(run, sh::NeverCalled("hotel_chain", "reserve_hotel"));
  EXPECT_THAT(run, sh::UpholdsAllInvariants());
}

TEST(TripWithOptionsTest, SurvivesEveryPairOfFaults) {
  for (const sh::Context& booked : {booking(false, 4, true), booking(true, 0, false)}) {
    const sh::Exploration exploration = sh::SagaTestHarness(trip_as(booked)).explore({.max_faults = 2});
    EXPECT_TRUE(exploration.exhausted);
    EXPECT_THAT(exploration, sh::FindsNoViolation());
    EXPECT_THAT(exploration.undeclared, IsEmpty()) << "a step that was to be skipped has been tried";
  }
}

TEST(TripWithOptionsTest, ABookingThatDoesNotSayHowManyNightsIsRefused) {
  sh::SagaTestHarness harness(trip_with_options());
  try {
    static_cast<void>(harness.start_saga({{"customer_id", "CUST-123"}, {"total_amount", 860}}));
    ADD_FAILURE() << "it ran";
  } catch (const sh::Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(R"(step "reserve_hotel": the condition "/nights above 0")"));
  }
}

}  // namespace
