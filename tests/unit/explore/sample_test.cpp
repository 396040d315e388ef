// By which runs a search that is taken up again knows its subject.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include <saga_harness_internal/sample.hpp>

#include "plan_runner.hpp"
#include "results.hpp"
#include "search_file.hpp"
#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<Sample::Drawn> some_drawn(std::size_t count) {
  std::vector<Sample::Drawn> drawn;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Pick pick{.position = i, .answer = 1};
    const std::vector<Pick> picks(2, pick);
    drawn.push_back({.rank = Sample::rank_of(picks), .digest = i, .plan = std::to_string(i)});
  }
  return drawn;
}

Sample sample_of(const std::vector<Sample::Drawn>& all, std::uint64_t schedules) {
  Sample sample;
  for (const Sample::Drawn& drawn : all) {
    if (sample.wants(drawn.rank, schedules)) sample.add(drawn, schedules);
  }
  return sample;
}

std::vector<Sample::Drawn> listed(const Sample& sample) {
  return {sample.drawn().begin(), sample.drawn().end()};
}

TEST(SampleTest, IsTheSameInWhateverOrderAndInWhateverParts) {
  constexpr std::uint64_t kSchedules = 20'000;
  std::vector<Sample::Drawn> all = some_drawn(3000);
  const std::vector<Sample::Drawn> expected = listed(sample_of(all, kSchedules));
  EXPECT_EQ(expected.size(), kSchedules / Sample::kOneIn);
  std::shuffle(all.begin(), all.end(), std::mt19937(7));
  EXPECT_EQ(listed(sample_of(all, kSchedules)), expected);
  Sample merged;
  for (std::size_t from = 0; from < all.size(); from += 500) {
    const std::vector<Sample::Drawn> part(all.begin() + static_cast<std::ptrdiff_t>(from),
                                          all.begin() + static_cast<std::ptrdiff_t>(from + 500));
    merged.merge(sample_of(part, kSchedules), kSchedules);
  }
  EXPECT_EQ(listed(merged), expected);
  merged.merge(sample_of(all, kSchedules), kSchedules);
  EXPECT_EQ(listed(merged), expected) << "what is there twice counts once";
}

TEST(SampleTest, IsOneInSoManyAndNeitherNothingNorWithoutBound) {
  const std::vector<Sample::Drawn> all = some_drawn(2000);
  EXPECT_EQ(sample_of(all, 1).drawn().size(), Sample::kFewest);
  EXPECT_EQ(sample_of(all, Sample::kOneIn * 100).drawn().size(), 100U);
  EXPECT_EQ(sample_of(all, 1'000'000'000).drawn().size(), Sample::kMost);
}

TEST(SampleTest, PrefersNoFaultAndThenSingleOnes) {
  const Pick pick{.position = 3, .answer = 2};
  const std::vector<Pick> one{pick};
  Pick lasting = pick;
  lasting.alternative.window = FaultDuration::kForever;
  const std::vector<Pick> one_that_stays{lasting};
  const std::vector<Pick> two{pick, pick};
  EXPECT_EQ(Sample::rank_of({}), 0U);
  EXPECT_LT(Sample::rank_of(one), std::uint64_t{1} << 56U);
  EXPECT_LT(Sample::rank_of(one_that_stays), std::uint64_t{1} << 48U);
  EXPECT_GT(Sample::rank_of(two), Sample::rank_of(one));
}

// Texts have other numbers in an engine that has run other things before.
TEST(SampleTest, ARunHasOneDigestWhateverWasRunBefore) {
  const Experiment experiment = subject(order_saga());
  const SagaIndex& saga = *experiment.setup.saga;
  const std::vector<Strike> rejected =
      strikes_of(resolve(parse_plan("process_payment.action#2:rejected"), saga), saga);
  const std::vector<Strike> duplicated =
      strikes_of(resolve(parse_plan("create_order.action#1:request_duplicated"), saga), saga);
  PlanRunner first(experiment);
  first.run(rejected);
  PlanRunner second(experiment);
  second.run(duplicated);
  EXPECT_NE(second.digest(), first.digest());
  second.run(rejected);
  EXPECT_EQ(second.digest(), first.digest());
}

/// The reference, which counts how often it is run.
Experiment counted(const std::shared_ptr<std::uint64_t>& runs) {
  Experiment experiment = subject(order_saga());
  experiment.setup.coordinator = [runs, reference = experiment.setup.coordinator](Runtime& runtime) {
    if (runtime.records().empty()) ++*runs;
    reference(runtime);
  };
  return experiment;
}

// What a whole search has cost, a fiftieth of that is the most that taking it up again may cost.
TEST(ResumeTest, AFinishedSearchIsKnownByAFewOfItsRuns) {
  const auto runs = std::make_shared<std::uint64_t>(0);
  const Experiment experiment = counted(runs);
  ExploreOptions options{.max_faults = 2};
  options.resume = scratch("state");
  std::filesystem::remove(options.resume);
  const Exploration whole = explore(experiment, options);
  const std::uint64_t first = std::exchange(*runs, 0);
  EXPECT_GE(first, whole.schedules);
  const Exploration again = explore(experiment, options);
  EXPECT_EQ(all_of(again), all_of(whole));
  EXPECT_GE(*runs, Sample::kFewest);
  EXPECT_LE(*runs * 50, first);
  *runs = 0;
  options.resume.clear();
  static_cast<void>(explore(experiment, options));
  EXPECT_EQ(*runs, first) << "to keep a sample costs no run";
}

/// Names, definition, claims and version are one another's; they part under some faults alone.
Experiment another_under_faults(Saga saga) {
  Experiment experiment = subject(std::move(saga));
  experiment.setup.coordinator = orchestrator(OrchestratorBug::kAmbiguousNotCompensated);
  return experiment;
}

TEST(ResumeTest, ACoordinatorThatDiffersUnderFaultsAloneIsNotTakenForTheSame) {
  for (const int faults : {1, 2}) {
    ExploreOptions options{.max_faults = faults};
    options.resume = scratch("state" + std::to_string(faults));
    std::filesystem::remove(options.resume);
    const Exploration fine = explore(subject(order_saga()), options);
    EXPECT_TRUE(fine.finds_no_violation());
    EXPECT_EQ(all_of(explore(subject(order_saga()), options)), all_of(fine)) << "it is taken for itself";
    const auto [message, kind] =
        error_of([&] { return explore(another_under_faults(order_saga()), options); });
    EXPECT_THAT(message, AllOf(HasSubstr("belongs to a search of another subject: the run "),
                               HasSubstr("went otherwise there")));
    EXPECT_EQ(kind, ErrorKind::kMisuse);
  }
}

TEST(ResumeTest, WhatCannotBeRunAgainIsNotRunAgain) {
  Experiment experiment = subject(small_saga());
  experiment.can_run_again = false;
  ExploreOptions options{.max_faults = 1};
  options.resume = scratch("state");
  std::filesystem::remove(options.resume);
  static_cast<void>(explore(experiment, options));
  const std::optional<SearchFile> file = SearchFile::load(options.resume);
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(file->state(experiment).tally.sample().drawn().empty());
}

}  // namespace
}  // namespace saga_harness::explore_test
