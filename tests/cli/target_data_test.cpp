// What a process sends over HTTP, in bodies, paths and queries, beside what the definition binds it to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "python_targets.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

json bound_order() {
  return json::parse(R"({
    "saga": {
      "name": "bound_order",
      "steps": [
        {"name": "create_order", "service": "orders", "compensation": "cancel_order",
         "retry": {"attempts": 3},
         "input": {"customer": "/context/customer_id"}, "result": {"id": "string"},
         "compensation_input": {"order": "/results/create_order/id"}},
        {"name": "process_payment", "service": "payments", "compensation": "refund_payment",
         "retry": {"attempts": 3},
         "input": {"order": "/results/create_order/id", "amount": "/context/total_amount"},
         "result": {"id": "string"},
         "compensation_input": {"payment": "/results/process_payment/id", "amount": "/context/total_amount",
                                "customer": "/context/customer_id"}},
        {"name": "ship", "service": "shipping", "pivot": true, "retry": {"attempts": 3},
         "input": {"payment": "/results/process_payment/id"}, "result": {"id": "string"}}
      ],
      "context": {"customer_id": "CUST-1", "total_amount": 10}
    },
    "http": {"routes": {"payments": {"refund_payment": {"method": "DELETE", "path": "/payments/{customer}"}}}}
  })");
}

Result explore_with(const std::string& bug, std::vector<std::string> options) {
  json target = process_per_saga(bug);
  target["start"]["command"] = {"python3", folder() + "results_orchestrator.py", bug};
  target["claims"] = {"idempotency_keys"};
  target["timeout"] = "500ms";
  std::vector<std::string> arguments{"explore", write_scratch("bound_order.json", bound_order().dump()),
                                     "--target", write_scratch("bound_target.json", target.dump())};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run(arguments);
}

std::vector<std::string> of_these(const std::string& kinds) {
  return {"-k", "1", "--faults", kinds, "--no-windows"};
}

using TargetDataTest = TargetCommandTest;

TEST_F(TargetDataTest, ACorrectOneIsUpheldUnderEveryDataFault) {
  const Result found = explore_with(
      "none", of_these("rejected,error_after_effect,result_missing,result_null,result_of_another_type"));
  EXPECT_EQ(found.exit_code, 0) << found.out << found.err;
  EXPECT_THAT(found.out, HasSubstr("UPHELD"));
}

TEST_F(TargetDataTest, ARefundThatNamesTheOrderIsFound) {
  const Result found = explore_with("another_id", of_these("rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), AllOf(HasSubstr("I21 right data, step process_payment"),
                                          HasSubstr("which is bound_order-1/process_payment/id/1, but it "
                                                    "carried bound_order-1/create_order/id/1")));
}

TEST_F(TargetDataTest, ARefundOfAnotherAmountIsFoundInTheQuery) {
  const Result found = explore_with("current_value", of_these("rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("as amount, which is 10, but it carried 11"));
}

TEST_F(TargetDataTest, ACancellationThatCarriesNothingIsFound) {
  const Result found = explore_with("no_body", of_these("rejected"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), HasSubstr("I21 right data, step create_order"));
}

TEST_F(TargetDataTest, AMissingIdThatBecomesZeroIsFound) {
  const Result found = explore_with("zero", of_these("result_missing"));
  EXPECT_EQ(found.exit_code, 1) << found.out << found.err;
  EXPECT_THAT(unwrapped(found.out), AllOf(HasSubstr("I21 right data"), HasSubstr("but it carried 0")));
}

TEST_F(TargetDataTest, AFixedAnswerInPlaceOfResultsIsRefused) {
  json scenario = bound_order();
  scenario["http"]["routes"]["orders"]["create_order"] = {{"replies", {{"ok", {{"body", {{"id", "O-1"}}}}}}}};
  const Result refused = run({"check", write_scratch("fixed.json", scenario.dump())});
  EXPECT_EQ(refused.exit_code, 64);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("cannot always be the same"));
}

}  // namespace
}  // namespace saga_harness::cli_tests
