#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

#include "shop.hpp"

namespace saga_harness {
namespace {

using fakes_test::Ask;
using fakes_test::play;
using fakes_test::Played;
using fakes_test::Shop;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ReplyStatus kOk = ReplyStatus::kOk;
constexpr ReplyStatus kRejected = ReplyStatus::kRejected;
constexpr std::string_view kTwoItems =
    R"({"items":[{"product_id":"PROD-1","quantity":2},{"product_id":"PROD-2","quantity":1}]})";

Quantity conserved(std::string name, std::int64_t at_start, std::int64_t at_end) {
  return {std::move(name), QuantityRule::kConserved, at_start, at_end};
}
Quantity restored(std::string name, std::int64_t at_start, std::int64_t at_end) {
  return {std::move(name), QuantityRule::kRestored, at_start, at_end};
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(StockTest, ReservesEveryItem) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 10}, {"PROD-2", 5}})), {{"take"}}, kTwoItems);
  EXPECT_THAT(played.statuses(), ElementsAre(kOk));
  EXPECT_THAT(played.ledger.quantities,
              ElementsAre(conserved("PROD-1 available + reserved", 10, 10), restored("PROD-1 reserved", 0, 2),
                          conserved("PROD-2 available + reserved", 5, 5), restored("PROD-2 reserved", 0, 1)));
}

TEST(StockTest, ReleasesWhatWasReservedWhateverTheCompensationSays) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 10}, {"PROD-2", 5}})),
                             {{"take"}, {"give_back", "", R"({"reservation":7})"}}, kTwoItems);
  EXPECT_THAT(played.statuses(), ElementsAre(kOk, kOk));
  EXPECT_THAT(played.ledger.quantities,
              ElementsAre(conserved("PROD-1 available + reserved", 10, 10), restored("PROD-1 reserved", 0, 0),
                          conserved("PROD-2 available + reserved", 5, 5), restored("PROD-2 reserved", 0, 0)));
}

TEST(StockTest, ReservesAllOrNothing) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 10}, {"PROD-2", 0}})), {{"take"}}, kTwoItems);
  EXPECT_THAT(played.answers,
              ElementsAre(fakes_test::Answered{kRejected, R"({"error":"not enough in stock: PROD-2"})"}));
  EXPECT_EQ(played.ledger.quantities[1], restored("PROD-1 reserved", 0, 0));
  EXPECT_EQ(played.ledger.effects[0], (Effect{0, 0}));
  EXPECT_THAT(played.markers, IsEmpty());
}

TEST(StockTest, ReservesUpToTheLastPiece) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 5}, {"PROD-2", 2}})),
                             {{"take", "k1"}, {"take", "k2"}, {"take", "k3"}}, kTwoItems);
  EXPECT_THAT(played.statuses(), ElementsAre(kOk, kOk, kRejected));
  EXPECT_EQ(played.ledger.quantities[1], restored("PROD-1 reserved", 0, 4));
}

TEST(StockTest, CountsAProductThatIsWantedTwiceTogether) {
  constexpr std::string_view kTwice =
      R"({"items":[{"product_id":"PROD-1","quantity":2},{"product_id":"PROD-1","quantity":2}]})";
  EXPECT_THAT(play(ledger_fake({}, stock({{"PROD-1", 3}})), {{"take"}}, kTwice).statuses(),
              ElementsAre(kRejected));
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 4}})), {{"take"}}, kTwice);
  EXPECT_EQ(played.ledger.quantities[1], restored("PROD-1 reserved", 0, 4));
}

TEST(StockTest, HasNothingOfAProductItDoesNotKnow) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 10}})), {{"take"}}, kTwoItems);
  EXPECT_THAT(played.answers,
              ElementsAre(fakes_test::Answered{kRejected, R"({"error":"not enough in stock: PROD-2"})"}));
}

TEST(StockTest, RejectsAPayloadItCannotRead) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 10}})), {{"take"}});
  EXPECT_THAT(played.answers,
              ElementsAre(fakes_test::Answered{
                  kRejected, R"({"error":"payload: the key \"items\" is missing; add it"})"}));
}

TEST(StockTest, KeepsHalfAReservationWithThePartialBatchBugAndSaysSo) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 10}, {"PROD-2", 0}}, /*partial_batch=*/true)),
                             {{"take"}}, kTwoItems);
  EXPECT_THAT(played.statuses(), ElementsAre(kRejected));
  EXPECT_EQ(played.ledger.quantities[0], conserved("PROD-1 available + reserved", 10, 10));
  EXPECT_EQ(played.ledger.quantities[1], restored("PROD-1 reserved", 0, 2));
  EXPECT_THAT(played.markers, ElementsAre("partial_batch"));
}

TEST(StockTest, ThePartialBatchBugMakesNoDifferenceWhereTheFirstItemIsShort) {
  const Played played = play(ledger_fake({}, stock({{"PROD-1", 1}, {"PROD-2", 5}}, /*partial_batch=*/true)),
                             {{"take"}}, kTwoItems);
  EXPECT_THAT(played.statuses(), ElementsAre(kRejected));
  EXPECT_THAT(played.markers, IsEmpty());
}

