#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/experiment.hpp>
#include <saga_harness/exploration.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>
#include <saga_harness/shared_values.hpp>

/// Several sagas at the same time on the same participants: searched over the orders in which their requests
/// arrive as well as over faults.
///
/// Each saga has an engine, and so a virtual time, of its own; all that sagas have in common is the
/// participants they share. So the only thing that can come out differently is the order in which those are
/// asked: a *turn* is one request that reaches a shared participant. How fast a saga is beside another is not
/// known, so every order is possible.
namespace saga_harness {

inline constexpr std::size_t kMostSagasAtOnce = 200;

/// What runs together.
struct ConcurrentExperiment {
  /// At least one; of one definition or of several. Saga ids must differ. Participants of services that are
  /// not shared are each saga's own.
  std::vector<Experiment> sagas = {};
  /// By service, one for all sagas that use it. Services of different names must have nothing in common.
  std::map<std::string, ParticipantFactory, std::less<>> shared = {};
  /// That the shared participants write. Without one, anomalies would not show, and no search is upheld.
  std::shared_ptr<AccessHistory> history = {};
  /// By saga, or empty: its context is another than that of which its known findings tell. They are set aside
  /// where they show, and not missed where they do not: explore() says whether they still show.
  std::vector<bool> has_other_context = {};
};
void PrintTo(const ConcurrentExperiment& value, std::ostream* out);

/// The sagas of `scenario` that run at the same time: one for each of Scenario::together, by the reference or
/// the coordinator that is named. What has a stock, balances or values is shared.
/// @throws Error if the scenario says nothing of sagas that run at the same time.
[[nodiscard]] ConcurrentExperiment concurrent_experiment(const Scenario& scenario,
                                                         std::string_view coordinator = kReference,
                                                         std::string_view participant = kReference);

/// The mutant beside the reference, both as sagas of `scenario` that run at the same time: what score() asks
/// for. Where the scenario has none, it says so.
[[nodiscard]] MutantCase concurrent_mutant_case(const Mutant& mutant, const Scenario& scenario);

/// A request that reached a shared participant.
struct Turn {
  std::size_t saga = 0;
  std::string service = {};
  std::string action = {};
  std::string step = {};
  std::uint16_t attempt = 1;
  ReplyStatus answer = ReplyStatus::kOk;

  friend bool operator==(const Turn&, const Turn&) = default;
};
void PrintTo(const Turn& value, std::ostream* out);

/// What goes wrong, and in which order the sagas' requests arrive: data, which replays a run.
struct ConcurrentPlan {
  std::vector<FaultPlan> faults = {};  ///< by saga; missing: none
  /// Whose turn it is, as long as that saga has a request waiting; after the last of them, and where it has
  /// none: the saga that had the turn before goes on, or else the first that can.
  std::vector<std::uint8_t> turns = {};

  friend bool operator==(const ConcurrentPlan&, const ConcurrentPlan&) = default;
};
void PrintTo(const ConcurrentPlan& value, std::ostream* out);
/// `turns 1 2 2 1; 2: process_payment#1:rejected`. Sagas are counted from 1.
[[nodiscard]] std::string to_string(const ConcurrentPlan& plan);
/// @throws Error that quotes the faulty part.
[[nodiscard]] ConcurrentPlan parse_concurrent_plan(std::string_view text);

/// What can go wrong between sagas. Terms: H. Berenson et al., "A critique of ANSI SQL isolation levels"
/// (1995); for sagas, C. Richardson, "Microservices Patterns" (2018), 4.3.
enum class Anomaly : std::uint8_t {
  kLostUpdate,  ///< a change is overwritten by a saga that has not seen it
  kDirtyRead,   ///< a saga completed that had read what another took back
  kWriteSkew,   ///< a condition that each saga had looked at does not hold after both
  /// A step only reads what an earlier step of its saga has read, and another saga has changed it in between:
  /// what the saga has made of both does not fit together. A step that changes something decides anew.
  kNonRepeatableRead,
};
inline constexpr std::size_t kAnomalyCount = 4;
[[nodiscard]] std::string_view name_of(Anomaly anomaly);  ///< `lost update`

/// What is wrong with a run of several sagas.
struct ConcurrentViolation {
  /// `I1 truthful outcome`, `lost update`, the name of a quantity that was to be conserved, or of an
  /// invariant of one's own.
  std::string rule = {};
  std::size_t saga = 0;  ///< the one it is about
  std::string explanation = {};
  std::string step = {};  ///< of a built-in rule, if it is about a step

