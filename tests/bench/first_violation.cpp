// How many runs a search takes to its first violation, over all mutants of one saga: in plain order, in
// uniformly random order, and with the likely faults first. Also with a table of likely faults that was made
// without the mutants of the group that is then searched.
//
//   bench_first_violation [--smoke] [--each]
//   bench_first_violation --likely-faults    prints the table anew, as likely_faults.sh writes it
//
// Fails if the figures of likely first are above the bounds below.

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>

#include "likely_first.hpp"
#include "subject.hpp"

namespace sh = saga_harness;

namespace {

using Table = std::vector<sh::LikelyFault>;

constexpr std::uint64_t kSeeds = 21;
constexpr std::size_t kDeepest = 6;           // places of a fault that the fit looks at together
constexpr double kSmallBesideAMutant = 0.01;  // decides among faults that show equally many new ones

/// A mutant, and what each of its single faults shows.
struct Subject {
  const sh::Mutant* mutant = nullptr;
  sh::Experiment experiment = {};
  sh::ExploreOptions options = {};
  bool shows_without_faults = false;
  std::map<sh::LikelyFault, std::vector<bool>> singles = {};  ///< in the order of the search

  [[nodiscard]] bool shows(const sh::LikelyFault& fault, std::size_t from, std::size_t count) const {
    const auto found = singles.find(fault);
    if (found == singles.end() || from >= found->second.size()) return false;
    const auto first = found->second.begin() + static_cast<std::ptrdiff_t>(from);
    const std::size_t left = found->second.size() - from;
    return std::any_of(first, first + static_cast<std::ptrdiff_t>(std::min(left, count)),
                       [](bool b) { return b; });
  }
};

bool is_violated(const sh::Judgement& judgement) {
  return std::ranges::find(judgement, sh::VerdictStatus::kViolated) != judgement.end();
}

void try_singles(Subject& subject) {
  const sh::SagaIndex& saga = *subject.experiment.setup.saga;
  sh::ExploreOptions options = subject.options;
  options.max_faults = 1;
  options.on_schedule = [&](const sh::Schedule& schedule) {
    const bool violated = is_violated(schedule.judgement);
    if (schedule.plan.empty()) {
      subject.shows_without_faults = violated;
      return;
    }
    const sh::Fault& fault = schedule.plan.faults.front();
    const auto likely = sh::likely_fault_of(sh::point_of(fault, saga), {fault.kind, fault.window}, saga);
    subject.singles[likely].push_back(violated);
  };
  static_cast<void>(sh::explore(subject.experiment, options));
}

std::vector<Subject> subjects() {
  std::map<std::string_view, sh::Scenario> scenarios;
  std::vector<Subject> all;
  for (const sh::Mutant& mutant : sh::mutants()) {
    if (mutant.together || !mutant.equivalent.empty()) continue;
    if (!scenarios.contains(mutant.scenario)) {
      scenarios.emplace(mutant.scenario, sh::load_scenario(fmt::format(
                                             "{}/{}.json", SAGA_HARNESS_SCENARIOS_DIR, mutant.scenario)));
    }
    Subject subject{.mutant = &mutant,
                    .experiment = sh::mutant_case(mutant, scenarios.at(mutant.scenario)).mutated};
    subject.options.max_faults = std::max(2, mutant.faults);
    subject.options.kinds = sh::kinds_in_scope(subject.experiment, {});
    try_singles(subject);
    all.push_back(std::move(subject));
  }
  return all;
}

// ---- the table

/// Puts one fault after the other, at its next place or its next few: the one that shows most mutants that
/// none before it shows, for each run that it takes; among equals the one that shows most in all.
class Fit {
 public:
  Fit(std::span<const Subject> subjects, std::string_view without_group) {
    for (const Subject& subject : subjects) {
      if (subject.mutant->group == without_group || subject.shows_without_faults) continue;
      all_.push_back(&subject);
      for (const auto& [fault, shows] : subject.singles) next_.emplace(fault, 0);
    }
    left_ = all_;
  }

