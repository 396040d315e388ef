// In steady state a run allocates nothing. Every allocation of this executable is counted.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "fixtures.hpp"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* const place = std::malloc(size)) return place;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete[](void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t /*size*/) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t /*size*/) noexcept { std::free(place); }

namespace saga_harness {
namespace {

using namespace coordinator_test;

/// Strikes as planned without allocating, in run after run.
class Repeated final : public Choices {
 public:
  Repeated(std::string_view plan, const SagaIndex& saga) {
    for (const Fault& fault : resolve(parse_plan(plan), saga).faults) {
      strikes_.push_back({point_of(fault, saga), {fault.kind, fault.window}});
    }
  }
  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    for (const Strike& strike : strikes_) {
      if (strike.point != point) continue;
      const auto answer = std::ranges::find(legal, strike.alternative);
      if (answer != legal.end()) return static_cast<std::size_t>(answer - legal.begin()) + 1;
    }
    return 0;
  }
  [[nodiscard]] bool wants_synonyms() const override { return true; }

 private:
  struct Strike {
    Point point;
    Alternative alternative;
  };
  std::vector<Strike> strikes_;
};

std::size_t allocations_in_steady_state(const Saga& saga, std::string_view plan, std::size_t faults) {
  Orchestra fixture(saga);
  Repeated choices(plan, fixture.saga());
  for (int run = 1; run < 4; ++run) fixture.run(choices);
  EXPECT_EQ(fixture.count(EventType::kFault), faults) << plan;
  const std::size_t before = allocations;
  for (int run = 4; run <= 100; ++run) fixture.run(choices);
  return allocations - before;
}

TEST(AllocationTest, CountsAllocations) {
  const std::size_t before = allocations;
  const auto number = std::make_unique<int>(7);
  EXPECT_EQ(allocations - before, 1U);
}

TEST(AllocationTest, ARunAllocatesNothingOnceTheEngineIsWarm) {
  EXPECT_EQ(allocations_in_steady_state(paid_trip(), "none", 0), 0U);
  EXPECT_EQ(allocations_in_steady_state(diamond(), "none", 0), 0U);
}

TEST(AllocationTest, NorUnderFaults) {
  EXPECT_EQ(allocations_in_steady_state(paid_trip(), "hotel#1:reply_lost", 1), 0U);
  EXPECT_EQ(allocations_in_steady_state(
                paid_trip(), "car:request_late_after_compensation, hotel.compensation#*:unavailable", 4),
            0U);
  EXPECT_EQ(allocations_in_steady_state(diamond(), "flight:request_duplicated_later, car:rejected", 2), 0U);
}

TEST(AllocationTest, NorInACrash) {
  // The exception itself comes from elsewhere than operator new.
  EXPECT_EQ(allocations_in_steady_state(paid_trip(), "hotel@after_call:coordinator_crash, car:rejected", 2),
            0U);
}

}  // namespace
}  // namespace saga_harness
