#include <gtest/gtest.h>

#include <bench/count_allocations.hpp>

#include "shop.hpp"

namespace saga_harness {
namespace {

/// Passes on what it is asked, and counts the allocations of the fake on the way.
class Watched final : public Participant {
 public:
  Watched(std::unique_ptr<Participant> fake, std::uint64_t& count) : fake_(std::move(fake)), count_(count) {}

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const std::uint64_t before = counting::allocations();
    const Reply reply = fake_->handle(delivery, recorder);
    count_ += counting::allocations() - before;
    return reply;
  }
  void reset() override {
    const std::uint64_t before = counting::allocations();
    fake_->reset();
    count_ += counting::allocations() - before;
  }
  [[nodiscard]] std::vector<Quantity> quantities() const override { return fake_->quantities(); }
  void measure(std::vector<std::int64_t>& values) const override {
    const std::uint64_t before = counting::allocations();
    fake_->measure(values);
    count_ += counting::allocations() - before;
  }

 private:
  std::unique_ptr<Participant> fake_;
  std::uint64_t& count_;
};

std::uint64_t allocations_of_a_run(BusinessFactory business) {
  constexpr std::string_view kContext =
      R"({"customer_id":"C","items":[{"product_id":"A","quantity":1},{"product_id":"B","quantity":9}],"total_amount":9})";
  std::uint64_t count = 0;
  const ParticipantFactory fake = ledger_fake({}, std::move(business), "shop");
  fakes_test::Shop shop([fake, &count] { return std::make_unique<Watched>(fake(), count); }, kContext);
  for (int run = 0; run < 5; ++run) {
    count = 0;
    shop.play({{"take", "k1"},
               {"take", "k1"},
               {"give_back", "k2"},
               {"pay", "k3", R"({"customer_id":"D"})"},
               {"pay"},
               {"confirm"},
               {"refund", "k4"}});
  }
  return count;
}

TEST(AllocationTest, AFakeAllocatesNothingOnceItKnowsItsPayloads) {
  EXPECT_EQ(allocations_of_a_run({}), 0U);
  EXPECT_EQ(allocations_of_a_run(stock({{"A", 9}, {"B", 9}})), 0U);
  EXPECT_EQ(allocations_of_a_run(stock({{"A", 9}, {"B", 0}})), 0U);
  EXPECT_EQ(allocations_of_a_run(balances({{"C", 100'000}})), 0U);
  EXPECT_EQ(allocations_of_a_run(balances({{"C", 0}})), 0U);
  EXPECT_EQ(allocations_of_a_run(orders("confirm")), 0U);
  EXPECT_EQ(allocations_of_a_run(shipments()), 0U);
}

}  // namespace
}  // namespace saga_harness