TEST(StockTest, ShowsEveryRepetitionOfAWithdrawnGuarantee) {
  const Played taken_twice =
      play(ledger_fake({.deduplicates = false}, stock({{"PROD-1", 10}, {"PROD-2", 5}})),
           {{"take", "k1"}, {"take", "k1"}, {"give_back", "k2"}}, kTwoItems);
  EXPECT_EQ(taken_twice.ledger.quantities[1], restored("PROD-1 reserved", 0, 2));
  const Played given_twice =
      play(ledger_fake({.idempotent_compensation = false}, stock({{"PROD-1", 10}, {"PROD-2", 5}})),
           {{"take", "k1"}, {"give_back", "k2"}, {"give_back", "k2"}}, kTwoItems);
  EXPECT_EQ(given_twice.ledger.quantities[0], conserved("PROD-1 available + reserved", 10, 10));
  EXPECT_EQ(given_twice.ledger.quantities[1], restored("PROD-1 reserved", 0, -2));
}

TEST(StockTest, StartsEveryRunAnew) {
  Shop shop(ledger_fake({}, stock({{"PROD-1", 2}, {"PROD-2", 1}})), kTwoItems);
  for (int run = 0; run < 3; ++run) {
    const Played played = shop.play({{"take", "k1"}, {"take", "k2"}});
    EXPECT_THAT(played.statuses(), ElementsAre(kOk, kRejected));
    EXPECT_EQ(played.ledger.quantities[1], restored("PROD-1 reserved", 0, 2));
  }
}

TEST(StockTest, RefusesImpossibleNumbersOfPieces) {
  EXPECT_THAT(message_of([] {
                (void)stock({{"PROD-1", -1}});
              }),
              HasSubstr(R"(the stock of "PROD-1": -1 pieces)"));
  EXPECT_THAT(message_of([] {
                (void)stock({{"PROD-1", kMaxAmount + 1}});
              }),
              HasSubstr("give 0 to 10000000000000"));
  EXPECT_EQ(message_of([] { (void)stock({{"PROD-1", kMaxAmount}, {"PROD-2", 0}}); }), "no error");
}

constexpr std::string_view kPayment = R"({"customer_id":"CUST-123","total_amount":99.99})";

TEST(BalancesTest, MovesTheAmountToTheMerchant) {
  const Played played =
      play(ledger_fake({}, balances({{"CUST-123", 50000}, {"CUST-9", 1}})), {{"pay"}}, kPayment);
  EXPECT_THAT(played.statuses(), ElementsAre(kOk));
  EXPECT_THAT(played.ledger.quantities,
              ElementsAre(conserved("all money", 50001, 50001), restored("CUST-123", 50000, 40001),
                          restored("CUST-9", 1, 1)));
}

TEST(BalancesTest, MovesBackWhatTheCompensationNames) {
  const auto end_after = [](const char* refund, Undoes undoes) {
    const Played played =
        play(ledger_fake({}, balances({{"CUST-123", 50000}}), "", {}, Transactions::kOne, undoes),
             {{"pay"}, {"refund", "", refund}}, kPayment);
    EXPECT_EQ(played.ledger.quantities.at(0), conserved("all money", 50000, 50000));
    return played.ledger.quantities.at(1).at_end;
  };
  const std::int64_t paid = 50000 - end_after(R"({"total_amount":0})", Undoes::kWhatItNames);
  EXPECT_GT(paid, 100);
  EXPECT_EQ(end_after(R"({"customer_id":"CUST-123","total_amount":1})", Undoes::kWhatItNames), 50100 - paid);
  EXPECT_EQ(end_after(R"({"reason":"cancelled"})", Undoes::kWhatItNames), 50000);
  EXPECT_EQ(end_after(R"({"customer_id":"CUST-123","total_amount":1})", Undoes::kByKey), 50000);
}

TEST(BalancesTest, PaysToTheLastCentAndNotBeyond) {
  const Played played =
      play(ledger_fake({}, balances({{"CUST-123", 9999}})), {{"pay", "k1"}, {"pay", "k2"}}, kPayment);
  EXPECT_THAT(played.answers,
              ElementsAre(fakes_test::Answered{kOk, R"({"ok":true})"},
                          fakes_test::Answered{kRejected, R"({"error":"insufficient funds"})"}));
  EXPECT_EQ(played.ledger.quantities[1], restored("CUST-123", 9999, 0));
}

TEST(BalancesTest, RejectsAStrangerAndAPayloadItCannotRead) {
  const auto fake = ledger_fake({}, balances({{"CUST-9", 50000}}));
  EXPECT_EQ(play(fake, {{"pay"}}, kPayment).answers[0].body, R"({"error":"unknown customer: CUST-123"})");
  EXPECT_EQ(play(fake, {{"pay"}}).answers[0].body,
            R"({"error":"payload: the key \"customer_id\" is missing; add it"})");
}

