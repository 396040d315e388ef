#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>

namespace saga_harness {

/// The fakes a scenario can name.
enum class FakeKind : std::uint8_t { kLedger, kStock, kBalances, kOrders, kShipments };
[[nodiscard]] std::string_view name_of(FakeKind kind);

/// What stands in for a service: a value, from which participants with other guarantees can be made.
struct ParticipantSpec {
  FakeKind fake = FakeKind::kLedger;
  std::map<std::string, std::int64_t> amounts = {};  ///< pieces by product, or cents by customer
  Guarantees guarantees = {};
  bool partial_batch = false;  ///< a known bug of a stock

  friend bool operator==(const ParticipantSpec&, const ParticipantSpec&) = default;
};

/// A saga with its participants, as read from a JSON file:
/// `{"saga": {…}, "participants": {"inventory_service": {"fake": "stock", "stock": {"PROD-1": 10}}}}`.
struct Scenario {
  std::string source = {};  ///< the file it came from, as given
  Saga saga = {};
  std::map<std::string, ParticipantSpec, std::less<>> participants =
      {};                                      ///< services not listed get a ledger
  std::vector<SwitchedOff> switched_off = {};  ///< `"switched_off": {"I15": "reason"}`
  int earlier_sagas = 0;  ///< `"earlier_sagas": 1`: how many the participants have served before
};

/// A saga definition by itself is read too: all its services get a ledger.
/// @throws Error with source, JSON pointer and mend; unknown keys, fakes, services and rules are refused with
/// the nearest name.
[[nodiscard]] Scenario parse_scenario(std::string_view json, std::string_view source);
/// @throws Error if the file cannot be read or is too large, too.
[[nodiscard]] Scenario load_scenario(const std::string& path);

/// The participant that `spec` describes, at a service of `saga` (whose pivot confirms orders).
[[nodiscard]] ParticipantFactory make_participant(const ParticipantSpec& spec, std::string_view service,
                                                  const Saga& saga);

/// A coordinator or participant with one known bug.
struct Mutant {
  std::string_view name;
  std::string_view group;     ///< forward, compensation, recovery, participant
  std::string_view bug;       ///< one sentence
  Rule predicted;             ///< the rule that must see it
  int faults;                 ///< the smallest number of faults that shows it on `scenario`
  bool participant;           ///< else a coordinator
  std::string_view scenario;  ///< the name of the saga, and of the file in scenarios/, that shows it
};

/// All mutants, in the order of their groups.
[[nodiscard]] std::span<const Mutant> mutants();
/// nullptr if there is none of that name.
[[nodiscard]] const Mutant* find_mutant(std::string_view name);

/// The name of the coordinator, and of the participants, without a bug.
inline constexpr std::string_view kReference = "reference";

/// The scenario with the named coordinator and participants (a participant's bug is in all that can have it).
/// @throws Error with the nearest name, or if no participant of the scenario can have the bug.
[[nodiscard]] Experiment experiment(const Scenario& scenario, std::string_view coordinator = kReference,
                                    std::string_view participant = kReference);

}  // namespace saga_harness
