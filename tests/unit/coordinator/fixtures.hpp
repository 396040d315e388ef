#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/orchestrator.hpp>

#include "unit/runtime/fixtures.hpp"

namespace saga_harness::coordinator_test {

using runtime_test::EngineFixture;
using runtime_test::Planned;
using runtime_test::Recording;

/// Does what is asked once, or only looks, answers with its name where a result is declared, knows a repeated
/// request by its step and direction, and refuses an action whose compensation came first.
class Honest final : public Participant {
 public:
  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const Effect& effect = recorder.effect(delivery.operation.step);
    if (closed_.size() <= delivery.operation.step) closed_.resize(delivery.operation.step + 1U);
    if (delivery.operation.operation == Operation::kCompensation) {
      closed_[delivery.operation.step] = true;
      if (effect.net() > 0) recorder.undo(delivery);
      return {};
    }
    if (closed_[delivery.operation.step]) return {ReplyStatus::kRejected};
    if (effect.applied == 0 && delivery.declared->has_effect) recorder.apply(delivery);
    if (delivery.declared->result.empty()) return {};
    return {ReplyStatus::kOk, "{\"id\":\"" + std::string(delivery.action) + "\"}"};
  }
  void reset() override { closed_.assign(closed_.size(), false); }

 private:
  std::vector<bool> closed_;  // by step: compensated
};

inline std::string without_key(std::string line) {
  const std::size_t key = line.find(" key \"");
  if (key != std::string::npos) line.erase(key, line.find('"', key + 6) + 1 - key);
  return line;
}

/// The reference orchestrator, or one with a bug, over honest participants.
class Orchestra : public EngineFixture {
 public:
  explicit Orchestra(Saga saga, OrchestratorBug bug = OrchestratorBug::kNone)
      : EngineFixture(std::move(saga), orchestrator(bug), [] { return std::make_unique<Honest>(); }) {}

  /// The lines of the last run about events of these types, before the faults stopped and without idempotency
  /// keys: a line feed, then the lines.
  [[nodiscard]] std::string only(std::initializer_list<EventType> types) {
    const auto events = engine().observation().events;
    const std::vector<std::string> all = lines();
    std::string result = "\n";
    for (std::size_t i = 0; i < events.size() && events[i].type != EventType::kHealed; ++i) {
      if (std::ranges::find(types, events[i].type) == types.end()) continue;
      result += without_key(all[i]) + '\n';
    }
    return result;
  }
  [[nodiscard]] std::string sent_in(std::string_view plan) {
    run(plan);
    return only({EventType::kSent, EventType::kReported, EventType::kReportedStep});
  }
  /// The steps named by the last report.
  [[nodiscard]] std::vector<std::string> flagged() {
    std::vector<std::string> result;
    for (const Event& event : engine().observation().events) {
      if (event.type == EventType::kReported) result.clear();
      if (event.type == EventType::kReportedStep) result.push_back(saga().step(event.step).name);
    }
    return result;
  }
  [[nodiscard]] std::vector<int> net_effects() {
    std::vector<int> result;
    for (const Effect& effect : engine().observation().effects) result.push_back(effect.net());
    return result;
  }
};

/// What is wrong with a finished run of the reference, one line each; nothing if it ended properly.
inline std::string faults_of(Orchestra& fixture) {
  const Observation& seen = fixture.engine().observation();
  const std::vector<std::string> flagged = fixture.flagged();
  std::string result;
  if (seen.outcome == Outcome::kUnresolved) result += "it never said how the saga ended\n";
  if ((seen.outcome == Outcome::kFlagged) == flagged.empty())
    result += "flagged, but by no name, or the reverse\n";
  for (StepId id = 0; id < seen.effects.size(); ++id) {
    const std::string& name = fixture.saga().step(id).name;
    const int net = seen.effects[id].net();
    const bool is_flagged = std::ranges::find(flagged, name) != flagged.end();
    if (seen.effects[id].applied > 1) result += name + " took effect twice\n";
    if (seen.outcome == Outcome::kCompleted && net != 1) result += name + " is missing\n";
    if (seen.outcome == Outcome::kCompensated && net != 0) result += name + " was left\n";
    if (seen.outcome == Outcome::kFlagged && net != 0 && !is_flagged)
      result += name + " was left and not named\n";
  }
  bool has_ended = false;
  for (const Event& event : seen.events) {
    if (event.type == EventType::kThrew || event.type == EventType::kGaveUp)
      result += "it threw or gave up\n";
    if (event.type == EventType::kSent && has_ended) result += "it sent something after the end\n";
    if (event.type == EventType::kLogged && has_ended) result += "it logged something after the end\n";
    if (event.type == EventType::kLogged && event.detail == static_cast<std::uint8_t>(LogKind::kEnd))
      has_ended = true;
  }
  return result;
}

