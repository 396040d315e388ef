// Ten thousand random sagas under random plans: the same traces to the byte, whoever compiled us, and from
// the token alone.

#include <cstdint>
#include <string>
#include <vector>

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
  const Saga saga = draw_saga({}, next);
  const PlanSource plans(saga, {.max_faults = 4, .kinds = kinds});
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
