// Money from an account at one bank to one at another: whatever fails, none of it is lost and none is made.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <memory>

namespace sh = saga_harness;

namespace {

constexpr std::int64_t kCents = 25'000;

// An account that an action moves by so much; the bank around it keeps the ledger and knows repeated
// requests.
class Account final : public sh::Business {
 public:
  Account(std::string owner, std::int64_t cents, std::int64_t moves)
      : owner_(std::move(owner)), at_start_(cents), cents_(cents), moves_(moves) {}

  sh::Reply apply(const sh::Delivery& /*delivery*/, sh::EffectRecorder& /*recorder*/) override {
    if (cents_ + moves_ < 0)
      return {.status = sh::ReplyStatus::kRejected, .body = R"({"error":"not covered"})"};
    cents_ += moves_;
    return {};
  }
  sh::Reply undo(const sh::Delivery& /*delivery*/, sh::EffectRecorder& /*recorder*/) override {
    cents_ -= moves_;
    return {};
  }
  void reset() override { cents_ = at_start_; }
  [[nodiscard]] std::vector<sh::Quantity> quantities() const override {
    return {{.name = owner_, .rule = sh::QuantityRule::kRestored}};
  }
  void measure(std::vector<std::int64_t>& values) const override { values.push_back(cents_); }

 private:
  std::string owner_;
  std::int64_t at_start_, cents_, moves_;
};

sh::ParticipantFactory bank(const std::string& service, const std::string& owner, std::int64_t cents,
                            std::int64_t moves) {
  return sh::ledger_fake(
      {}, [=] { return std::make_unique<Account>(owner, cents, moves); }, service);
}

// A rule of our own: what left one account has come to the other, unless a person has been called.
sh::Verdict no_money_is_lost(const sh::Observation& seen, const sh::SagaIndex& /*saga*/) {
  if (seen.outcome == sh::Outcome::kFlagged || seen.outcome == sh::Outcome::kUnresolved)
    return {.status = sh::VerdictStatus::kUnknown};
  std::int64_t made = 0;
  for (const sh::Quantity& quantity : seen.quantities) made += quantity.at_end - quantity.at_start;
  if (made == 0) return {.status = sh::VerdictStatus::kHeld};
  return {.status = sh::VerdictStatus::kViolated,
          .explanation = std::to_string(made) + " cents have been made out of nothing"};
}

sh::SagaTestHarness banks(std::int64_t covered = 100'000) {
  sh::SagaTestHarness harness(sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/money_transfer.json"));
  harness.use_participant("source_bank", bank("source_bank", "ALICE", covered, -kCents));
  harness.use_participant("target_bank", bank("target_bank", "BOB", 0, kCents));
  harness.add_invariant({.name = "no money is lost", .check = no_money_is_lost});
  return harness;
}

std::int64_t balance(const sh::Run& run, const std::string& name) {
  for (const sh::Quantity& quantity : run.ledger.quantities) {
    if (quantity.name == name) return quantity.at_end;
  }
  ADD_FAILURE() << "there is no account " << name;
  return 0;
}

TEST(MoneyTransferTest, MovesTheMoneyWhenNothingFails) {
  sh::SagaTestHarness harness = banks();
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(balance(run, "source_bank/ALICE"), 75'000);
  EXPECT_EQ(balance(run, "target_bank/BOB"), 25'000);
}

TEST(MoneyTransferTest, GivesItBackWhenTheOtherBankRefuses) {
  sh::SagaTestHarness harness = banks();
  harness.fail({"target_bank", "credit"});
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_THAT(run, sh::Keeps("source_bank/ALICE"));
  EXPECT_THAT(run, sh::Keeps("target_bank/BOB"));
}

TEST(MoneyTransferTest, TakesBackACreditThatItDoesNotKnowOf) {
  sh::SagaTestHarness harness = banks();
  harness.lose_reply({"target_bank", "credit"}, sh::kWholeBudget);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::CompensatedInOrder("take_back", "credit_back"));
  EXPECT_THAT(run, sh::Keeps("target_bank/BOB"));
}

TEST(MoneyTransferTest, MovesNothingThatIsNotCovered) {
  sh::SagaTestHarness harness = banks(kCents - 1);
  const sh::Run run = harness.start_saga();
  EXPECT_THAT(run, sh::CompensatedExactly());
  EXPECT_THAT(run, sh::Keeps("source_bank/ALICE"));
}

TEST(MoneyTransferTest, SurvivesEveryPairOfFaults) {
  const sh::Exploration exploration = banks().explore({.max_faults = 2});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
  EXPECT_GT(exploration.rules.back().held, 0U) << "our own rule was judged";
}

TEST(MoneyTransferTest, ABankThatPaysTwiceIsFoundOut) {
  sh::SagaTestHarness harness = banks();
  harness.use_participant(
      "target_bank", sh::ledger_fake(
                         {.deduplicates = false}, [] { return std::make_unique<Account>("BOB", 0, kCents); },
                         "target_bank"));
  EXPECT_THAT(harness.explore({.max_faults = 1}), sh::Violates("no money is lost"));
}

}  // namespace