/// `flight`, `hotel` (three attempts) and `car` in sequence, all at `agency`.
inline Saga trip() {
  using namespace std::chrono_literals;
  return {
      .name = "trip",
      .steps = {
          {.name = "flight", .service = "agency", .compensation = "cancel_flight"},
          {.name = "hotel", .service = "agency", .compensation = "cancel_hotel", .retry = {.attempts = 3}},
          {.name = "car", .service = "agency", .compensation = "cancel_car"}}};
}

/// The trip with `hotel` falling back to `hostel`.
inline Saga trip_with_fallback() {
  Saga saga = trip();
  saga.steps[1].fallback = "hostel";
  return saga;
}

/// The trip, then `pay`, from which there is no way back, and `mail`.
inline Saga paid_trip() {
  Saga saga = trip();
  saga.steps.push_back({.name = "pay", .service = "bank", .retry = {.attempts = 2}, .pivot = true});
  saga.steps.push_back({.name = "mail", .service = "post"});
  return saga;
}

/// The trip, before which something is only looked up.
inline Saga trip_that_looks_first() {
  Saga saga = trip();
  saga.steps.insert(saga.steps.begin(), {.name = "look", .service = "agency", .has_effect = false});
  return saga;
}

/// The trip, whose car is cancelled also where it was refused.
inline Saga trip_with_owed_car() {
  Saga saga = trip();
  saga.steps[2].compensated_if_refused = true;
  return saga;
}

/// The trip, with no more than 15 seconds for it.
inline Saga hurried_trip() {
  Saga saga = trip();
  saga.deadline = std::chrono::seconds(15);
  return saga;
}

/// The trip, with a visa before the flight that this one does not need.
inline Saga trip_without_visa() {
  Saga saga = trip();
  saga.steps.insert(saga.steps.begin(), {.name = "visa",
                                         .service = "agency",
                                         .compensation = "return_visa",
                                         .only_if = Condition{.pointer = "/abroad"}});
  return saga;
}

/// `flight` and `hotel` (three attempts) side by side after `plan`, then `car`.
inline Saga diamond() {
  Saga saga = trip();
  saga.name = "diamond";
  saga.steps.insert(saga.steps.begin(), {.name = "plan", .service = "agency", .compensation = "drop_plan"});
  saga.steps[1].after = {{"plan"}};
  saga.steps[2].after = {{"plan"}};
  saga.steps[3].after = {{"flight", "hotel"}};
  return saga;
}

/// The diamond, whose flight and hotel carry the plan's result and a price, and whose car carries theirs. The
/// hotel falls back to a hostel; what is undone is named.
inline Saga diamond_with_data() {
  Saga saga = diamond();
  saga.context = {{"price", 5}};
  saga.steps[2].fallback = "hostel";
  for (Step& step : saga.steps) {
    step.result = {{"id"}};
    step.compensation_input = {{"id", result(step.name, "/id")}, {"price", context("/price")}};
  }
  saga.steps[1].input = saga.steps[2].input = {{"plan", result("plan", "/id")}, {"price", context("/price")}};
  saga.steps[3].input = {{"flight", result("flight", "/id")}, {"hotel", result("hotel", "/id")}};
  return saga;
}

inline Saga diamond_undone_in_parallel() {
  Saga saga = diamond();
  saga.parallel_compensation = true;
  return saga;
}

}  // namespace saga_harness::coordinator_test
