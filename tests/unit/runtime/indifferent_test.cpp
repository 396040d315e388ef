// Questions that a search says it would answer with "no fault" in any case.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;

/// Notes what it is asked; before the first question and after every one it leaves out `skip` more.
class Skipping final : public Choices {
 public:
  explicit Skipping(std::uint32_t skip) : skip_(skip) {}
  std::size_t pick(const Point& point, std::span<const Alternative> /*legal*/) override {
    asked.push_back(point);
    return 0;
  }
  std::uint32_t indifferent() override { return skip_; }

  std::vector<Point> asked = {};

 private:
  std::uint32_t skip_;
};

TEST(IndifferentTest, ExactlyTheQuestionsLeftOutAreNotAsked) {
  EngineFixture fixture(one_step(), once([](Runtime& runtime) {
                          runtime.append({.kind = LogKind::kStarted});
                          runtime.call(kPay);
                          runtime.call(kPay);
                          runtime.call(kRefund);
                        }));
  Skipping all(0);
  fixture.run(all);
  ASSERT_GT(all.asked.size(), 8U);
  for (const std::uint32_t skip : {1U, 2U, 3U}) {
    Skipping some(skip);
    fixture.run(some);
    std::vector<Point> expected;
    for (std::size_t i = skip; i < all.asked.size(); i += skip + 1) expected.push_back(all.asked[i]);
    EXPECT_EQ(some.asked, expected) << skip;
  }
  Skipping again(0);
  fixture.run(again);
  EXPECT_EQ(again.asked, all.asked) << "nothing is left over from the runs before";
}

}  // namespace
}  // namespace saga_harness
