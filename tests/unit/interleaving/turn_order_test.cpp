#include "turn_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace saga_harness {
namespace {

/// What each saga asks for, by service, in its order.
using Sagas = std::vector<std::vector<std::size_t>>;

/// Two orders are of the same class if every service is asked in the same order.
std::string class_of(const std::vector<Waiting>& order) {
  std::map<std::size_t, std::string> by_service;
  for (const Waiting& turn : order) by_service[turn.service] += static_cast<char>('a' + turn.saga);
  std::string text;
  for (const auto& [service, sagas] : by_service) text += sagas + "/";
  return text;
}

class Enumeration {
 public:
  explicit Enumeration(Sagas sagas) : sagas_(std::move(sagas)), done_(sagas_.size()) { go_on(true); }

  std::map<std::string, int> classes = {};  // all of them, with how many orders of each are let through
  int orders = 0;

 private:
  void go_on(bool is_allowed) {
    std::vector<Waiting> waiting;
    for (std::size_t saga = 0; saga < sagas_.size(); ++saga) {
      if (done_[saga] < sagas_[saga].size()) waiting.push_back({saga, sagas_[saga][done_[saga]]});
    }
    if (waiting.empty()) {
      ++orders;
      classes[class_of(order_)] += is_allowed ? 1 : 0;
      return;
    }
    TurnOrder turns;
    turns.begin();
    if (!order_.empty()) turns.took(order_.back());
    std::vector<std::uint8_t> places;
    turns.allowed(waiting, places);
    for (std::size_t place = 0; place < waiting.size(); ++place) {
      const bool may = std::ranges::find(places, place) != places.end();
      ++done_[waiting[place].saga];
      order_.push_back(waiting[place]);
      go_on(is_allowed && may);
      order_.pop_back();
      --done_[waiting[place].saga];
    }
  }

  Sagas sagas_;
  std::vector<std::size_t> done_;
  std::vector<Waiting> order_;
};

TEST(TurnOrderTest, OfEveryClassAnOrderIsLetThroughAndOfMostNoOther) {
  for (const Sagas& sagas : {Sagas{{0, 1, 0}, {1, 0}, {0, 2}}, Sagas{{0, 1, 2, 3}, {3, 2, 1, 0}},
                             Sagas{{0, 0, 1}, {1, 0, 0}, {1}}, Sagas{{0, 1}, {2, 3}, {4, 5}}}) {
    const Enumeration all(sagas);
    int let_through = 0;
    for (const auto& [name, count] : all.classes) {
      EXPECT_GE(count, 1) << name;
      let_through += count;
    }
    EXPECT_LT(let_through, all.orders);
    EXPECT_LE(let_through, 2 * static_cast<int>(all.classes.size()));
  }
}

TEST(TurnOrderTest, AtOneServiceEveryOrderIsLetThrough) {
  const Enumeration all(Sagas{{0, 0, 0}, {0, 0, 0}});
  EXPECT_EQ(all.orders, 20);
  EXPECT_EQ(all.classes.size(), 20U);
  for (const auto& [name, count] : all.classes) EXPECT_EQ(count, 1) << name;
}

TEST(TurnOrderTest, SagasThatShareNothingComeOneAfterTheOther) {
  const Enumeration all(Sagas{{0, 1, 2}, {3, 4, 5}});
  ASSERT_EQ(all.classes.size(), 1U);
  EXPECT_EQ(all.classes.begin()->second, 1);
}

}  // namespace
}  // namespace saga_harness
