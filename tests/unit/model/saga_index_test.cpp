#include <saga_harness/saga_index.hpp>

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using model_test::error_of;
using model_test::order_saga;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

// `d` waits for `b` and `c`, which both wait for `a`, though the definition names them in another order.
Saga diamond() {
  const auto step = [](const std::string& name, std::vector<std::string> after) {
    return Step{.name = name, .service = "s", .compensation = "undo_" + name, .after = std::move(after)};
  };
  return {.name = "diamond",
          .steps = {step("d", {"c", "b"}), step("c", {"a"}), step("a", {}), step("b", {"a"})}};
}

TEST(SagaIndexTest, RefusesABadDefinition) {
  EXPECT_EQ(error_of([] { return SagaIndex({}).step_count(); }),
            "saga \"\": /name: the saga has no name; give it one\n"
            "saga \"\": /steps: the saga has no steps; add at least one");
}

TEST(SagaIndexTest, FindsStepsAndOperationsByName) {
  const SagaIndex saga(order_saga());
  EXPECT_EQ(saga.step_count(), 5U);
  EXPECT_EQ(saga.find_step("process_payment"), 2);
  EXPECT_EQ(saga.find_step("refund_payment"), kNoStep);
  EXPECT_EQ(saga.find_step(""), kNoStep);
  EXPECT_THAT(saga.find_operations("payment_service", "refund_payment"),
              ElementsAre(OperationId{2, Operation::kCompensation}));
  EXPECT_THAT(saga.find_operations("payment_service", "process_payment"),
              ElementsAre(OperationId{2, Operation::kAction}));
  EXPECT_THAT(saga.find_operations("order_service", "refund_payment"), IsEmpty());
  EXPECT_THAT(saga.find_operations("order_service", ""), IsEmpty());
}

TEST(SagaIndexTest, FindsEveryOperationOfAName) {
  Saga twins = diamond();
  for (Step& step : twins.steps) step.action = "do_it";
  EXPECT_EQ(SagaIndex(twins).find_operations("s", "do_it").size(), 4U);
}

TEST(SagaIndexTest, FillsInEmptyActions) {
  const SagaIndex saga(order_saga());
  EXPECT_EQ(saga.action_of({0, Operation::kAction}), "create_order");
  EXPECT_EQ(saga.action_of({1, Operation::kAction}), "reserve");
  EXPECT_EQ(saga.action_of({1, Operation::kFallback}), "");
  EXPECT_EQ(saga.action_of({2, Operation::kFallback}), "invoice_payment");
  EXPECT_EQ(saga.action_of({4, Operation::kCompensation}), "");
  EXPECT_EQ(saga.action_of({kNoStep, Operation::kAction}), "");
  EXPECT_EQ(saga.hash(), definition_hash(order_saga()));
}

TEST(SagaIndexTest, KnowsBudgetsAndTimeouts) {
  Saga definition = order_saga();
  definition.steps[2].timeout = 2s;
  definition.steps[2].compensation_timeout = 7s;
  definition.steps[2].compensation_retry.attempts = 9;
  const SagaIndex saga(definition);
  EXPECT_EQ(saga.budget({2, Operation::kAction}), 3);
  EXPECT_EQ(saga.budget({2, Operation::kFallback}), 3);
  EXPECT_EQ(saga.budget({2, Operation::kCompensation}), 9);
  EXPECT_EQ(saga.budget({0, Operation::kFallback}), 0);
  EXPECT_EQ(saga.timeout({2, Operation::kAction}), 2s);
  EXPECT_EQ(saga.timeout({2, Operation::kFallback}), 2s);
  EXPECT_EQ(saga.timeout({2, Operation::kCompensation}), 7s);
  EXPECT_EQ(saga.timeout({4, Operation::kCompensation}), 0s);
}

TEST(SagaIndexTest, RunsInSequenceByDefault) {
  const SagaIndex saga(order_saga());
  EXPECT_THAT(saga.predecessors(0), IsEmpty());
  EXPECT_THAT(saga.predecessors(3), ElementsAre(2));
  EXPECT_THAT(saga.order(), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_TRUE(saga.precedes(0, 4));
  EXPECT_FALSE(saga.precedes(4, 0));
  EXPECT_FALSE(saga.precedes(2, 2));
}

TEST(SagaIndexTest, WorksOutThePartialOrder) {
  const SagaIndex saga(diamond());
  EXPECT_THAT(saga.order(), ElementsAre(2, 1, 3, 0));
  EXPECT_THAT(saga.predecessors(0), ElementsAre(1, 3));
  EXPECT_THAT(saga.successors(2), ElementsAre(1, 3));
  EXPECT_THAT(saga.successors(0), IsEmpty());
  EXPECT_TRUE(saga.precedes(2, 0));
  EXPECT_TRUE(saga.precedes(1, 0));
  EXPECT_FALSE(saga.precedes(1, 3));
  EXPECT_FALSE(saga.precedes(3, 1));
}

TEST(SagaIndexTest, KnowsPivotAndServices) {
  const SagaIndex saga(order_saga());
  EXPECT_EQ(saga.pivot(), 4);
  EXPECT_EQ(SagaIndex(diamond()).pivot(), kNoStep);
  EXPECT_THAT(saga.services(),
              ElementsAre("order_service", "inventory_service", "payment_service", "shipping_service"));
}

TEST(NearestNameTest, TakesTheOneWithTheFewestEdits) {
  const std::array<std::string_view, 4> names{"order_service", "inventory_service", "payment_service", "pay"};
  EXPECT_EQ(nearest_name("paiment_service", names), "payment_service");
  EXPECT_EQ(nearest_name("inventoryservice", names), "inventory_service");
  EXPECT_EQ(nearest_name("pya", names), "pay");
  EXPECT_EQ(nearest_name("order_service", names), "order_service");
}

TEST(NearestNameTest, IsNothingIfAllAreFarOff) {
  const std::array<std::string_view, 3> names{"order_service", "pay", ""};
  EXPECT_EQ(nearest_name("x", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("shipment", names), "");
  EXPECT_EQ(nearest_name("pay", {}), "");
}

TEST(NearestNameTest, TakesTheFirstOfEquals) {
  const std::array<std::string_view, 3> names{"step_b", "step_c", "step_d"};
  EXPECT_EQ(nearest_name("step_a", names), "step_b");
}

TEST(NearestNameTest, IsBounded) {
  const std::string longest(200, 'x');
  const std::string too_long(201, 'x');
  const std::array<std::string_view, 2> names{too_long, longest};
  EXPECT_EQ(nearest_name(std::string(199, 'x') + "y", names), longest);
  EXPECT_EQ(nearest_name(too_long, names), "");
}

}  // namespace
}  // namespace saga_harness
