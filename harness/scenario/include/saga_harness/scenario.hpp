#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/experiment.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/http_spec.hpp>
#include <saga_harness/shared_values.hpp>

namespace saga_harness {

struct Token;

struct MutantCase;        // score.hpp
struct GuaranteeRemoval;  // guarantee_dependency.hpp

/// The fakes a scenario can name.
enum class FakeKind : std::uint8_t { kLedger, kStock, kBalances, kOrders, kShipments, kSharedValues };
[[nodiscard]] std::string_view name_of(FakeKind kind);

/// What stands in for a service: a value, from which participants with other guarantees can be made.
struct ParticipantSpec {
  FakeKind fake = FakeKind::kLedger;
  std::map<std::string, std::int64_t> amounts = {};  ///< pieces by product, or cents by customer
  Guarantees guarantees = {};
  GuaranteesAtStep at_step = {};      ///< at these steps of the service, instead of `guarantees`
  bool partial_batch = false;         ///< a known bug of a stock
  bool promise_not_recalled = false;  ///< a known bug, see promise_not_recalled()
  Transactions transactions = Transactions::kOne;
  Undoes undoes = Undoes::kWhatItNames;  ///< `"undoes": "by_key"`
  GivenResults gives = {};  ///< `"gives": {"look_up": {"order_type": 13}}`: what its answers give, by step
  std::map<std::string, ValueUse, std::less<>> uses = {};  ///< of shared values, by step
  Countermeasures countermeasures = {};                    ///< of shared values

  friend bool operator==(const ParticipantSpec&, const ParticipantSpec&);
};
void PrintTo(const ParticipantSpec& value, std::ostream* out);

/// A rule of one's own over quantities of the participants, written down in a scenario. Two forms:
/// `{"name": …, "conserved": ["QUANTITY", …]}`: their sum is the same at the end as at the start;
/// `{"name": …, "level": "QUANTITY", "min": 0, "max": 10}`: where one stands at the end. With
/// `"when": ["compensated"]` only sagas that ended so are judged. Nothing took effect: `unknown`.
struct QuantityInvariant {
  std::string name = {};
  std::vector<std::string> quantities = {};  ///< of the conserved sum; the one whose level it is
  bool is_level = false;
  std::optional<std::int64_t> min = std::nullopt;  ///< of a level; one of the two is given
  std::optional<std::int64_t> max = std::nullopt;
  std::vector<Outcome> when = {};  ///< empty: however the saga ended

