#include "payload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/fakes.hpp>

namespace saga_harness {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::int64_t cents_of(const std::string& amount) {
  const PaymentWanted wanted = read_payment(R"({"customer_id":"C","total_amount":)" + amount + "}");
  EXPECT_EQ(wanted.refusal, "") << amount;
  return wanted.cents;
}

std::string refusal_of(const std::string& amount) {
  return read_payment(R"({"customer_id":"C","total_amount":)" + amount + "}").refusal;
}

TEST(PaymentPayloadTest, ReadsAnAmountToTheCent) {
  EXPECT_EQ(cents_of("99.99"), 9999);
  EXPECT_EQ(cents_of("0"), 0);
  EXPECT_EQ(cents_of("-0.0"), 0);
  EXPECT_EQ(cents_of("100"), 10000);
  EXPECT_EQ(cents_of("0.01"), 1);
  EXPECT_EQ(cents_of("1e2"), 10000);
  EXPECT_EQ(cents_of("99999999999.99"), 9'999'999'999'999);
  EXPECT_EQ(cents_of("100000000000"), kMaxAmount);
}

TEST(PaymentPayloadTest, ReadsAmountsUpToAHundredThousandAsTheyAreWritten) {
  for (int cents = 0; cents < 10'000'000; cents += 6979) {
    const int fraction = cents % 100;
    const std::string amount =
        std::to_string(cents / 100) + (fraction < 10 ? ".0" : ".") + std::to_string(fraction);
    ASSERT_EQ(cents_of(amount), cents) << amount;
  }
}

TEST(PaymentPayloadTest, RoundsWhatIsFinerThanACent) {
  EXPECT_EQ(cents_of("0.004"), 0);
  EXPECT_EQ(cents_of("0.006"), 1);
  EXPECT_EQ(cents_of("12.3456"), 1235);
}

TEST(PaymentPayloadTest, RefusesAnAmountThatIsNone) {
  for (const char* amount : {"-0.01", "-1", R"("99.99")", "true", "null", "[]", "{}", "1e300", "-1e300",
                             "100000000000.01", "9223372036854775807"}) {
    EXPECT_THAT(refusal_of(amount), HasSubstr(R"({"error":"payload: /total_amount: )")) << amount;
  }
  EXPECT_EQ(
      refusal_of("-0.01"),
      R"({"error":"payload: /total_amount: the amount is out of range; write one from 0 to 100000000000"})");
}

TEST(PaymentPayloadTest, SaysWhatIsMissing) {
  EXPECT_THAT(read_payment(R"({"customer_id":"C"})").refusal,
              HasSubstr(R"(the key \"total_amount\" is missing)"));
  EXPECT_THAT(read_payment(R"({"total_amount":1})").refusal,
              HasSubstr(R"(the key \"customer_id\" is missing)"));
  EXPECT_THAT(read_payment(R"({"customer_id":7,"total_amount":1})").refusal,
              HasSubstr("/customer_id: expected a string, found an integer"));
}

TEST(PayloadTest, RefusesWhatIsNoObject) {
  for (const char* payload : {"", "[]", "7", "{", "\xff", "{}{}", R"({"total_amount":1e999})",
                              R"({"total_amount":18446744073709551616})", R"({"a":1,"a":2})"}) {
    EXPECT_THAT(read_payment(payload).refusal, StartsWith(R"({"error":"payload:)")) << payload;
    EXPECT_THAT(read_items(payload).refusal, StartsWith(R"({"error":"payload:)")) << payload;
  }
}

TEST(ItemsPayloadTest, ReadsProductsAndQuantities) {
  const ItemsWanted wanted =
      read_items(R"({"items":[{"product_id":"A","quantity":2},{"product_id":"B","quantity":1}]})");
  EXPECT_EQ(wanted.refusal, "");
  ASSERT_EQ(wanted.items.size(), 2U);
  EXPECT_EQ(wanted.items[0].product, "A");
  EXPECT_EQ(wanted.items[0].quantity, 2);
  EXPECT_EQ(wanted.items[1].product, "B");
  EXPECT_EQ(wanted.items[1].quantity, 1);
}

TEST(ItemsPayloadTest, SaysWhatIsMissingOrWrong) {
  const auto refusal = [](const std::string& items) {
    return read_items(R"({"items":)" + items + "}").refusal;
  };
  EXPECT_THAT(read_items("{}").refusal, HasSubstr(R"(the key \"items\" is missing)"));
  EXPECT_THAT(refusal("[]"), HasSubstr("/items: nothing is wanted"));
  EXPECT_THAT(refusal(R"("A")"), HasSubstr("/items: expected an array"));
  EXPECT_THAT(refusal("[7]"), HasSubstr("/items/0: expected an object"));
  EXPECT_THAT(refusal(R"([{"product_id":"A","quantity":1},{"quantity":1}])"),
              HasSubstr(R"(/items/1: the key \"product_id\" is missing)"));
  EXPECT_THAT(refusal(R"([{"product_id":7,"quantity":1}])"),
              HasSubstr("/items/0/product_id: expected a string"));
  EXPECT_THAT(refusal(R"([{"product_id":"A"}])"), HasSubstr(R"(/items/0: the key \"quantity\" is missing)"));
  for (const char* quantity : {"0", "-1", "1.5", R"("1")", "null", "10000000000001"}) {
    EXPECT_THAT(refusal(R"([{"product_id":"A","quantity":)" + std::string(quantity) + "}]"),
                HasSubstr("/items/0/quantity: "))
        << quantity;
  }
}

TEST(ErrorBodyTest, EscapesWhatItQuotes) {
  EXPECT_EQ(error_body("a \"b\"\n"), R"({"error":"a \"b\"\n"})");
  EXPECT_EQ(error_body("\xff"), "{\"error\":\"\xEF\xBF\xBD\"}");
}

TEST(PayloadCacheTest, ReadsEachTextOnce) {
  PayloadCache<std::string> cache;
  int reads = 0;
  const auto read = [&reads](std::string_view text) { return std::string(text) + std::to_string(++reads); };
  const std::string* const first = &cache.get("a", read);
  EXPECT_EQ(*first, "a1");
  EXPECT_EQ(cache.get("b", read), "b2");
  EXPECT_EQ(&cache.get("a", read), first);
  std::string same_place = "a";
  EXPECT_EQ(cache.get(same_place, read), "a1");
  same_place = "c";
  EXPECT_EQ(cache.get(same_place, read), "c3");
}

TEST(PayloadCacheTest, DoesNotGrowForEver) {
  PayloadCache<int> cache;
  int reads = 0;
  const auto read = [&reads](std::string_view) { return ++reads; };
  for (int i = 0; i < 100; ++i) cache.get(std::to_string(i), read);
  cache.trim();
  cache.get("0", read);
  EXPECT_EQ(reads, 101);
  cache.trim();
  cache.get("0", read);
  EXPECT_EQ(reads, 101);
}

}  // namespace
}  // namespace saga_harness
