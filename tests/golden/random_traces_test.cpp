// Ten thousand random sagas under random plans: the same traces to the byte, whoever compiled us, and from
// the token alone.

#include <cstdint>
#include <string>
#include <vector>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/random_plans.hpp>
#include <saga_harness/replay.hpp>
#include <saga_harness/token.hpp>

#include "golden_file.hpp"

namespace saga_harness {
namespace {

constexpr std::uint64_t kTriples = 10'000;
constexpr std::uint64_t kTriplesOfAllKinds = 3'000;
constexpr std::uint64_t kPerLine = 100;

/// SplitMix64 (Steele, Lea, Flood 2014).
class Bits {
 public:
  explicit Bits(std::uint64_t seed) : state_(seed) {}
  std::uint64_t operator()() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27U) * 0x94D049BB133111EBU;
    return z ^ z >> 31U;
  }

 private:
  std::uint64_t state_;
};

/// Legal plans of up to four faults, drawn from all that the definition allows, whether it is reached or not.
/// PlanSource draws better ones; these are to stay what they are.
class PlansFromTheDefinition {
 public:
  PlansFromTheDefinition(const Saga& saga, const std::vector<FaultKind>& kinds) : saga_(saga) {
    for (std::size_t step = 0; step < saga_.step_count(); ++step) {
      for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation})
        add({static_cast<StepId>(step), operation}, kinds);
    }
    add({kNoStep, Operation::kAction}, kinds);
  }

  [[nodiscard]] FaultPlan draw(const RandomBits& next) const {
    constexpr std::uint64_t kMostFaults = 4;
    std::vector<std::pair<std::size_t, Fault>> drawn;
    for (std::uint64_t wanted = next() % (kMostFaults + 1); wanted > 0; --wanted) {
      std::uint64_t chosen = next() % alternatives_;
      std::size_t at = 0;
      while (chosen >= places_[at].legal.size()) chosen -= places_[at++].legal.size();
      Point point = places_[at].point;
      point.attempt = static_cast<std::uint16_t>(1 + next() % places_[at].attempts);
      Fault fault = fault_at(point, places_[at].legal[chosen], saga_);
      const auto collides = [&](const auto& other) { return collide(fault, other.second); };
      if (std::ranges::none_of(drawn, collides)) drawn.emplace_back(at, std::move(fault));
    }
    std::ranges::sort(drawn, {}, [](const auto& each) { return std::pair(each.first, each.second.attempt); });
    FaultPlan plan;
    for (auto& [at, fault] : drawn) plan.faults.push_back(std::move(fault));
    return plan;
  }

 private:
  struct Place {
    Point point;
    std::uint64_t attempts;
    std::vector<Alternative> legal;
  };

  void add(OperationId operation, const std::vector<FaultKind>& kinds) {
    for (std::size_t number = 0; number < kInstantCount; ++number) {
      const auto instant = static_cast<Instant>(number);
      if (instant == Instant::kBeforeNote || instant == Instant::kAfterNote || instant == Instant::kCommit)
        continue;
      std::vector<Alternative> legal = legal_alternatives(instant, operation, saga_);
      std::erase_if(legal, [&kinds](const Alternative& each) {
        return kinds.empty() ? !is_in_scope(each.kind, Claims::all())
                             : std::ranges::find(kinds, each.kind) == kinds.end();
      });
      if (legal.empty()) continue;
      const bool repeats = instant == Instant::kCall || instant == Instant::kBeforeCall ||
                           instant == Instant::kDuringCall || instant == Instant::kAfterCall;
      alternatives_ += legal.size();
      places_.push_back({{.step = operation.step, .operation = operation.operation, .instant = instant},
                         repeats ? static_cast<std::uint64_t>(saga_.budget(operation)) : 1,
                         std::move(legal)});
    }
  }

  SagaIndex saga_;
  std::vector<Place> places_;
  std::uint64_t alternatives_ = 0;
};

Experiment reference(const Saga& saga) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(saga);
  experiment.setup.coordinator = orchestrator();
  for (const std::string_view service : experiment.setup.saga->services()) {
    experiment.setup.participants.emplace(service, ledger_fake());
  }
  return experiment;
}

std::uint64_t digest_of(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;  // FNV-1a
  return hash;
}

/// Runs the triple of this seed twice, the second time from its token; adds its trace to `digest`.
std::uint64_t add_triple(std::uint64_t seed, const std::vector<FaultKind>& kinds, std::uint64_t digest) {
  Bits bits(seed);
  const RandomBits next = [&bits] { return bits(); };
  const Saga saga = draw_saga({.deadlines = false, .retry_policies = false}, next);
  const PlansFromTheDefinition plans(saga, kinds);
  const Experiment experiment = reference(saga);
  const Run run = run_plan(experiment, plans.draw(next));
  const std::string trace = to_json(run.trace, *experiment.setup.saga);
  const Run again =
      run_plan(reference(parse_saga(to_json(saga), "again")), parse_token(run.token).plan(SagaIndex(saga)));
  EXPECT_EQ(to_json(again.trace, *experiment.setup.saga), trace) << run.token;
  EXPECT_TRUE(run.upholds_all_invariants()) << to_string(run.plan) << "\n" << to_json(saga);
  return digest_of(trace, digest_of(run.token, digest));
}

std::string digests(std::uint64_t triples, const std::vector<FaultKind>& kinds) {
  std::string lines;
  std::uint64_t digest = 14695981039346656037U;
  for (std::uint64_t seed = 1; seed <= triples; ++seed) {
    digest = add_triple(seed, kinds, digest);
    if (seed % kPerLine == 0) lines += fmt::format("{:5} {:016x}\n", seed, digest);
  }
  return lines;
}

/// Those that there were at first: what they do must not change as kinds are added.
std::vector<FaultKind> first_kinds() {
  std::vector<FaultKind> kinds;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(FaultKind::kSubscriberMissing); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    if (is_in_scope(kind, Claims::all())) kinds.push_back(kind);
  }
  return kinds;
}

TEST(RandomTracesHeavyTest, AreTheSameForEveryCompilerAndFromTheToken) {
  EXPECT_TRUE(golden::matches_file("random_traces.txt", digests(kTriples, first_kinds())));
}

TEST(RandomTracesHeavyTest, OfAllKindsAreTheSameForEveryCompilerAndFromTheToken) {
  EXPECT_TRUE(golden::matches_file("random_traces_of_all_kinds.txt", digests(kTriplesOfAllKinds, {})));
}

}  // namespace
}  // namespace saga_harness
