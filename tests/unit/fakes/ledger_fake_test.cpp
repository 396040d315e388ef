#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shop.hpp"

namespace saga_harness {
namespace {

using fakes_test::Answered;
using fakes_test::play;
using fakes_test::Played;
using fakes_test::Shop;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr ReplyStatus kAnsweredOk = ReplyStatus::kOk;
constexpr ReplyStatus kAnsweredRejected = ReplyStatus::kRejected;

/// Answers what it is told to, in turn, and counts what is asked of it.
class Scripted final : public Business {
 public:
  explicit Scripted(std::vector<Reply> script) : script_(std::move(script)) {}
  Reply apply(const Delivery& /*delivery*/, EffectRecorder& /*recorder*/) override {
    return script_.at(asked_++);
  }
  Reply undo(const Delivery& /*delivery*/, EffectRecorder& /*recorder*/) override {
    return script_.at(asked_++);
  }
  void reset() override { asked_ = 0; }
  [[nodiscard]] std::vector<Quantity> quantities() const override { return {{.name = "asked"}}; }
  void measure(std::vector<std::int64_t>& values) const override {
    values.push_back(static_cast<std::int64_t>(asked_));
  }

 private:
  std::vector<Reply> script_;
  std::size_t asked_ = 0;
};

BusinessFactory scripted(const std::vector<Reply>& script) {
  return [script] { return std::make_unique<Scripted>(script); };
}

TEST(LedgerFakeTest, WritesDownAnEffectAndItsUndoing) {
  const Played played = play(ledger_fake(), {{"take", "k1"}, {"pay", "k2"}, {"give_back", "k3"}});
  EXPECT_THAT(played.answers,
              ElementsAre(Answered{kAnsweredOk, R"({"ok":true})"}, Answered{kAnsweredOk, R"({"ok":true})"},
                          Answered{kAnsweredOk, R"({"ok":true})"}));
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{1, 1}, Effect{1, 0}, Effect{0, 0}));
}

TEST(LedgerFakeTest, DoesARepeatedKeyOnce) {
  const Played played = play(ledger_fake(), {{"take", "k1"}, {"take", "k1"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 0}));
}

TEST(LedgerFakeTest, TakesAnotherKeyForAnotherRequest) {
  EXPECT_EQ(play(ledger_fake(), {{"take", "k1"}, {"take", "k2"}}).ledger.effects[0], (Effect{2, 0}));
}

TEST(LedgerFakeTest, DoesEachStepAndDirectionOnceWithoutKeys) {
  const Played played = play(ledger_fake(), {{"take"}, {"take"}, {"pay"}, {"give_back"}, {"give_back"}});
  EXPECT_THAT(played.statuses(),
              ElementsAre(kAnsweredOk, kAnsweredOk, kAnsweredOk, kAnsweredOk, kAnsweredOk));
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{1, 1}, Effect{1, 0}, Effect{0, 0}));
}

TEST(LedgerFakeTest, TakesActionAndFallbackForTwoDirections) {
  EXPECT_EQ(play(ledger_fake(), {{"take"}, {"take_elsewhere"}}).ledger.effects[0], (Effect{2, 0}));
}

TEST(LedgerFakeTest, DoesARepeatedKeyAgainWithoutDeduplicationAndSaysSo) {
  const Played played =
      play(ledger_fake({.deduplicates = false}), {{"take", "k1"}, {"take", "k1"}, {"pay", "k2"}});
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{2, 0}, Effect{1, 0}, Effect{0, 0}));
  EXPECT_THAT(played.markers, ElementsAre("no_dedup"));
}

TEST(LedgerFakeTest, DoesARepeatedRequestAgainWithoutDeduplicationAndWithoutKeys) {
  const Played played = play(ledger_fake({.deduplicates = false}), {{"take"}, {"take"}});
  EXPECT_EQ(played.ledger.effects[0], (Effect{2, 0}));
  EXPECT_THAT(played.markers, ElementsAre("no_dedup"));
}

TEST(LedgerFakeTest, CompensatesOnceEvenWithoutDeduplication) {
  const Played played =
      play(ledger_fake({.deduplicates = false}), {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k2"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
  EXPECT_THAT(played.markers, IsEmpty());
}

TEST(LedgerFakeTest, RefusesAnActionAfterItsCompensation) {
  const Played played =
      play(ledger_fake(), {{"give_back", "k1"}, {"take", "k2"}, {"take_elsewhere", "k3"}, {"pay", "k4"}});
  EXPECT_THAT(played.answers, ElementsAre(Answered{kAnsweredOk, R"({"ok":true})"},
                                          Answered{kAnsweredRejected, R"({"error":"already compensated"})"},
                                          Answered{kAnsweredRejected, R"({"error":"already compensated"})"},
                                          Answered{kAnsweredOk, R"({"ok":true})"}));
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{0, 0}, Effect{1, 0}, Effect{0, 0}));
}

