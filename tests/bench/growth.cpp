// How the search grows with the length of the saga: schedules and processor time for 5, 10 and 20 steps, up
// to three faults, and what a single run costs for 5 to 160 steps, with the exponents that fit.
//
//   bench_growth [--smoke]
//
// With p points a run, k faults and a kinds each, there are about (a·p)^k / k! schedules of a length that
// grows with the saga: so schedules ~ N^k and time ~ N^(k+1) is what to expect, and more would be ours.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>

#include "bench.hpp"

namespace sh = saga_harness;

namespace {

sh::Experiment experiment(const sh::Saga& saga) {
  sh::Experiment experiment;
  experiment.setup.saga = std::make_shared<const sh::SagaIndex>(saga);
  experiment.setup.coordinator = sh::orchestrator();
  for (const std::string_view service : experiment.setup.saga->services())
    experiment.setup.participants[std::string(service)] = sh::ledger_fake();
  return experiment;
}

// Log-log least squares: the exponent b of y = c·x^b.
double exponent(const std::vector<double>& x, const std::vector<double>& y) {
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += std::log(x[i]) / static_cast<double>(x.size());
    mean_y += std::log(y[i]) / static_cast<double>(x.size());
  }
  double above = 0;
  double below = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    above += (std::log(x[i]) - mean_x) * (std::log(y[i]) - mean_y);
    below += (std::log(x[i]) - mean_x) * (std::log(x[i]) - mean_x);
  }
  return above / below;
}

void measure_search(int max_faults, bool is_smoke) {
  const std::vector<sh::FaultKind> eight = {sh::FaultKind::kRejected,         sh::FaultKind::kUnavailable,
                                            sh::FaultKind::kErrorAfterEffect, sh::FaultKind::kRequestLost,
                                            sh::FaultKind::kRequestLate,      sh::FaultKind::kReplyLost,
                                            sh::FaultKind::kReplyLate,        sh::FaultKind::kDelayAtTimeout};
  std::vector<double> steps;
  std::vector<double> schedules;
  std::vector<double> seconds;
  for (const int count : {5, 10, 20}) {
    const sh::Experiment subject = experiment(sh::bench::chain(is_smoke ? count / 5 + 1 : count));
    sh::Exploration result;
    const double taken = sh::bench::best_seconds(max_faults < 3 && !is_smoke ? 5 : 1, [&] {
      result = sh::explore(subject, {.max_faults = max_faults, .kinds = eight, .windows = false});
    });
    steps.push_back(static_cast<double>(subject.setup.saga->step_count()));
    schedules.push_back(static_cast<double>(result.schedules));
    seconds.push_back(taken);
    fmt::print("  k = {}  {:>4} steps {:>12} schedules {:>12.4f} s {:>9.2f} us each   violated {}\n",
               max_faults, steps.back(), result.schedules, taken, taken / schedules.back() * 1e6,
               result.violated_schedules);
  }
  const double fitted = exponent(steps, seconds);
  fmt::print("  k = {}  exponents: schedules N^{:.2f}, time N^{:.2f}   goal: at most {}   {}\n\n", max_faults,
             exponent(steps, schedules), fitted, max_faults + 1, fitted <= max_faults + 1 ? "met" : "MISSED");
}

// Best of a few: half a second in all, whatever the length.
double run_seconds(int steps, bool is_smoke) {
  const sh::Experiment subject = experiment(sh::bench::chain(steps));
  sh::Engine engine(subject.setup);
  sh::Judge judge(subject.setup.saga, subject.claims);
  const int runs = is_smoke ? 10 : 40'000 / steps;
  const auto some_runs = [&] {
    for (int i = 0; i < runs; ++i) {
      sh::NoFaults no_faults;
      static_cast<void>(judge.judge(engine.run(no_faults)));
    }
  };
  return sh::bench::best_seconds(is_smoke ? 2 : 9, some_runs) / runs;
}

void measure_runs(bool is_smoke) {
  std::vector<double> steps;
  std::vector<double> seconds;
  for (const int count : {5, 10, 20, 40, 80, 160}) {
    steps.push_back(count);
    seconds.push_back(run_seconds(count, is_smoke));
    fmt::print("  one run, judged  {:>4} steps {:>9.2f} us   {:.3f} us a step\n", count, seconds.back() * 1e6,
               seconds.back() / count * 1e6);
  }
  fmt::print("  one run, judged  exponent: time N^{:.2f}   goal: linear\n", exponent(steps, seconds));
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_smoke = argc > 1 && std::strcmp(argv[1], "--smoke") == 0;
  fmt::print(
      "a chain of steps, two attempts each, eight kinds of message fault, once each; processor time\n\n");
  for (int max_faults = 1; max_faults <= (is_smoke ? 2 : 3); ++max_faults)
    measure_search(max_faults, is_smoke);
  measure_runs(is_smoke);
  return 0;
}
