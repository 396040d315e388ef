// Guarantees withdrawn at one step, and what outlives a crash of the participant.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

#include "shop.hpp"

namespace saga_harness::fakes_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Crashes before the delivery of this number, counted from 1.
class CrashingBefore final : public Participant {
 public:
  CrashingBefore(const ParticipantFactory& factory, int delivery) : inner_(factory()), crash_at_(delivery) {}
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    if (++deliveries_ == crash_at_) inner_->crash();
    return inner_->handle(delivery, recorder);
  }
  void reset() override {
    deliveries_ = 0;
    inner_->reset();
  }

 private:
  std::unique_ptr<Participant> inner_;
  int crash_at_;
  int deliveries_ = 0;
};

ParticipantFactory crashing_before(int delivery, Guarantees guarantees) {
  return [delivery, factory = ledger_fake(guarantees)] {
    return std::make_unique<CrashingBefore>(factory, delivery);
  };
}

TEST(GuaranteesTest, HaveNamesThatAreReadBack) {
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
    const auto guarantee = static_cast<Guarantee>(i);
    EXPECT_EQ(parse_guarantee(name_of(guarantee)), guarantee);
    Guarantees guarantees;
    EXPECT_TRUE(gives(guarantees, guarantee));
    flag_of(guarantees, guarantee) = false;
    EXPECT_FALSE(gives(guarantees, guarantee));
    EXPECT_NE(guarantees, Guarantees{});
    EXPECT_THAT(marker_of(guarantee), testing::Not(IsEmpty()));
  }
  EXPECT_THAT([] { (void)parse_guarantee("tombstone"); },
              testing::ThrowsMessage<Error>(HasSubstr("did you mean \"tombstones\"?")));
}

TEST(GuaranteesTest, AreWithdrawnAtOneStepAlone) {
  const GuaranteesAtStep at_step{{"pay", {.deduplicates = false}}};
  const Played played =
      play(ledger_fake({}, {}, {}, at_step), {{"take", "k1"}, {"take", "k1"}, {"pay", "k2"}, {"pay", "k2"}});
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{1, 0}, Effect{2, 0}, Effect{0, 0}));
  EXPECT_THAT(played.markers, ElementsAre("no_dedup"));
}

TEST(GuaranteesTest, OfAStepStandInsteadOfTheOthersNotBeside) {
  const GuaranteesAtStep at_step{{"take", {}}};
  const Played played = play(ledger_fake({.tombstones = false}, {}, {}, at_step),
                             {{"give_back", "u1"}, {"refund", "u2"}, {"take", "k1"}, {"pay", "k2"}});
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{0, 0}, Effect{1, 0}, Effect{0, 0}));
}

TEST(GuaranteesTest, EffectsAndKeysOutliveACrash) {
  const Played played = play(crashing_before(2, {}), {{"take", "k1"}, {"take", "k1"}, {"give_back", "u1"}});
  EXPECT_EQ(played.ledger.effects[0], (Effect{1, 1}));
  EXPECT_THAT(played.markers, IsEmpty());
}

TEST(GuaranteesTest, WithoutDurableDedupACrashForgetsTheKeysBefore) {
  const Guarantees forgetful{.durable_dedup = false};
  const Played played =
      play(crashing_before(3, forgetful),
           {{"take", "k1"}, {"pay", "k2"}, {"take", "k1"}, {"take", "k1"}, {"refund", "u2"}});
  EXPECT_THAT(played.ledger.effects, ElementsAre(Effect{2, 0}, Effect{1, 1}, Effect{0, 0}));
  EXPECT_THAT(played.markers, ElementsAre("dedup_not_durable"));
  EXPECT_THAT(play(crashing_before(99, forgetful), {{"take", "k1"}, {"take", "k1"}}).markers, IsEmpty());
}

TEST(GuaranteesTest, TombstonesOutliveACrash) {
  const Played played =
      play(crashing_before(2, {.durable_dedup = false}), {{"give_back", "u1"}, {"take", "k1"}});
  EXPECT_EQ(played.ledger.effects[0], (Effect{0, 0}));
}

TEST(GuaranteesTest, ANewRunForgetsTheCrash) {
  Shop shop(crashing_before(2, {.durable_dedup = false}));
  EXPECT_EQ(shop.play({{"take", "k1"}, {"take", "k1"}}).ledger.effects[0], (Effect{2, 0}));
  EXPECT_EQ(shop.play({{"take", "k1"}}).ledger.effects[0], (Effect{1, 0}));
}

}  // namespace
}  // namespace saga_harness::fakes_test