TEST(LedgerFakeTest, RepeatsItsAnswerToAnActionThatWasCompensatedSince) {
  const Played played = play(ledger_fake(), {{"take", "k1"}, {"give_back", "k2"}, {"take", "k1"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
}

TEST(LedgerFakeTest, AppliesALateActionWithoutTombstonesAndSaysSo) {
  const Played played = play(ledger_fake({.tombstones = false}), {{"give_back", "k1"}, {"take", "k2"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 0}));
  EXPECT_THAT(played.markers, ElementsAre("no_tombstone"));
}

TEST(LedgerFakeTest, UndoesALateActionThatIsCompensatedUnderAnotherKey) {
  const Played played =
      play(ledger_fake({.tombstones = false}), {{"give_back", "k1"}, {"take", "k2"}, {"give_back", "k3"}});
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
}

TEST(LedgerFakeTest, AcceptsTheCompensationOfNothing) {
  const Played played = play(ledger_fake(), {{"give_back", "k1"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{0, 0}));
}

TEST(LedgerFakeTest, RefusesTheCompensationOfNothingWithoutThatGuaranteeAndSaysSo) {
  const Played played = play(ledger_fake({.null_compensation = false}), {{"give_back", "k1"}});
  EXPECT_THAT(played.answers,
              ElementsAre(Answered{kAnsweredRejected, R"({"error":"nothing to compensate"})"}));
  EXPECT_THAT(played.markers, ElementsAre("null_compensation_fails"));
}

TEST(LedgerFakeTest, ARefusedCompensationOfNothingLeavesNothingBehind) {
  const Played played = play(ledger_fake({.null_compensation = false}),
                             {{"give_back", "k1"}, {"take", "k2"}, {"give_back", "k1"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredRejected, kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
}

TEST(LedgerFakeTest, ARepeatedCompensationIsNotACompensationOfNothing) {
  const Played played = play(ledger_fake({.null_compensation = false}),
                             {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k3"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
}

TEST(LedgerFakeTest, UndoesOnceHoweverOftenAndUnderWhateverKeyItIsCompensated) {
  const Played played =
      play(ledger_fake(), {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k2"}, {"give_back", "k3"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredOk, kAnsweredOk, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
}

TEST(LedgerFakeTest, UndoesAgainWithoutIdempotentCompensationAndSaysSo) {
  const Played played = play(ledger_fake({.idempotent_compensation = false}),
                             {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k2"}, {"give_back", "k3"}});
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 3}));
  EXPECT_THAT(played.markers, ElementsAre("compensation_not_idempotent", "compensation_not_idempotent"));
}

TEST(LedgerFakeTest, ARepeatedCompensationOfNothingStaysOneOfNothing) {
  const Played played =
      play(ledger_fake({.idempotent_compensation = false}), {{"give_back", "k1"}, {"give_back", "k1"}});
  EXPECT_EQ(played.ledger.effects[0], (Effect{0, 0}));
  EXPECT_THAT(played.markers, IsEmpty());
}

TEST(LedgerFakeTest, ShowsNoDifferenceWhereNothingIsRepeatedOrLate) {
  const Guarantees none{.deduplicates = false,
                        .tombstones = false,
                        .null_compensation = false,
                        .idempotent_compensation = false};
  const Played played =
      play(ledger_fake(none), {{"take", "k1"}, {"pay", "k2"}, {"refund", "k3"}, {"give_back", "k4"}});
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{1, 1}, Effect{1, 1}, Effect{0, 0}));
  EXPECT_THAT(played.markers, IsEmpty());
}

TEST(LedgerFakeTest, ForgetsEverythingBetweenRuns) {
  Shop shop(ledger_fake());
  for (int run = 0; run < 3; ++run) {
    const Played played =
        shop.play({{"take", "k1"}, {"give_back", "k2"}, {"pay"}, {"give_back", "k3"}, {"take", "k4"}});
    EXPECT_THAT(played.statuses(),
                ElementsAre(kAnsweredOk, kAnsweredOk, kAnsweredOk, kAnsweredOk, kAnsweredRejected));
    EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{1, 1}, Effect{1, 0}, Effect{0, 0}));
  }
}

TEST(LedgerFakeTest, RemembersARefusalOfTheBusinessUnderItsKey) {
  const auto business =
      scripted({{kAnsweredRejected, R"({"error":"no"})"}, {kAnsweredOk, R"({"number":7})"}});
  const Played played =
      play(ledger_fake({}, business), {{"take", "k1"}, {"take", "k1"}, {"take", "k2"}, {"take", "k2"}});
  EXPECT_THAT(played.answers, ElementsAre(Answered{kAnsweredRejected, R"({"error":"no"})"},
                                          Answered{kAnsweredRejected, R"({"error":"no"})"},
                                          Answered{kAnsweredOk, R"({"number":7})"},
                                          Answered{kAnsweredOk, R"({"number":7})"}));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 0}));
  EXPECT_EQ(played.ledger.quantities[0].at_end, 2);
}

TEST(LedgerFakeTest, AsksABusinessAgainThatWasNotThere) {
  const auto business = scripted({{ReplyStatus::kUnavailable, {}}, {}});
  const Played played = play(ledger_fake({}, business), {{"take", "k1"}, {"take", "k1"}});
  EXPECT_THAT(played.statuses(), ElementsAre(ReplyStatus::kUnavailable, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 0}));
}

TEST(LedgerFakeTest, LeavesTheEffectWhereTheBusinessCannotUndoIt) {
  const auto business = scripted({{}, {kAnsweredRejected, R"({"error":"locked"})"}, {}});
  const Played played =
      play(ledger_fake({}, business), {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k2"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kAnsweredOk, kAnsweredRejected, kAnsweredOk));
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
}

TEST(LedgerFakeTest, RepeatsItsAnswerToACompensation) {
  const auto business = scripted({{}, {kAnsweredOk, R"({"refund":7})"}});
  const Played played =
      play(ledger_fake({}, business), {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k2"}});
  EXPECT_EQ(played.answers[2], (Answered{kAnsweredOk, R"({"refund":7})"}));
}

TEST(LedgerFakeTest, PutsTheServiceBeforeTheNamesOfItsQuantities) {
  EXPECT_EQ(ledger_fake({}, scripted({}), "shop")()->quantities()[0].name, "shop/asked");
  EXPECT_EQ(ledger_fake({}, scripted({}))()->quantities()[0].name, "asked");
  EXPECT_THAT(ledger_fake()()->quantities(), IsEmpty());
}

}  // namespace
}  // namespace saga_harness