TEST(BalancesTest, NeitherMakesNorLosesMoneyWhateverIsRepeated) {
  const Guarantees none{.deduplicates = false,
                        .tombstones = false,
                        .null_compensation = false,
                        .idempotent_compensation = false};
  const Played played =
      play(ledger_fake(none, balances({{"CUST-123", 50000}})),
           {{"pay", "k1"}, {"pay", "k1"}, {"refund", "k2"}, {"refund", "k2"}, {"refund", "k2"}}, kPayment);
  EXPECT_THAT(played.ledger.quantities,
              ElementsAre(conserved("all money", 50000, 50000), restored("CUST-123", 50000, 59999)));
}

TEST(BalancesTest, StartsEveryRunAnew) {
  Shop shop(ledger_fake({}, balances({{"CUST-123", 10000}})), kPayment);
  for (int run = 0; run < 3; ++run) {
    const Played played = shop.play({{"pay"}});
    EXPECT_THAT(played.statuses(), ElementsAre(kOk));
    EXPECT_THAT(played.ledger.quantities,
                ElementsAre(conserved("all money", 10000, 10000), restored("CUST-123", 10000, 1)));
  }
}

TEST(BalancesTest, RefusesImpossibleBalances) {
  EXPECT_THAT(message_of([] {
                (void)balances({{"CUST-1", -1}});
              }),
              HasSubstr(R"(the balance of "CUST-1": -1 cents)"));
  EXPECT_THAT(message_of([] {
                (void)balances({{"CUST-1", kMaxAmount}, {"CUST-2", 1}});
              }),
              HasSubstr(R"(the balance of "CUST-2": 1 cents)"));
}

TEST(OrdersTest, OpensConfirmsAndCancels) {
  const auto fake = ledger_fake({}, orders("confirm"), "shop");
  EXPECT_THAT(play(fake, {{"take"}}).ledger.quantities,
              ElementsAre(restored("shop/open orders", 0, 1), restored("shop/confirmed orders", 0, 0)));
  EXPECT_THAT(play(fake, {{"take"}, {"confirm"}}).ledger.quantities,
              ElementsAre(restored("shop/open orders", 0, 0), restored("shop/confirmed orders", 0, 1)));
  EXPECT_THAT(play(fake, {{"take"}, {"give_back"}}).ledger.quantities,
              ElementsAre(restored("shop/open orders", 0, 0), restored("shop/confirmed orders", 0, 0)));
}

TEST(OrdersTest, CancelsAConfirmedOrderToo) {
  EXPECT_THAT(
      play(ledger_fake({}, orders("confirm")), {{"take"}, {"confirm"}, {"give_back"}}).ledger.quantities,
      ElementsAre(restored("open orders", 0, 0), restored("confirmed orders", 0, 0)));
}

TEST(OrdersTest, OpensAnOrderAgainWhoseConfirmationIsUndone) {
  EXPECT_THAT(play(ledger_fake({}, orders("pay")), {{"take"}, {"pay"}, {"refund"}}).ledger.quantities,
              ElementsAre(restored("open orders", 0, 1), restored("confirmed orders", 0, 0)));
}

TEST(OrdersTest, StartsEveryRunAnew) {
  Shop shop(ledger_fake({}, orders("confirm")));
  for (int run = 0; run < 3; ++run) {
    EXPECT_THAT(shop.play({{"take", "k1"}, {"take", "k2"}, {"confirm"}}).ledger.quantities,
                ElementsAre(restored("open orders", 0, 1), restored("confirmed orders", 0, 1)));
  }
}

TEST(OrdersTest, ConfirmsOnlyAnOpenOrder) {
  const Played played = play(ledger_fake({}, orders("confirm")), {{"take"}, {"give_back"}, {"confirm"}});
  EXPECT_THAT(played.statuses(), ElementsAre(kOk, kOk, kRejected));
  EXPECT_EQ(played.answers[2].body, R"({"error":"there is no open order"})");
  EXPECT_EQ(played.ledger.effects[2], (Effect{0, 0}));
}

TEST(OrdersTest, ShowsAnOrderThatWasOpenedTwice) {
  EXPECT_EQ(play(ledger_fake({}, orders("confirm")), {{"take", "k1"}, {"take", "k2"}, {"give_back", "k3"}})
                .ledger.quantities[0],
            restored("open orders", 0, 1));
}

TEST(ShipmentsTest, StartsEveryRunAnew) {
  Shop shop(ledger_fake({}, shipments()));
  for (int run = 0; run < 3; ++run) {
    EXPECT_THAT(shop.play({{"take"}}).ledger.quantities, ElementsAre(restored("scheduled", 0, 1)));
  }
}

TEST(ShipmentsTest, SchedulesAndCancels) {
  const auto fake = ledger_fake({}, shipments(), "shop");
  EXPECT_THAT(play(fake, {{"take"}}).ledger.quantities, ElementsAre(restored("shop/scheduled", 0, 1)));
  EXPECT_THAT(play(fake, {{"take"}, {"give_back"}}).ledger.quantities,
              ElementsAre(restored("shop/scheduled", 0, 0)));
}

}  // namespace
}  // namespace saga_harness
