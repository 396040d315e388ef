// Links saga_harness::http next to saga_harness::testing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/testing.hpp>

namespace sh = saga_harness;

namespace {

const sh::Saga kPayment{.name = "payment",
                        .steps = {{.name = "reserve", .service = "stock", .compensation = "release"},
                                  {.name = "pay", .service = "bank", .pivot = true}}};

TEST(PaymentOverHttpTest, IsUndoneWhenTheBankRefuses) {
  sh::SagaTestHarness harness(kPayment);
  harness.use_http().fail({"bank", "pay"});
  const sh::Run run = harness.start_saga();
  EXPECT_EQ(run.outcome, sh::Outcome::kCompensated);
  EXPECT_THAT(run, sh::CompensatedInOrder("release"));
}

}  // namespace
