#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <saga_harness/interleaving.hpp>

namespace saga_harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array kBothCompleted{Outcome::kCompleted, Outcome::kCompleted};
constexpr std::array kFirstUndone{Outcome::kCompensated, Outcome::kCompleted};

std::vector<std::string> found(const std::vector<Access>& accesses, std::span<const Outcome> outcomes) {
  std::vector<std::string> rules;
  for (const ConcurrentViolation& violation : find_anomalies(accesses, outcomes))
    rules.push_back(violation.rule);
  return rules;
}

Access read(std::uint32_t saga, std::uint64_t version, std::string item = "x") {
  return {
      .saga = saga, .kind = AccessKind::kRead, .step = "look", .item = std::move(item), .version = version};
}
Access write(std::uint32_t saga, std::uint64_t version, std::uint64_t based_on, std::string item = "x") {
  return {.saga = saga,
          .kind = AccessKind::kChange,
          .step = "write",
          .item = std::move(item),
          .version = version,
          .based_on = based_on,
          .overwrites = true};
}
Access add(std::uint32_t saga, std::uint64_t version, std::string item = "x", bool held = true) {
  return {.saga = saga,
          .kind = AccessKind::kChange,
          .step = "write",
          .item = std::move(item),
          .version = version,
          .based_on = version - 1,
          .condition_held = held};
}
Access undo(std::uint32_t saga, std::uint64_t version, std::uint64_t based_on, bool overwrites) {
  return {.saga = saga,
          .kind = AccessKind::kUndo,
          .step = "write",
          .item = "x",
          .version = version,
          .based_on = based_on,
          .overwrites = overwrites};
}

Access read_again(std::uint32_t saga, std::uint64_t version) {
  Access access = read(saga, version);
  access.step = "look again";
  return access;
}
Access write_after_looking(std::uint32_t saga, std::uint64_t version) {
  Access access = add(saga, version);
  access.step = "look again";
  return access;
}

TEST(AnomaliesTest, WhatAnotherSagaChangesBetweenTwoReadsIsNotRepeatable) {
  EXPECT_THAT(found({read(0, 0), add(1, 1), read_again(0, 1)}, kBothCompleted),
              ElementsAre("non-repeatable read"));
  EXPECT_THAT(found({read(0, 0), read_again(0, 0), add(1, 1)}, kBothCompleted), IsEmpty());
  EXPECT_THAT(found({read(0, 0), add(0, 1), read_again(0, 1)}, kBothCompleted), IsEmpty())
      << "its own change";
  EXPECT_THAT(found({read(0, 0), add(1, 1), read(0, 1)}, kBothCompleted), IsEmpty())
      << "the same step, asked again";
}

TEST(AnomaliesTest, AReadIsRepeatableWhereNothingWasMadeOfBoth) {
  EXPECT_THAT(found({read(0, 0), add(1, 1), read_again(0, 1), write_after_looking(0, 2)}, kBothCompleted),
              IsEmpty())
      << "it decides anew";
  EXPECT_THAT(found({read(0, 0), add(1, 1), undo(1, 2, 1, false), read_again(0, 2)}, kBothCompleted),
              IsEmpty())
      << "as if it had never been";
  EXPECT_THAT(found({read(0, 0), add(1, 1), read_again(0, 1)}, kFirstUndone), IsEmpty());
  constexpr std::array kFlagged{Outcome::kFlagged, Outcome::kCompleted};
  const std::vector<Access> looks{read(0, 0), add(1, 1), read_again(0, 1)};
  EXPECT_THAT(found(looks, kFlagged), IsEmpty());
  std::vector<Access> keeps = looks;
  keeps.push_back(add(0, 1, "y"));
  EXPECT_THAT(found(keeps, kFlagged), ElementsAre("non-repeatable read"));
}

TEST(AnomaliesTest, AnOverwrittenChangeIsLost) {
  EXPECT_THAT(found({read(0, 0), read(1, 0), write(0, 1, 0), write(1, 2, 0)}, kBothCompleted),
              ElementsAre("lost update"));
}
TEST(AnomaliesTest, OneAfterTheOtherIsNone) {
  EXPECT_THAT(found({read(0, 0), write(0, 1, 0), read(1, 1), write(1, 2, 1)}, kBothCompleted), IsEmpty());
}
TEST(AnomaliesTest, WhatIsAddedIsNotLost) {
  EXPECT_THAT(found({read(0, 0), read(1, 0), add(0, 1), add(1, 2)}, kBothCompleted), IsEmpty());
}
TEST(AnomaliesTest, AChangeTakenBackInTimeIsNotLost) {
  EXPECT_THAT(found({read(1, 0), write(0, 1, 0), undo(0, 2, 1, true), write(1, 3, 0)}, kFirstUndone),
              IsEmpty());
}
TEST(AnomaliesTest, RestoringWhatWasThereLosesWhatCameBetween) {
  EXPECT_THAT(found({write(0, 1, 0), add(1, 2), undo(0, 3, 1, true)}, kFirstUndone),
              ElementsAre("lost update"));
  EXPECT_THAT(found({write(0, 1, 0), add(1, 2), undo(0, 3, 2, false)}, kFirstUndone), IsEmpty());
}
TEST(AnomaliesTest, WhatIsTakenBackIsDirtyForThoseThatReadIt) {
  EXPECT_THAT(found({add(0, 1), read(1, 1), undo(0, 2, 1, false)}, kFirstUndone), ElementsAre("dirty read"));
}
TEST(AnomaliesTest, ReadingBeforeOrAfterIsNotDirty) {
  EXPECT_THAT(found({read(1, 0), add(0, 1), undo(0, 2, 1, false), read(1, 2)}, kFirstUndone), IsEmpty());
}
TEST(AnomaliesTest, WhoIsUndoneAsWellHasReadNothingDirty) {
  EXPECT_THAT(found({add(0, 1), read(1, 1), undo(0, 2, 1, false)},
                    std::array{Outcome::kCompensated, Outcome::kCompensated}),
              IsEmpty());
}
TEST(AnomaliesTest, WhoWasFlaggedKeepsWhatItMadeOfADirtyRead) {
  const std::array flagged{Outcome::kCompensated, Outcome::kFlagged};
  EXPECT_THAT(found({add(0, 1), read(1, 1), add(1, 2), undo(0, 3, 2, false)}, flagged),
              ElementsAre("dirty read"));
  EXPECT_THAT(found({add(0, 1), read(1, 1), undo(0, 2, 1, false)}, flagged), IsEmpty())
      << "it made nothing of it";
  EXPECT_THAT(found({add(0, 1), read(1, 1), add(1, 2), undo(0, 3, 2, false), undo(1, 4, 3, false)}, flagged),
              IsEmpty())
      << "it was taken back";
}
TEST(AnomaliesTest, ABrokenConditionThatBothLookedAtIsSkew) {
  const std::vector<Access> accesses{read(0, 0, "x"), read(0, 0, "y"), read(1, 0, "x"),
                                     read(1, 0, "y"), add(0, 1, "x"),  add(1, 1, "y", false)};
  EXPECT_THAT(found(accesses, kBothCompleted), ElementsAre("write skew"));
  EXPECT_THAT(found(accesses, kFirstUndone), IsEmpty()) << "the other one is gone";
}
TEST(AnomaliesTest, AConditionBrokenByNobodyElseIsNoSkew) {
  EXPECT_THAT(found({read(0, 0), add(0, 1, "x", false)}, kBothCompleted), IsEmpty());
}

}  // namespace
}  // namespace saga_harness
