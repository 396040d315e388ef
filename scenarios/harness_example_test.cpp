// The example of a harness's use that the documentation of Cliffracer has, line by line: see README.md.
#include <saga_harness/testing.hpp>
namespace sh = saga_harness;

// begin example
TEST(CliffracerExampleTest, OrderSagaCompensation) {
  auto harness = sh::SagaTestHarness::from_file(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");

  // A service that fails
  harness.fail({"payment_service", "process_payment"});

  // The saga
  const sh::Run result = harness.start_saga();

  // What must have been undone
  EXPECT_EQ(result.outcome, sh::Outcome::kCompensated);
  EXPECT_TRUE(harness.was_called("order_service", "cancel_order"));
  EXPECT_TRUE(harness.was_called("inventory_service", "release_inventory"));
}
// end example
