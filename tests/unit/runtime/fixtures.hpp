#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/error.hpp>

namespace saga_harness::runtime_test {

/// Strikes where a one-line plan says, each fault once, and nowhere else.
class Planned final : public Choices {
 public:
  Planned(std::string_view plan, const SagaIndex& saga) {
    for (const Fault& fault : resolve(parse_plan(plan), saga).faults) {
      open_.push_back({point_of(fault, saga), {fault.kind, fault.window}});
    }
  }

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    const auto found = std::ranges::find(open_, point, &Strike::point);
    if (found == open_.end()) return 0;
    const auto answer = std::ranges::find(legal, found->alternative);
    if (answer == legal.end()) return 0;
    open_.erase(found);
    return static_cast<std::size_t>(answer - legal.begin()) + 1;
  }
  [[nodiscard]] bool wants_synonyms() const override { return true; }

  [[nodiscard]] bool has_fired() const { return open_.empty(); }

 private:
  struct Strike {
    Point point;
    Alternative alternative;
  };
  std::vector<Strike> open_;
};

/// Notes every call and every instant at which it is offered a crash, as plans write them; at the
/// `crash_at`-th crash offered, if any, it says yes.
class Recording final : public Choices {
 public:
  explicit Recording(const SagaIndex& saga, bool synonyms = false, int crash_at = 0)
      : saga_(saga), synonyms_(synonyms), crash_at_(crash_at) {}

  std::size_t pick(const Point& point, std::span<const Alternative> legal) override {
    const bool is_crash = legal.front().kind == FaultKind::kCoordinatorCrash;
    if (!is_crash && point.instant != Instant::kCall) return 0;
    std::string text = to_string(fault_at(point, legal.front(), saga_));
    asked.push_back(text.substr(0, text.find(':')));
    if (!is_crash || ++crashes != crash_at_) return 0;
    return 1;
  }
  [[nodiscard]] bool wants_synonyms() const override { return synonyms_; }

  std::vector<std::string> asked = {};
  int crashes = 0;  // offered so far

 private:
  const SagaIndex& saga_;
  bool synonyms_;
  int crash_at_;
};

/// Takes effect every time it is asked; answers with the action's name.
inline Reply naive(const Delivery& delivery, EffectRecorder& recorder) {
  if (delivery.operation.operation == Operation::kCompensation) {
    recorder.undo(delivery);
  } else {
    recorder.apply(delivery);
  }
  return {};
}

/// `text` with every run of spaces made one, none at the ends.
inline std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' || (!result.empty() && result.back() != ' ')) result += c;
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

/// An engine over one saga, all of whose services are served alike.
class EngineFixture {
 public:
  EngineFixture(Saga saga, Coordinator coordinator,
                const ParticipantFactory& participant = participant_from(naive), Setup setup = {})
      : saga_(std::make_shared<const SagaIndex>(std::move(saga))),
        engine_(completed(std::move(setup), saga_, std::move(coordinator), participant)) {}

  /// @throws Error if a fault of the plan did not fire.
  const Observation& run(std::string_view plan = "none") {
    Planned choices(plan, *saga_);
    const Observation& observation = engine_.run(choices);
    if (!choices.has_fired()) throw Error("not every fault fired of " + std::string(plan));
    return observation;
  }
  const Observation& run(Choices& choices) { return engine_.run(choices); }

  /// One squeezed line per event of the last run.
  [[nodiscard]] std::vector<std::string> lines() const {
    const Trace trace = engine_.trace();
    std::vector<std::string> result;
    for (const Event& event : trace.events) result.push_back(squeezed(to_string(event, trace.texts, *saga_)));
    return result;
  }
  /// What happened between the first start of the coordinator and the end of faults: a line feed, then the
  /// lines.
  [[nodiscard]] std::string story() const { return joined(1, healed_at()); }
  /// What happened from then on.
  [[nodiscard]] std::string epilogue() const { return joined(healed_at(), lines().size()); }
  [[nodiscard]] std::string story(std::string_view plan) {
    run(plan);
    return story();
  }

  [[nodiscard]] std::size_t count(EventType type) const {
    return static_cast<std::size_t>(std::ranges::count(engine_.observation().events, type, &Event::type));
  }
  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] const SagaIndex& saga() const { return *saga_; }

 private:
  static Setup completed(Setup setup, const std::shared_ptr<const SagaIndex>& saga, Coordinator coordinator,
                         const ParticipantFactory& participant) {
    setup.saga = saga;
    setup.coordinator = std::move(coordinator);
    for (const std::string_view service : saga->services()) setup.participants.emplace(service, participant);
    return setup;
  }

  [[nodiscard]] std::size_t healed_at() const {
    const auto events = engine_.observation().events;
    return static_cast<std::size_t>(std::ranges::find(events, EventType::kHealed, &Event::type) -
                                    events.begin());
  }
  [[nodiscard]] std::string joined(std::size_t from, std::size_t to) const {
    std::string result = "\n";
    const std::vector<std::string> all = lines();
    for (std::size_t i = from; i < to; ++i) result += all[i] + '\n';
    return result;
  }

  std::shared_ptr<const SagaIndex> saga_;
  Engine engine_;
};

/// One step `pay` at `bank`, undone by `refund`, with 10 ms and three attempts for each.
inline Saga one_step() {
  using std::chrono::milliseconds;
  return {.name = "shop",
          .steps = {{.name = "pay",
                     .service = "bank",
                     .compensation = "refund",
                     .timeout = milliseconds(10),
                     .retry = {.attempts = 3},
                     .compensation_timeout = milliseconds(10)}}};
}

/// Two steps in sequence: `pay` at `bank`, `ship` at `depot`.
inline Saga two_steps() {
  Saga saga = one_step();
  saga.steps.push_back({.name = "ship", .service = "depot", .compensation = "take_back"});
  return saga;
}

inline constexpr Request kPay{.service = "bank", .action = "pay"};
inline constexpr Request kRefund{.service = "bank", .action = "refund"};
inline constexpr Request kShip{.service = "depot", .action = "ship"};

/// Runs `body` in the first incarnation only: what recovery does is not of interest.
template <typename Body>
Coordinator once(Body body) {
  return [body](Runtime& runtime) {
    if (runtime.incarnation() == 1) body(runtime);
  };
}

/// The message of the Error that `call` throws; a text that no error has, if it throws none.
template <typename Call>
std::string error_of(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

}  // namespace saga_harness::runtime_test