  friend bool operator==(const QuantityInvariant&, const QuantityInvariant&);
};
void PrintTo(const QuantityInvariant& value, std::ostream* out);
[[nodiscard]] Invariant make_invariant(const QuantityInvariant& invariant);

/// A saga with its participants, as read from a JSON file:
/// `{"saga": {…}, "participants": {"inventory_service": {"fake": "stock", "stock": {"PROD-1": 10}}}}`.
struct Scenario {
  std::string source = {};  ///< the file it came from, as given
  Saga saga = {};
  std::map<std::string, ParticipantSpec, std::less<>> participants =
      {};                                          ///< services not listed get a ledger
  std::vector<SwitchedOff> switched_off = {};      ///< `"switched_off": {"I15": "reason"}`, one's own by name
  std::string rules_as_of = {};                    ///< see keep_rules_of()
  std::vector<QuantityInvariant> invariants = {};  ///< `"invariants": […]`
  /// `"expects": "compensated"`: how a run without faults is expected to end. Nothing: completed.
  std::optional<Outcome> expects = std::nullopt;
  /// `"volatile": ["/requested_at"]`: fields of payloads that may differ from run to run.
  std::vector<std::string> volatile_fields = {};
  int earlier_sagas = 0;  ///< `"earlier_sagas": 1`: how many the participants have served before
  HttpSpec http = {};     ///< `"http"`: how the services are served over HTTP
  /// `"excluded": [{"cell": "pay.*:clock_back", "reason": …, "owner": …, "expires": "2027-06-30"}]`
  std::vector<Exclusion> excluded = {};
  std::vector<KnownFinding> known = {};  ///< `"known": […]`
  /// `"together": [{…}, {…}]`: what each of several sagas that run at the same time starts with. Of a
  /// choreography, all are on one bus, and faults strike the first.
  std::vector<Context> together = {};
};
void PrintTo(const Scenario& value, std::ostream* out);

/// A saga definition by itself is read too: all its services get a ledger.
/// @throws Error with source, JSON pointer and fix; unknown keys, fakes, services, quantities and rules are
/// refused with the nearest name.
[[nodiscard]] Scenario parse_scenario(std::string_view json, std::string_view source);
/// @throws Error if the file cannot be read or is too large, too.
[[nodiscard]] Scenario load_scenario(const std::string& path);
/// Judges by the rules of an earlier version alone: newer ones are switched off, and every verdict says so.
/// @throws Error if no rule has come with that version.
void keep_rules_of(std::string_view version, Scenario& scenario);

/// The participant that `spec` describes, at a service of `saga` (whose pivot confirms orders).
[[nodiscard]] ParticipantFactory make_participant(const ParticipantSpec& spec, std::string_view service,
                                                  const Saga& saga);

/// A coordinator, choreography or participant with one known bug.
struct Mutant {
  std::string_view name;
  std::string_view group;             ///< forward, compensation, recovery, participant, choreography
  std::string_view bug;               ///< one sentence
  Rule predicted;                     ///< the rule that must see it
  int faults;                         ///< the smallest number of faults that shows it on `scenario`
  bool participant;                   ///< else a coordinator
  std::string_view scenario;          ///< the name of the saga, and of the file in scenarios/, that shows it
  std::string_view explanation = {};  ///< why another rule may be the one that sees it
  std::string_view equivalent = {};   ///< not empty: why no run can tell it from the reference
  bool choreography = false;          ///< of what the services of a choreography do, not of a coordinator
  bool together = false;              ///< takes several sagas at the same time: concurrent_mutant_case()
};
void PrintTo(const Mutant& value, std::ostream* out);

/// All mutants, in the order of their groups.
[[nodiscard]] std::span<const Mutant> mutants();
/// nullptr if there is none of that name.
[[nodiscard]] const Mutant* find_mutant(std::string_view name);

/// The name of the coordinator, and of the participants, without a bug.
inline constexpr std::string_view kReference = "reference";

/// What participants are called that lack one guarantee at one step:
/// `reference-without:tombstones@reserve_inventory`.
[[nodiscard]] std::string reference_without(Guarantee guarantee, std::string_view step);

/// The scenario with the named coordinator and participants (a participant's bug is in all that can have it;
/// a guarantee is withdrawn as reference_without() says).
/// @throws Error with the nearest name, or if no participant of the scenario can have the bug, or if there is
/// no such guarantee to withdraw.
[[nodiscard]] Experiment experiment(const Scenario& scenario, std::string_view coordinator = kReference,
                                    std::string_view participant = kReference);

/// The name of the coordinator, and of the participants, that a token was made with.
/// @throws Error if it is neither the reference, nor a mutant, nor lacks a guarantee of the scenario.
[[nodiscard]] std::string coordinator_of(const Token& token);
[[nodiscard]] std::string participant_of(const Token& token, const Scenario& scenario);

/// The mutant beside the reference, on `scenario`: what score() asks for. Where no participant of the
/// scenario can have the bug, it says so.
[[nodiscard]] MutantCase mutant_case(const Mutant& mutant, const Scenario& scenario);

/// Every guarantee of every step taken away in turn, in the order of the definition: what relies_on() asks
/// for. Where the definition has no use for one, or the scenario does not grant it anyway, it says so.
[[nodiscard]] std::vector<GuaranteeRemoval> guarantee_removals(const Scenario& scenario,
                                                               std::string_view coordinator = kReference);

}  // namespace saga_harness