  Table table() {
    Table table;
    while (true) {
      const Choice best = best_choice();
      if (best.gain == 0) return table;
      std::size_t& next = next_[best.fault];
      std::erase_if(left_, [&](const Subject* each) { return each->shows(best.fault, next, best.places); });
      next += best.places;
      table.insert(table.end(), best.places, best.fault);
    }
  }

 private:
  struct Choice {
    sh::LikelyFault fault = {};
    std::size_t places = 0;
    double gain = 0;
  };

  [[nodiscard]] Choice best_choice() const {
    Choice best;
    for (const auto& [fault, next] : next_) {
      for (std::size_t places = 1; places <= kDeepest; ++places) {
        const auto shows = [&, wanted = fault, from = next](const Subject* each) {
          return each->shows(wanted, from, places);
        };
        const auto shown = static_cast<double>(std::ranges::count_if(left_, shows));
        if (shown == 0) continue;
        const auto in_all = static_cast<double>(std::ranges::count_if(all_, shows));
        const double gain = (shown + kSmallBesideAMutant * in_all) / static_cast<double>(places);
        if (gain > best.gain) best = {fault, places, gain};
      }
    }
    return best;
  }

  std::vector<const Subject*> all_;
  std::vector<const Subject*> left_;
  std::map<sh::LikelyFault, std::size_t> next_;  // the place of each that was not taken yet
};

/// `reply_lost` as it is written in C++: `kReplyLost`.
std::string enumerator(std::string_view name) {
  std::string text = "k";
  bool is_upper = true;
  for (const char c : name) {
    if (c == '_') {
      is_upper = true;
      continue;
    }
    text += is_upper ? static_cast<char>(c - 'a' + 'A') : c;
    is_upper = false;
  }
  return text;
}

std::string_view enumerator(sh::SagaPart part) {
  switch (part) {
    case sh::SagaPart::kFirst:
      return "kFirst";
    case sh::SagaPart::kMiddle:
      return "kMiddle";
    case sh::SagaPart::kLast:
      return "kLast";
    case sh::SagaPart::kWhole:
      break;
  }
  return "kWhole";
}

void print_table(std::span<const Subject> subjects) {
  fmt::print(
      "// Written by tests/bench/likely_faults.sh.\n\n#include "
      "<saga_harness_internal/likely_faults.hpp>\n\n");
  fmt::print("#include <array>\n\nnamespace saga_harness {{\nnamespace {{\n\nusing enum SagaPart;\n\n");
  const Table table = Fit(subjects, "").table();
  fmt::print("constexpr auto kLikelyFaults = std::to_array<LikelyFault>({{\n");
  for (const sh::LikelyFault& each : table) {
    fmt::print("    {{FaultKind::{}, Operation::{}, {}}},\n", enumerator(sh::name_of(each.kind)),
               enumerator(sh::name_of(each.operation)), enumerator(each.part));
  }
  fmt::print("}});\n\n}}  // namespace\n\n");
  fmt::print("std::span<const LikelyFault> likely_faults() {{ return kLikelyFaults; }}\n\n");
  fmt::print("}}  // namespace saga_harness\n");
}

// ---- the figures

/// How many runs each mutant took.
class Figures {
 public:
  void add(double runs) { runs_.push_back(runs); }
  [[nodiscard]] double mean() const {
    double sum = 0;
    for (const double each : runs_) sum += each;
    return sum / static_cast<double>(runs_.size());
  }
  [[nodiscard]] double median() const {
    std::vector<double> sorted = runs_;
    std::ranges::sort(sorted);
    return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
  }
  void print(std::string_view order) const {
    fmt::print("{:<52} {:>8.1f} {:>8.1f} {:>8.0f}\n", order, mean(), median(),
               *std::ranges::max_element(runs_));
  }

