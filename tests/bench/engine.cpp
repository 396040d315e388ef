// What a schedule costs, beside the least that it could cost, measured in one run.
//
//   bench_engine [--smoke]
//   bench_engine --marks N    one search over a run that passes N different markers; for growth.sh
//
// The floor: the participants' own functions called directly, as often as the engine delivered requests to
// them, and as many trace records appended as the engine wrote. Everything above it is the engine, the
// reference orchestrator, the search and the judging.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <saga_harness/explore.hpp>
#include <saga_harness/orchestrator.hpp>

#include "bench.hpp"
#include "count_allocations.hpp"

namespace sh = saga_harness;
using sh::bench::best_seconds;
using sh::bench::chain;

namespace {

// The step functions: an effect per step, done once per key.
class Shop {
 public:
  void reset() {
    ++run_;
    if (seen_.size() < 512) seen_.resize(512);
  }
  // True if the request takes effect now.
  bool serve(std::uint32_t key, std::size_t step, bool is_compensation) {
    if (key >= seen_.size()) seen_.resize(key + 1);
    if (seen_[key] == run_) return false;
    seen_[key] = run_;
    State& state = states_[step];
    if (state.run != run_) state = {run_, false, false};
    if (is_compensation) {
      const bool had_effect = state.applied;
      state.applied = false;
      state.closed = true;
      return had_effect;
    }
    if (state.closed) return false;
    return state.applied = true;
  }

