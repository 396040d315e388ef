#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace saga_harness::cli_tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const char* const kOneFault = "request_duplicated,request_late_after_compensation,rejected";

TEST(RequireTest, SaysWhatTheOrderSagaReliesOn) {
  const Result result = run({"require", scenario("order_processing"), "-k", "1", "--kinds", kOneFault});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("\ncreate_order needs dedup\n"));
  EXPECT_THAT(result.out, HasSubstr("\nprocess_payment needs dedup\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("needs durable dedup")));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(lines_of(result.out).back(), HasSubstr("UPHELD: "));
}

TEST(RequireTest, HeavyEveryNeedReplays) {
  const std::string path = scenario("order_processing");
  const Result result = run({"require", path, "-k", "1", "--kinds", kOneFault, "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["format"], "saga_harness.dependencies/1");
  EXPECT_EQ(document["verdict"], "upheld");
  int needed = 0;
  for (const json& row : document["guarantees"]) {
    if (row["need"] != "needed") continue;
    ++needed;
    const Result replay = run({"replay", path, row["token"]});
    EXPECT_EQ(replay.exit_code, 1) << row;
    EXPECT_THAT(replay.out, HasSubstr(row["explanation"].get<std::string>()));
    const Result by_plan = run({"replay", path, "--plan", row["plan"], "--participant", row["participant"]});
    EXPECT_EQ(by_plan.out, replay.out);
    EXPECT_EQ(run({"replay", path, "--plan", row["plan"]}).exit_code, 0) << row;
  }
  EXPECT_GT(needed, 4);
  EXPECT_EQ(document["needed"], needed);
}

TEST(RequireTest, ExploreTakesTheSameParticipants) {
  const Result result = run({"explore", scenario("order_processing"), "-k", "1", "--kinds", kOneFault,
                             "--participant", "reference-without:deduplicates@create_order"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("participants reference-without:deduplicates@create_order"));
}

TEST(RequireTest, ASearchCutShortIsInconclusive) {
  const Result result = run({"require", scenario("order_processing"), "-k", "1", "--max-schedules", "3"});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.out, HasSubstr("INCONCLUSIVE"));
}

TEST(RequireTest, ACoordinatorThatGoesWrongAnywayIsViolated) {
  const Result result =
      run({"require", scenario("order_processing"), "-k", "0", "--coordinator", "no_idempotency_key"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.out, HasSubstr("fix that first: saga-harness explore"));
}

TEST(RequireTest, RefusesBadInput) {
  EXPECT_EQ(run({"require"}).exit_code, 64);
  EXPECT_EQ(run({"require", scenario("order_processing"), "-k", "9"}).exit_code, 64);
  EXPECT_EQ(run({"require", scenario("order_processing"), "--kinds", "reply_lst"}).exit_code, 64);
  EXPECT_EQ(run({"require", "nowhere.json"}).exit_code, 64);
}

}  // namespace
}  // namespace saga_harness::cli_tests