  friend bool operator==(const ConcurrentViolation&, const ConcurrentViolation&) = default;
};
void PrintTo(const ConcurrentViolation& value, std::ostream* out);

struct ConcurrentRun {
  ConcurrentPlan plan = {};  ///< with every turn that was taken
  std::vector<Turn> turns = {};
  std::vector<Run> sagas = {};            ///< each judged by the built-in rules; without a token
  std::vector<Quantity> quantities = {};  ///< of the shared participants, named after them
  std::vector<Access> accesses = {};
  std::vector<ConcurrentViolation> violations = {};
  FaultPlan unfired = {};  ///< planned, but their point was never reached

  [[nodiscard]] bool finds_no_violation() const noexcept { return violations.empty(); }
};
void PrintTo(const ConcurrentRun& value, std::ostream* out);

/// Runs one plan and judges it. @throws Error if the plan does not fit.
[[nodiscard]] ConcurrentRun run_concurrently(const ConcurrentExperiment& experiment,
                                             const ConcurrentPlan& plan = {});

/// The anomalies in `accesses`, of sagas that ended so; each once, at its first sight.
[[nodiscard]] std::vector<ConcurrentViolation> find_anomalies(std::span<const Access> accesses,
                                                              std::span<const Outcome> outcomes);

struct InterleavingOptions {
  int max_faults = 1;                 ///< of all sagas together
  std::vector<FaultKind> kinds = {};  ///< empty: all that the subjects' claims put in scope, but
                                      ///< for ok_before_effect, against which no lock helps
  bool windows = true;
  std::uint64_t max_schedules = 0;       ///< 0: no bound; else stop there, not exhausted
  Duration max_time = Duration::zero();  ///< zero: no bound; else no order is begun after it, not exhausted
  bool stop_at_first_violation = false;  ///< of any saga, not exhausted
  bool sample_ok = false;  ///< of sample_interleavings(): no violation is upheld, not inconclusive
  std::string today = {};  ///< `2027-06-30`, by which known findings expire; empty: none does
};
void PrintTo(const InterleavingOptions& value, std::ostream* out);

/// A violation with the plan that shows it with the fewest faults, and of those the fewest changes from one
/// saga to another.
struct ConcurrentFinding {
  ConcurrentViolation violation = {};
  ConcurrentPlan plan = {};
  std::uint64_t schedules = 0;  ///< how many show it
};
void PrintTo(const ConcurrentFinding& value, std::ostream* out);

/// A known finding of the sagas (Experiment::known): shown and not counted. With a plan, that one of a saga
/// by itself; what nothing but another saga brings about is no built-in rule's, and cannot be known.
struct ConcurrentKnown {
  KnownFinding known = {};
  KnownState state = KnownState::kOutOfReach;
  bool in_reach = false;                              ///< a whole search of these bounds would show it
  std::uint64_t schedules = 0;                        ///< that show it
  std::optional<ConcurrentPlan> plan = std::nullopt;  ///< the first that shows it with the fewest faults
};
void PrintTo(const ConcurrentKnown& value, std::ostream* out);

struct Interleavings {
  std::uint64_t schedules = 0;
  std::uint64_t repeated = 0;  ///< … left early, because they are others in another order
  bool exhausted = false;      ///< every order of up to max_faults faults was run
  std::vector<LevelCount> levels = {};
  std::uint64_t violated_schedules = 0;
  std::vector<ConcurrentFinding> findings = {};  ///< fewest faults first, then by name
  std::vector<ConcurrentKnown> known = {};       ///< each that some saga has; not among the findings
  /// How often each end of a saga was seen, by Outcome.
  std::array<std::uint64_t, 4> outcomes = {};
  std::vector<std::string> markers = {};  ///< markers passed in any run (see Runtime::mark()), sorted
  std::vector<Earned> earned = {};        ///< by saga: what it has seen of what it owes
  /// Two sagas were at a shared participant, and what they did there was seen: accesses or quantities.
  bool watched = false;
  SearchVerdict verdict = {};  ///< of it all, computed when the search was over

  [[nodiscard]] bool finds_no_violation() const noexcept { return violated_schedules == 0; }
};
void PrintTo(const Interleavings& value, std::ostream* out);

/// Every order of the sagas' turns, under every plan of up to max_faults faults. Of orders that differ only
/// in turns at different services one is run (of each class the first in the order of the sagas;
/// Mazurkiewicz, "Trace theory", 1986).
/// A subject that is not deterministic ends the search: SearchVerdict::error says so.
[[nodiscard]] Interleavings explore_interleavings(const ConcurrentExperiment& experiment,
                                                  const InterleavingOptions& options = {});

/// As explore_interleavings(), but so many schedules drawn at random, of at most max_faults faults each: for
/// what cannot be searched through. Same seed, same schedules.
[[nodiscard]] Interleavings sample_interleavings(const ConcurrentExperiment& experiment,
                                                 const InterleavingOptions& options, std::string_view seed,
                                                 std::uint64_t schedules);

}  // namespace saga_harness
