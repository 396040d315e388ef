// A process whose saga has a step that only looks, one that depends on its answer and is compensated though
// refused, and an optional one, over HTTP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "python_targets.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json shaped_trade(int order_type) {
  json scenario = json::parse(R"({
    "saga": {
      "name": "shaped_trade",
      "steps": [
        {"name": "look_up", "service": "orders", "has_effect": false, "retry": {"attempts": 2},
         "result": {"order_type": "integer"}},
        {"name": "audit_big", "service": "audit", "compensation": "unaudit_big",
         "compensated_if_refused": true, "retry": {"attempts": 2},
         "only_if": {"pointer": "/results/look_up/order_type", "equals": 13}},
        {"name": "audit_small", "service": "audit", "compensation": "unaudit_small",
         "compensated_if_refused": true, "retry": {"attempts": 2},
         "only_if": {"pointer": "/results/look_up/order_type", "differs_from": 13}},
        {"name": "wrap", "service": "gifts", "compensation": "unwrap", "optional": true,
         "retry": {"attempts": 2}},
        {"name": "sell", "service": "sales", "pivot": true, "retry": {"attempts": 2}}
      ],
      "context": {"trade_id": "T-1"}
    }
  })");
  scenario["participants"]["orders"]["gives"]["look_up"]["order_type"] = order_type;
  return scenario;
}

Result explore_shapes(const std::string& bug, int order_type, std::vector<std::string> options) {
  json target = process_per_saga(bug);
  target["start"]["command"] = {"python3", folder() + "shapes_orchestrator.py", bug};
  target["claims"] = {"idempotency_keys"};
  target["timeout"] = "500ms";
  std::vector<std::string> arguments{"explore",
                                     write_scratch("shaped_trade.json", shaped_trade(order_type).dump()),
                                     "--target", write_scratch("shaped_target.json", target.dump())};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run(arguments);
}

std::vector<std::string> up_to(const char* faults, const std::string& kinds) {
  return {"-k", faults, "--faults", kinds, "--no-windows"};
}

using TargetShapesTest = TargetCommandTest;

TEST_F(TargetShapesTest, ACorrectOneIsUpheldWhateverItIsAnswered) {
  for (const int order_type : {13, 7}) {
    const Result found =
        explore_shapes("none", order_type, up_to("1", "rejected,error_after_effect,result_missing"));
    EXPECT_EQ(found.exit_code, 0) << found.out << found.err;
    EXPECT_THAT(found.out, HasSubstr("UPHELD"));
  }
}

TEST_F(TargetShapesTest, TheWrongBranchIsFound) {
  const Result found = explore_shapes("other_branch", 13, up_to("0", "rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("I1 truthful outcome, step audit_big"));
}

TEST_F(TargetShapesTest, WhoeverDoesNotLookIsFound) {
  const Result found = explore_shapes("never_looks", 13, up_to("0", "rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("I1 truthful outcome, step look_up"));
}

TEST_F(TargetShapesTest, WhoeverForgetsWhatWasRefusedIsFound) {
  const Result found = explore_shapes("forgets_refused", 13, up_to("1", "rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("I1 truthful outcome, step audit_big"));
}

TEST_F(TargetShapesTest, AnOptionalStepThatFailsTheSagaIsFound) {
  const Result found = explore_shapes("fails_for_wrap", 13, up_to("1", "rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("only what is optional has failed"));
}

TEST_F(TargetShapesTest, AnOptionalStepThatIsForgottenIsFound) {
  const Result found = explore_shapes(
      "forgets_wrap", 13, {"-k", "2", "--faults", "rejected,error_after_effect", "--stop-at-first"});
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("I1 truthful outcome, step wrap"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