 private:
  struct State {
    std::uint32_t run = 0;
    bool applied = false;
    bool closed = false;
  };
  std::uint32_t run_ = 0;
  std::vector<std::uint32_t> seen_;
  std::array<State, 64> states_ = {};
};

sh::Saga order_saga() {
  return {
      .name = "order_processing",
      .steps = {
          {.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
          {.name = "reserve_inventory", .service = "inventory_service", .compensation = "release_inventory"},
          {.name = "process_payment",
           .service = "payment_service",
           .compensation = "refund_payment",
           .retry = {.attempts = 3}},
          {.name = "create_shipment",
           .service = "shipping_service",
           .compensation = "cancel_shipment",
           .retry = {.attempts = 2}},
          {.name = "confirm_order", .service = "order_service", .retry = {.attempts = 3}, .pivot = true}}};
}

sh::Experiment experiment(const sh::Saga& saga, Shop& shop) {
  sh::Experiment experiment;
  experiment.setup.saga = std::make_shared<const sh::SagaIndex>(saga);
  experiment.setup.coordinator = sh::orchestrator();
  const std::string_view first = experiment.setup.saga->services().front();
  for (const std::string_view service : experiment.setup.saga->services()) {
    const bool resets = service == first;
    experiment.setup.participants[std::string(service)] = sh::participant_from(
        [&shop](const sh::Delivery& delivery, sh::EffectRecorder& recorder) {
          const bool is_compensation = delivery.operation.operation == sh::Operation::kCompensation;
          if (shop.serve(delivery.key_number, delivery.operation.step, is_compensation)) {
            is_compensation ? recorder.undo(delivery) : recorder.apply(delivery);
          }
          return sh::Reply{};
        },
        [&shop, resets] {
          if (resets) shop.reset();
        });
  }
  return experiment;
}

// What the floor has to do for one schedule.
struct Work {
  std::uint32_t deliveries = 0;
  std::uint32_t records = 0;
};

std::vector<Work> work_of(const sh::Experiment& experiment, sh::ExploreOptions options) {
  std::vector<Work> work;
  options.on_schedule = [&](const sh::Schedule& schedule) {
    Work& one = work.emplace_back();
    for (const sh::Event& event : schedule.observation.events)
      one.deliveries += event.type == sh::EventType::kDelivered;
    one.records = static_cast<std::uint32_t>(schedule.observation.events.size());
  };
  static_cast<void>(sh::explore(experiment, options));
  return work;
}

double floor_seconds(int repeats, const std::vector<Work>& work, std::size_t steps) {
  Shop shop;
  std::vector<sh::Event> records;
  std::uint64_t effects = 0;
  const double seconds = best_seconds(repeats, [&] {
    for (const Work& one : work) {
      shop.reset();
      records.clear();
      for (std::uint32_t i = 0; i < one.deliveries; ++i)
        effects += shop.serve(i + 1, i % steps, i >= steps) ? 1 : 0;
      for (std::uint32_t i = 0; i < one.records; ++i) {
        sh::Event& event = records.emplace_back();
        event.at = i;
        event.call = i;
        event.step = static_cast<sh::StepId>(i % steps);
        event.type = sh::EventType::kDelivered;
      }
      asm volatile("" : : "r"(records.data()), "r"(effects) : "memory");  // keep what nobody reads
    }
  });
  return seconds;
}

void measure(const std::string& title, const sh::Saga& saga, const sh::ExploreOptions& options, int repeats) {
  Shop shop;
  const sh::Experiment subject = experiment(saga, shop);
  sh::Exploration result;
  const double seconds = best_seconds(repeats, [&] { result = sh::explore(subject, options); });
  const std::vector<Work> work = work_of(subject, options);
  const double floor = floor_seconds(repeats, work, saga.steps.size());
  const auto schedules = static_cast<double>(result.schedules);
  double records = 0;
  for (const Work& one : work) records += one.records;
  fmt::print("{}\n", title);
  fmt::print("  schedules                 {:>12}   violated {}\n", result.schedules,
             result.violated_schedules);
  fmt::print("  schedules per second      {:>12.0f}   {:.2f} us each, {:.0f} trace records each\n",
             schedules / seconds, seconds / schedules * 1e6, records / schedules);
  fmt::print("  processor seconds in all  {:>12.2f}\n", seconds);
  fmt::print("  floor, us each            {:>12.3f}\n", floor / schedules * 1e6);
  fmt::print("  ratio to the floor        {:>12.1f}\n\n", seconds / floor);
}

/// Crashes the coordinator at its n-th instant, or strikes nothing.
class CrashOnce final : public sh::Choices {
 public:
  explicit CrashOnce(int at) : left_(at) {}
  std::size_t pick(const sh::Point&, std::span<const sh::Alternative> legal) override {
    return legal.front().kind == sh::FaultKind::kCoordinatorCrash && left_-- == 0 ? 1 : 0;
  }

 private:
  int left_;
};

void count_allocations(int runs) {
  Shop shop;
  sh::Engine engine(experiment(order_saga(), shop).setup);
  sh::Judge judge(std::make_shared<const sh::SagaIndex>(order_saga()), sh::Claims::all());
  const auto counted = [&](int crash_at) {
    for (int i = 0; i < 10; ++i) {
      CrashOnce choices(crash_at);
      static_cast<void>(judge.judge(engine.run(choices)));
    }
    const std::uint64_t before = counting::allocations();
    for (int i = 0; i < runs; ++i) {
      CrashOnce choices(crash_at);
      static_cast<void>(judge.judge(engine.run(choices)));
    }
    return static_cast<double>(counting::allocations() - before) / runs;
  };
  fmt::print("allocations per run in steady state (every malloc and operator new of the process)\n");
  fmt::print("  five steps, no fault      {:>12.2f}\n", counted(-1));
  fmt::print("  with a coordinator crash  {:>12.2f}   the object that is thrown\n\n", counted(6));
}

/// All kinds but breaches; with `is_baseline` those that there were when costs were first measured.
std::vector<sh::FaultKind> all_kinds(bool is_baseline) {
  const std::size_t count =
      is_baseline ? static_cast<std::size_t>(sh::FaultKind::kSubscriberMissing) + 1 : sh::kFaultKindCount;
  std::vector<sh::FaultKind> kinds;
  for (std::size_t i = 0; i < count; ++i) {
    const auto kind = static_cast<sh::FaultKind>(i);
    if (!sh::is_breach(kind)) kinds.push_back(kind);
  }
  return kinds;
}

/// A search over runs that pass so many markers, each another.
int search_with_marks(int count) {
  Shop shop;
  sh::Experiment subject = experiment(chain(2), shop);
  subject.coordinator_name = "mine";
  subject.claims = {};
  subject.setup.coordinator = [count](sh::Runtime& runtime) {
    for (int i = 0; i < count; ++i) runtime.mark(fmt::format("m{}", i));
    runtime.report(sh::Outcome::kFlagged);
  };
  const sh::Exploration found = sh::explore(subject, {.max_faults = 0, .recheck_every = 0});
  fmt::print("markers {}\n", found.markers.size());
  return found.markers.size() == static_cast<std::size_t>(count) ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool has_argument(int argc, char** argv, std::string_view wanted) {
  return std::any_of(argv + 1, argv + argc, [wanted](const char* given) { return wanted == given; });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && argv[1] == std::string_view("--marks")) return search_with_marks(std::atoi(argv[2]));
  const bool is_smoke = has_argument(argc, argv, "--smoke");
  const std::vector<sh::FaultKind> every = all_kinds(has_argument(argc, argv, "--baseline-kinds"));
  std::vector<sh::FaultKind> no_crashes = every;
  std::erase(no_crashes, sh::FaultKind::kCoordinatorCrash);
  const int repeats = is_smoke ? 1 : 7;
  count_allocations(is_smoke ? 10 : 1000);
  measure("five steps, k = 2, every fault", order_saga(), {.max_faults = is_smoke ? 1 : 2, .kinds = every},
          repeats);
  measure("five steps, k = 2, every fault but coordinator crashes", order_saga(),
          {.max_faults = is_smoke ? 1 : 2, .kinds = no_crashes}, repeats);
  measure("five steps, k = 3, every fault", order_saga(), {.max_faults = is_smoke ? 1 : 3, .kinds = every},
          1);
  const std::vector<sh::FaultKind> eight = {sh::FaultKind::kRejected,         sh::FaultKind::kUnavailable,
                                            sh::FaultKind::kErrorAfterEffect, sh::FaultKind::kRequestLost,
                                            sh::FaultKind::kRequestLate,      sh::FaultKind::kReplyLost,
                                            sh::FaultKind::kReplyLate,        sh::FaultKind::kDelayAtTimeout};
  measure("twenty steps, k = 3, eight kinds of message fault, once each", chain(20),
          {.max_faults = is_smoke ? 1 : 3, .kinds = eight, .windows = false}, 1);
  return 0;
}
