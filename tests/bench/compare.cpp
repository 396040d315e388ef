// Our side of the comparison that compare.sh prints: the order saga under six kinds of fault, up to two of
// them, as JSON records, one a line. See README.md for what the other sides are.
//
//   bench_compare [--smoke]

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
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

// A mutant's part of a record: from nothing to the first violation, set-up included.
std::string kill(const sh::Scenario& scenario, std::string_view mutant, int repeats) {
  sh::ExploreOptions options = six_kinds();
  options.stop_at_first_violation = true;
  const sh::Experiment subject = sh::experiment(scenario, mutant);
  std::vector<double> seconds;
  std::uint64_t schedules = 0;
  for (int i = 0; i < repeats; ++i) {
    const double start = sh::bench::processor_seconds();
    const sh::Exploration found = sh::explore(subject, options);
    seconds.push_back(sh::bench::processor_seconds() - start);
    if (found.finds_no_violation()) throw sh::Error(fmt::format("{} survived", mutant));
    schedules = found.schedules;
  }
  return fmt::format("\"{}\":{{\"schedules\":{},\"ms\":{:.4f}}}", mutant, schedules, median(seconds) * 1e3);
}

void compare_exhaustive(std::string_view name, const sh::Scenario& scenario, bool is_smoke) {
  const sh::Experiment subject = sh::experiment(scenario);
  sh::Exploration result;
  const double seconds =
      sh::bench::best_seconds(is_smoke ? 1 : 30, [&] { result = sh::explore(subject, six_kinds()); });
  if (!result.finds_no_violation()) throw sh::Error("the reference is violated");
  std::string kills;
  for (const std::string_view mutant : kMutants) {
    if (!kills.empty()) kills += ',';
    kills += kill(scenario, mutant, is_smoke ? 3 : 51);
  }
  fmt::print("{{\"subject\":\"{}\",\"per_second\":{:.0f},\"schedules\":{},\"kills\":{{{}}}}}\n", name,
             static_cast<double>(result.schedules) / seconds, result.schedules, kills);
}

// By the clock: two workers use as much processor time as one, if not more.
[[maybe_unused]] double elapsed_seconds(const sh::Experiment& subject, const sh::ExploreOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(sh::explore(subject, options));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// A template, so that a build without the option compiles and has no such record.
template <class Options>
void compare_workers(const sh::Scenario& scenario, bool is_smoke) {
  if constexpr (requires(Options options) { options.workers = 2; }) {
    const sh::Experiment subject = sh::experiment(scenario);
    Options options;
    options.max_faults = is_smoke ? 1 : 2;
    double best[2] = {1e300, 1e300};
    for (int i = 0; i < (is_smoke ? 1 : 5); ++i) {
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
  compare_workers<sh::ExploreOptions>(whole, is_smoke);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 && std::strcmp(argv[1], "--smoke") == 0);
  } catch (const sh::Error& error) {
    fmt::print(stderr, "bench_compare: {}\n", error.what());
    return static_cast<int>(error.exit_code());
  }
}
