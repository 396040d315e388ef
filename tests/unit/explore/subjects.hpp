#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>

namespace saga_harness::explore_test {

/// The order saga of the design page.
inline Saga order_saga() {
  using std::chrono_literals::operator""s;
  return {
      .name = "order_processing",
      .steps = {
          {.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
          {.name = "reserve_inventory", .service = "inventory_service", .compensation = "release_inventory"},
          {.name = "process_payment",
           .service = "payment_service",
           .compensation = "refund_payment",
           .timeout = 10s,
           .retry = {.attempts = 3}},
          {.name = "create_shipment", .service = "shipping_service", .compensation = "cancel_shipment"},
          {.name = "confirm_order", .service = "order_service", .pivot = true}}};
}

/// Two steps, small enough to count by hand: the first is tried twice, the second cannot be undone.
inline Saga small_saga() {
  return {.name = "small",
          .steps = {{.name = "reserve",
                     .service = "stock",
                     .compensation = "release",
                     .retry = {.attempts = 2},
                     .compensation_retry = {.attempts = 2}},
                    {.name = "pay", .service = "bank", .compensatable = false}}};
}

/// `saga` with the reference orchestrator, or one with a bug, and ledger fakes.
inline Experiment subject(Saga saga, OrchestratorBug bug = OrchestratorBug::kNone) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
  experiment.setup.coordinator = orchestrator(bug);
  experiment.coordinator_name = name_of(bug);
  experiment.has_own_code = false;
  for (const std::string_view service : experiment.setup.saga->services()) {
    experiment.setup.participants.emplace(service, ledger_fake());
  }
  return experiment;
}

/// The trace of an observation as a value, its texts numbered in order of appearance: as Engine::trace() has
/// it.
inline Trace trace_of(const Observation& observation) {
  Trace trace{{observation.events.begin(), observation.events.end()}, {std::string()}};
  std::map<std::string_view, std::uint32_t> numbers;
  for (Event& event : trace.events) {
    if (!has_text(event) || event.text == 0) continue;
    const std::string_view text = observation.texts[event.text];
    const auto [entry, is_new] = numbers.try_emplace(text, static_cast<std::uint32_t>(trace.texts.size()));
    if (is_new) trace.texts.emplace_back(text);
    event.text = entry->second;
  }
  return trace;
}

/// The message of the Error that `call` throws, and its kind.
template <class Call>
std::pair<std::string, std::optional<ErrorKind>> error_of(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return {error.what(), error.kind()};
  }
  return {"(no error)", std::nullopt};
}

}  // namespace saga_harness::explore_test
