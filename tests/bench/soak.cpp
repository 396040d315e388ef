// A hundred thousand sagas, 64 at a time on the same participants, in random orders under random faults:
// whether every one of them ends, how much processor that takes, and whether memory stays where it is.
//   bench_soak [SAGAS]        (100,000)
//   bench_soak --smoke

#include <sys/resource.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/interleaving.hpp>

namespace saga_harness {
namespace {

constexpr std::size_t kAtOnce = 64;
constexpr std::uint64_t kParts = 10;
constexpr int kMostFaults = 4 * static_cast<int>(kAtOnce);

double cpu_seconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

/// The scenario 64 times over: customers that pay from the same accounts and take from the same shelves, of
/// which there is enough for most of them.
ConcurrentExperiment crowd(const std::string& path) {
  Scenario scenario = load_scenario(path);
  scenario.invariants.clear();
  for (auto& [service, spec] : scenario.participants) {
    for (auto& [name, amount] : spec.amounts) amount *= 20;
  }
  scenario.together.assign(kAtOnce, scenario.saga.context);
  return concurrent_experiment(scenario);
}

int soak(const std::string& path, std::uint64_t sagas) {
  const ConcurrentExperiment experiment = crowd(path);
  const std::uint64_t runs = (sagas + kAtOnce * kParts - 1) / (kAtOnce * kParts);
  std::array<std::uint64_t, 4> outcomes = {};
  const auto count = [&outcomes](Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)]; };
  std::uint64_t violated = 0;
  double first_mb = 0;
  double last_mb = 0;
  fmt::print("{:>9} {:>11} {:>13} {:>9} {:>12} {:>10} {:>8}\n", "sagas", "completed", "compensated",
             "flagged", "unresolved", "memory MB", "CPU s");
  for (std::uint64_t part = 1; part <= kParts; ++part) {
    const Interleavings found =
        sample_interleavings(experiment, {.max_faults = kMostFaults}, fmt::format("soak {}", part), runs);
    for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += found.outcomes[i];
    violated += found.violated_schedules;
    for (const ConcurrentFinding& finding : found.findings)
      fmt::print("  {}: {}\n", finding.violation.rule, finding.violation.explanation);
    last_mb = resident_mb();
    if (part == 2) first_mb = last_mb;  // by then every buffer has its size
    fmt::print("{:>9} {:>11} {:>13} {:>9} {:>12} {:>10.1f} {:>8.1f}\n", part * runs * kAtOnce,
               count(Outcome::kCompleted), count(Outcome::kCompensated), count(Outcome::kFlagged),
               count(Outcome::kUnresolved), last_mb, cpu_seconds());
  }
  const bool is_flat = last_mb <= first_mb * 1.05 + 1;
  const bool is_good = count(Outcome::kUnresolved) == 0 && violated == 0 && is_flat && cpu_seconds() < 600;
  fmt::print(
      "{}: {} unresolved, {} of {} runs violated a rule, memory {:.1f} -> {:.1f} MB ({}), {:.1f} s of CPU\n",
      is_good ? "HELD" : "NOT HELD", count(Outcome::kUnresolved), violated, runs * kParts, first_mb, last_mb,
      is_flat ? "flat" : "grows", cpu_seconds());
  return is_good ? 0 : 1;
}

}  // namespace
}  // namespace saga_harness

int main(int argc, char** argv) {
  try {
    const std::string given = argc > 1 ? argv[1] : "100000";
    const std::uint64_t sagas = given == "--smoke" ? 6'400 : std::strtoull(given.c_str(), nullptr, 10);
    if (sagas == 0) throw saga_harness::Error("usage: bench_soak [SAGAS | --smoke]");
    return saga_harness::soak(SAGA_HARNESS_SCENARIOS_DIR "/order_processing.json", sagas);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_soak: {}\n", error.what());
    return 64;
  }
}
