#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string_view>

#include <saga_harness/ledger.hpp>
#include <saga_harness/trace.hpp>

namespace saga_harness {

/// By how much times that were taken over a real wire may be off: how late a machine under load wakes up.
inline constexpr Duration kWireTolerance = std::chrono::milliseconds(50);

/// The data that a request or an event of a bus carried, unless it was the saga's context.
struct SentPayload {
  std::uint32_t event = 0;     ///< which of Observation::events sent it
  std::string_view text = {};  ///< without the fields that are declared volatile

  friend bool operator==(const SentPayload&, const SentPayload&) = default;
};
void PrintTo(const SentPayload& value, std::ostream* out);

/// What a participant answered, or its caller got, of a step that declares results.
struct HeardAnswer {
  std::uint32_t event = 0;     ///< which of Observation::events, a kAnswered or a kReceived
  std::string_view text = {};  ///< the body

  friend bool operator==(const HeardAnswer&, const HeardAnswer&) = default;
};
void PrintTo(const HeardAnswer& value, std::ostream* out);

/// All that an invariant sees of a finished run: views into whatever observed it, be it the virtual-time
/// engine or a recorder of real HTTP.
struct Observation {
  std::span<const Event> events = {};
  std::span<const Effect> effects = {};  ///< by StepId
  std::span<const Quantity> quantities = {};
  std::span<const std::string_view> texts = {};  ///< by Event::text
  Outcome outcome = Outcome::kUnresolved;        ///< as reported to the caller, last report
  /// By StepId, 1 where the step was to be skipped (see skipped_steps()); empty: none was.
  std::span<const std::uint8_t> skipped = {};

  /// In the order of their events. What differs from run to run makes a subject nondeterministic.
  std::span<const SentPayload> payloads = {};

  /// What the run started with, JSON text; empty: not known.
  std::string_view context = {};
  /// In the order of their events: answers with success to actions and fallbacks of steps that declare
  /// results.
  std::span<const HeardAnswer> answers = {};

  /// Times were taken over a real wire, and may be off by this much; zero: virtual time, exact.
  Duration tolerance = Duration::zero();

  /// Of a choreography: the other sagas whose events were on the same bus at the same time. They are judged
  /// with it. Its quantities are then those that all of them together owe.
  std::span<const Observation* const> beside = {};

  [[nodiscard]] bool is_skipped(StepId step) const { return step < skipped.size() && skipped[step] != 0; }
};
void PrintTo(const Observation& value, std::ostream* out);

}  // namespace saga_harness