 private:
  std::vector<double> runs_;
};

double runs_in_plain_order(const Subject& subject) {
  sh::ExploreOptions options = subject.options;
  options.stop_at_first_violation = true;
  options.likely_first = false;
  return static_cast<double>(sh::explore(subject.experiment, options).schedules);
}

/// As expected, if every schedule is as likely as every other to be the next.
double runs_in_random_order(const Subject& subject) {
  const sh::Exploration whole = sh::explore(subject.experiment, subject.options);
  return static_cast<double>(whole.schedules + 1) / static_cast<double>(whole.violated_schedules + 1);
}

/// Where what is likely shows nothing, all that was tried, and the search in plain order after it.
double runs_likely_first(const Subject& subject, const Table& table, std::uint64_t seed,
                         double in_plain_order) {
  sh::Engine engine(sh::setup_of(subject.experiment));
  sh::Judge judge(subject.experiment.setup.saga, sh::judged_claims(subject.experiment),
                  subject.experiment.switched_off, subject.experiment.invariants,
                  subject.experiment.setup.expects);
  sh::LikelyFirst schedules(engine.saga(), subject.options, table, seed);
  std::uint64_t tried = 0;
  const std::uint64_t runs =
      sh::runs_until(engine, schedules, ~std::uint64_t{0}, [&](const sh::Observation& observation, auto) {
        ++tried;
        return is_violated(judge.judge(observation));
      });
  return runs > 0 ? static_cast<double>(runs) : static_cast<double>(tried) + in_plain_order;
}

struct Bounds {
  double mean;
  double median;
};

bool is_within(const Figures& figures, const Bounds& bounds) {
  if (figures.mean() <= bounds.mean && figures.median() <= bounds.median) return true;
  fmt::print("above the bounds: mean {}, median {}\n", bounds.mean, bounds.median);
  return false;
}

bool measure(const std::vector<Subject>& all, bool is_smoke, bool prints_each) {
  const Table committed(sh::likely_faults().begin(), sh::likely_faults().end());
  if (committed != Fit(all, "").table())
    fmt::print("The mutants have changed since the table was made: run tests/bench/likely_faults.sh\n");
  std::map<std::string_view, Table> without;
  for (const Subject& each : all) {
    const std::string_view group = each.mutant->group;
    if (!without.contains(group)) without.emplace(group, Fit(all, group).table());
  }
  Figures plain;
  Figures random;
  Figures likely;
  Figures left_out;
  Figures other_seeds;
  Figures left_out_other_seeds;
  for (const Subject& each : all) {
    const Table& others = without.at(each.mutant->group);
    const double in_plain_order = runs_in_plain_order(each);
    const double first = runs_likely_first(each, committed, sh::LikelyFirst::kSeed, in_plain_order);
    const double first_left_out = runs_likely_first(each, others, sh::LikelyFirst::kSeed, in_plain_order);
    plain.add(in_plain_order);
    likely.add(first);
    left_out.add(first_left_out);
    if (prints_each)
      fmt::print("{:<14} {:<36} {:>7} {:>7} {:>7}\n", each.mutant->group, each.mutant->name, in_plain_order,
                 first, first_left_out);
    if (is_smoke) continue;
    random.add(runs_in_random_order(each));
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      other_seeds.add(runs_likely_first(each, committed, seed, in_plain_order));
      left_out_other_seeds.add(runs_likely_first(each, others, seed, in_plain_order));
    }
  }
  fmt::print("Runs to the first violation, {} mutants of {}\n", all.size(), sh::mutants().size());
  fmt::print("{:<52} {:>8} {:>8} {:>8}\n", "", "mean", "median", "most");
  plain.print("plain order");
  if (!is_smoke) random.print("uniformly random order, expected");
  likely.print("likely first");
  if (!is_smoke) other_seeds.print(fmt::format("  the same with {} seeds", kSeeds));
  left_out.print("likely first, table without the mutant's group");
  if (!is_smoke) left_out_other_seeds.print(fmt::format("  the same with {} seeds", kSeeds));
  const bool is_quick = is_within(likely, {.mean = 60, .median = 12});
  return is_within(left_out, {.mean = 90, .median = 20}) && is_quick;
}

bool has_argument(int argc, char** argv, std::string_view wanted) {
  return std::any_of(argv + 1, argv + argc, [wanted](const char* given) { return wanted == given; });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Subject> all = subjects();
  if (has_argument(argc, argv, "--likely-faults")) {
    print_table(all);
    return 0;
  }
  return measure(all, has_argument(argc, argv, "--smoke"), has_argument(argc, argv, "--each")) ? 0 : 1;
}
