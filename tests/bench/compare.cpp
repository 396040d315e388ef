// Our side of the comparison that compare.sh prints: the order saga under six kinds of fault, up to two of
// them, as JSON records, one a line. See README.md for what the other sides are.
//
//   bench_compare [--smoke]

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/scenario.hpp>

#include "bench.hpp"

namespace sh = saga_harness;

namespace {

constexpr std::array<std::string_view, 3> kMutants{"ambiguous_not_compensated", "skips_first",
                                                   "failure_swallowed"};

sh::ExploreOptions six_kinds() {
  return {
      .max_faults = 2,
      .kinds = {sh::FaultKind::kRejected, sh::FaultKind::kUnavailable, sh::FaultKind::kErrorAfterEffect,
                sh::FaultKind::kRequestLost, sh::FaultKind::kReplyLost, sh::FaultKind::kRequestDuplicated},
      .windows = false};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// What it took to find a mutant: the median over all that was tried.
struct Kill {
  std::vector<double> schedules;
  std::vector<double> seconds;
};

// From nothing to the first violation, set-up included.
void kill(Kill& kill, const sh::Scenario& scenario, std::string_view mutant, sh::ExploreOptions options) {
  options.stop_at_first_violation = true;
  const sh::Experiment subject = sh::experiment(scenario, mutant);
  const double start = sh::bench::processor_seconds();
  const sh::Exploration found = sh::explore(subject, options);
  kill.seconds.push_back(sh::bench::processor_seconds() - start);
  kill.schedules.push_back(static_cast<double>(found.schedules));
  if (found.finds_no_violation()) throw sh::Error(fmt::format("{} survived", mutant));
}

// One side: a reference search for speed, and for each mutant as many searches as `tries` has options.
void compare(std::string_view name, const sh::Scenario& scenario, const sh::ExploreOptions& options,
             const std::vector<sh::ExploreOptions>& tries, int repeats) {
  const sh::Experiment subject = sh::experiment(scenario);
  sh::Exploration result;
  const double seconds = sh::bench::best_seconds(repeats, [&] { result = sh::explore(subject, options); });
  if (!result.finds_no_violation()) throw sh::Error("the reference is violated");
  std::string kills;
  for (const std::string_view mutant : kMutants) {
    Kill found;
    for (const sh::ExploreOptions& one : tries) kill(found, scenario, mutant, one);
    kills += fmt::format("{}\"{}\":{{\"schedules\":{},\"ms\":{:.4f}}}", kills.empty() ? "" : ",", mutant,
                         median(found.schedules), median(found.seconds) * 1e3);
  }
  fmt::print("{{\"subject\":\"{}\",\"per_second\":{:.0f},", name,
             static_cast<double>(result.schedules) / seconds);
  if (result.exhausted) fmt::print("\"schedules\":{},", result.schedules);
  fmt::print("\"kills\":{{{}}}}}\n", kills);
}

void compare_exhaustive(std::string_view name, const sh::Scenario& scenario, bool is_smoke) {
  const std::vector<sh::ExploreOptions> tries(is_smoke ? 3 : 501, six_kinds());
  compare(name, scenario, six_kinds(), tries, is_smoke ? 1 : 1500);
}

// The options below may be missing from a build: templates, so that it compiles and has no such record.
template <class Options>
void compare_swarm(const sh::Scenario& scenario, bool is_smoke) {
  if constexpr (requires(Options options) { options.swarm; }) {
    const auto seeded = [](int seed, std::uint64_t schedules) {
      Options options = six_kinds();
      options.swarm.emplace();
      options.swarm->seed = std::to_string(seed);
      options.swarm->schedules = schedules;
      return options;
    };
    std::vector<Options> tries;
    for (int seed = 1; seed <= (is_smoke ? 3 : 21); ++seed) tries.push_back(seeded(seed, 1'000'000));
    compare("saga-harness, swarm", scenario, seeded(1, is_smoke ? 1000 : 100'000), tries, is_smoke ? 1 : 5);
  }
}

// By the clock: two workers use as much processor time as one, if not more.
[[maybe_unused]] double elapsed_seconds(const sh::Experiment& subject, const sh::ExploreOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(sh::explore(subject, options));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <class Options>
void compare_workers(const sh::Scenario& scenario, bool is_smoke) {
  if constexpr (requires(Options options) { options.workers = 2; }) {
    const sh::Experiment subject = sh::experiment(scenario);
    Options options;
    options.max_faults = is_smoke ? 1 : 3;
    double best[2] = {1e300, 1e300};
    for (int i = 0; i < (is_smoke ? 1 : 3); ++i) {
      for (int workers = 1; workers <= 2; ++workers) {
        options.workers = workers;
        best[workers - 1] = std::min(best[workers - 1], elapsed_seconds(subject, options));
      }
    }
    fmt::print("{{\"workers\":{:.2f}}}\n", best[0] / best[1]);
  }
}

int run(bool is_smoke) {
  const sh::Scenario whole = sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json");
  sh::Scenario ledgers = whole;
  ledgers.participants.clear();  // what is not listed is a ledger without business, as with the others
  compare_exhaustive("saga-harness, exhaustive", ledgers, is_smoke);
  compare_exhaustive("saga-harness, exhaustive, participants with stock, balances, orders", whole, is_smoke);
  compare_swarm<sh::ExploreOptions>(ledgers, is_smoke);
  compare_workers<sh::ExploreOptions>(whole, is_smoke);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 && std::strcmp(argv[1], "--smoke") == 0);
  } catch (const sh::Error& error) {
    fmt::print(stderr, "bench_compare: {}\n", error.what());
    return error.kind() == sh::ErrorKind::kMisuse ? 64 : 70;
  }
}
