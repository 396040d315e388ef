#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/explore.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/source_place.hpp>

namespace saga_harness {

struct HttpSpec;
struct Scenario;
struct Token;

/// Receives what a test did wrong without its noticing. Without one such a mistake is thrown as an Error.
using FailureReporter = std::function<void(const SourcePlace& place, const std::string& message)>;

/// Returns the one before. `saga_harness/testing.hpp` sets one that fails the current gtest case.
FailureReporter set_failure_reporter(FailureReporter reporter);

/// On which attempts a fault strikes. Nothing: on the first and no other. `{.attempt = 2}`: on the second
/// only.
struct Scope {
  int attempt = 1;
  FaultDuration window = FaultDuration::kOnce;

  friend bool operator==(const Scope&, const Scope&) = default;
};
inline constexpr Scope kAllAttempts{.window = FaultDuration::kForever};  ///< recovery after the end included
inline constexpr Scope kUntilHeal{.window =
                                      FaultDuration::kHeal};  ///< until the faults stop at the end of the run
inline constexpr Scope kWholeBudget{
    .window = FaultDuration::kBudget};  ///< as often as the definition lets it be tried
[[nodiscard]] constexpr Scope on_attempt(int attempt) { return {.attempt = attempt}; }

/// What of a saga a fault aims at: `"process_payment"`, `{"payment_service", "refund_payment"}`,
/// `at_compensation("process_payment")`.
struct At {
  /// A step, for its action; or an action, fallback or compensation, if only one is called that.
  At(std::string_view of_step) : name(of_step) {}    // NOLINT(google-explicit-constructor): a name is a place
  At(const char* of_step) : name(of_step) {}         // NOLINT(google-explicit-constructor)
  At(const std::string& of_step) : name(of_step) {}  // NOLINT(google-explicit-constructor)
  /// An action, fallback or compensation, by the name the service knows it by.
  At(std::string_view of_service, std::string_view action) : service(of_service), name(action) {}

  /// The same at another instant than the call: `At("process_payment").at(Instant::kBeforeIntent)`.
  [[nodiscard]] At at(Instant instant) const;

  std::string service = {};
  std::string name;
  std::optional<Operation> operation = std::nullopt;
  std::optional<Instant> instant = std::nullopt;

  friend bool operator==(const At&, const At&);
};
/// The action of a step.
[[nodiscard]] At at_step(std::string_view step);
/// What undoes a step.
[[nodiscard]] At at_compensation(std::string_view step);
/// What a step tries when its action certainly did nothing.
[[nodiscard]] At at_fallback(std::string_view step);
/// The saga itself: its records in the log, when it is started, when it ends.
[[nodiscard]] At at_saga();

/// How slow a participant is: 1 us under the caller's timeout, at its very instant, 1 us over it.
enum class Delay : std::uint8_t { kUnderTimeout, kAtTimeout, kOverTimeout };
/// When the copy of a duplicated request arrives: right after the original, or after the step's compensation.
enum class Copy : std::uint8_t { kAtOnce, kLater };
/// When a late request arrives: after the caller gave up, after the step's own compensation, after the saga's
/// end.
enum class Late : std::uint8_t { kAfterTimeout, kAfterCompensation, kAfterEnd };
/// Whether what was asked for was done all the same.
enum class Done : std::uint8_t { kNo, kYes };
/// Which way a clock jumps.
enum class ClockJump : std::uint8_t { kForward, kBack };

enum class RunAgain : std::uint8_t;

/// Declared here for SagaTestHarness::use_http(), defined in saga_harness::http: see over_http.hpp.
std::function<Experiment(const Experiment&)> http_wire();
std::function<Experiment(const Experiment&)> http_wire(const HttpSpec& spec);

/// Runs one saga under faults that a test chooses, in virtual time, and judges every run.
///
/// Until told otherwise: the reference orchestrator, and a ledger fake for every service.
///
/// Faults are planned one by one and strike in the next start_saga(), which uses them up. A name that does
/// not exist is refused on the spot, with the nearest that does and the line that said it; a planned fault
/// that never strikes fails the test at the line that planned it. So a test cannot be green because nothing
/// happened.
class SagaTestHarness {
 public:
  /// @throws Error if the definition is bad.
  explicit SagaTestHarness(const Saga& saga);
  /// With the participants and the switched-off rules of a scenario.
  explicit SagaTestHarness(const Scenario& scenario);
  /// With a coordinator or participants of one's own choice, e.g. `experiment(scenario, "forward_order")`.
  explicit SagaTestHarness(Experiment experiment);
  /// From a scenario file, with the named coordinator and participants: see experiment(). Whoever looks into
  /// the Scenario itself includes saga_harness/scenario.hpp.
  /// @throws Error with file, JSON pointer and fix; with the nearest name.
  [[nodiscard]] static SagaTestHarness from_file(const std::string& path,
                                                 std::string_view coordinator = "reference",
                                                 std::string_view participant = "reference");

  SagaTestHarness(SagaTestHarness&&) noexcept;
  SagaTestHarness& operator=(SagaTestHarness&&) = delete;
  /// Faults that were planned and never tried fail the test, too.
  ~SagaTestHarness();

  // ---- the subject

  /// Tests `coordinator` instead of the reference. It has promised nothing until `claims` says so, and is
  /// judged by outcome and order alone.
  SagaTestHarness& use_coordinator(Coordinator coordinator, Claims claims = {});
  /// Of a choreography: tests the handlers that `factory` makes instead of the reference, as
  /// use_coordinator() does with coordinators. A handler's memory is that of its service: see
  /// EventHandlerFactory.
  SagaTestHarness& use_choreography(EventHandlerFactory factory, Claims claims = {});
  /// A plain function, which has no memory of its own, for all services.
  SagaTestHarness& use_choreography(Handled (*handler)(const EventDelivery&, HandlerContext&),
                                    Claims claims = {});
  SagaTestHarness& claims(Claims claims);
  /// How a run without faults is expected to end, if not completed: see Owed::without_faults.
  SagaTestHarness& expects(Outcome outcome);
  /// JSON pointers to fields of payloads that may differ from run to run:
  /// `volatile_fields({"/requested_at"})`. Everything else that is sent must be the same, or the subject is
  /// not deterministic.
  /// @throws Error if one is no JSON pointer.
  SagaTestHarness& volatile_fields(std::vector<std::string> pointers);
  /// What the coordinator under test is called in tokens and records. Without a name, its runs are reported
  /// test by test: another test may mean another coordinator.
  /// `version` says which one of that name, its participants and invariants of the test's own included: a
  /// search that is resumed or merged, and records, of another version are of another subject. Without it the
  /// build id of the executable tells versions apart.
  SagaTestHarness& named(std::string coordinator, std::string version = {});
  /// @throws Error with the nearest name, if the saga has no such service.
  SagaTestHarness& use_participant(std::string_view service, ParticipantFactory factory,
                                   SourcePlace place = SourcePlace::here());
  /// Uses an object of the test's, which must outlive the harness: a MockParticipant, or one to be asked
  /// afterwards.
  SagaTestHarness& use_participant(std::string_view service, Participant& participant,
                                   SourcePlace place = SourcePlace::here());
  /// From now on every delivery is a real HTTP request to the participant, which is served on a free port of
  /// 127.0.0.1. Nothing else changes, the outcome of no test either: see over_http(). Who calls this links
  /// saga_harness::http (component http), or the linker misses http_wire().
  SagaTestHarness& use_http() { return run_over(http_wire()); }
  SagaTestHarness& use_http(const HttpSpec& spec) { return run_over(http_wire(spec)); }
  /// Leaves a rule out of every judgement. @throws Error if no reason is given.
  SagaTestHarness& switch_off(Rule rule, std::string reason, SourcePlace place = SourcePlace::here());
  /// The same by name: that of an invariant of one's own, or the id or name of a built-in rule.
  SagaTestHarness& switch_off(std::string_view name, std::string reason,
                              SourcePlace place = SourcePlace::here());
  /// Judges by the rules of an earlier version alone, `0.1`: newer ones are switched off, and verdicts say
  /// so.
  /// @throws Error if no rule has come with that version.
  SagaTestHarness& rules_as_of(std::string_view version, SourcePlace place = SourcePlace::here());
  /// Sets a finding aside: explore() shows it and does not count it, until it expires or shows no more, which
  /// the matcher says and fails. Today is what the environment variable SAGA_HARNESS_TODAY says, or
  /// ExploreOptions::today; without both nothing expires. A run by itself is judged as ever.
  /// @throws Error if something is missing, or there is no such rule or step.
  SagaTestHarness& known(KnownFinding finding, SourcePlace place = SourcePlace::here());
  /// Judges every run by a rule of one's own, too. @throws Error if it has no name, no check, or a name that
  /// is taken.
  SagaTestHarness& add_invariant(Invariant invariant);

  // ---- faults for the next start_saga(): `lose_reply("process_payment")`,
  // `fail({"payment_service", "refund_payment"}, on_attempt(2))`

  /// A definite business error, nothing done.
  SagaTestHarness& fail(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// A 503, nothing done.
  SagaTestHarness& make_unavailable(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// A 500, but done.
  SagaTestHarness& fail_after_effect(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// Never delivered.
  SagaTestHarness& lose_request(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// Done, but the caller never hears.
  SagaTestHarness& lose_reply(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// Done, but the caller hears only after it gave up.
  SagaTestHarness& delay_reply(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// Delivered twice.
  SagaTestHarness& duplicate(const At& at, Copy copy = Copy::kAtOnce, Scope scope = {},
                             SourcePlace place = SourcePlace::here());
  /// The participant is slow, measured against the caller's timeout.
  SagaTestHarness& delay(const At& at, Delay how, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// The request arrives when nobody waits for it any more.
  SagaTestHarness& deliver_late(const At& at, Late when = Late::kAfterTimeout, Scope scope = {},
                                SourcePlace place = SourcePlace::here());
  /// A 429 with a Retry-After, nothing done, nor until then.
  SagaTestHarness& rate_limit(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// An answer that nobody can read; what was asked is done, or not.
  SagaTestHarness& corrupt_reply(const At& at, Done done = Done::kYes, Scope scope = {},
                                 SourcePlace place = SourcePlace::here());
  /// Never delivered; somebody else's success comes as the answer.
  SagaTestHarness& mismatch_reply(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// Delivered only after the next request of the saga.
  SagaTestHarness& reorder_request(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// The participant dies before or after its work, and starts again.
  SagaTestHarness& crash_participant(const At& at, Done done = Done::kNo, Scope scope = {},
                                     SourcePlace place = SourcePlace::here());
  /// The coordinator dies around a call or a log record, and is started again over its log:
  /// `crash_coordinator("process_payment", Instant::kAfterCall)`, `crash_coordinator(at_saga(),
  /// Instant::kBeforeEnd)`.
  SagaTestHarness& crash_coordinator(const At& at, Instant instant, Scope scope = {},
                                     SourcePlace place = SourcePlace::here());
  /// While the coordinator waits for this call it is suspended, taken for dead, and wakes up when another has
  /// ended the saga.
  SagaTestHarness& take_over_during(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// … somebody asks for the saga to be cancelled.
  SagaTestHarness& cancel_during(const At& at, Scope scope = {}, SourcePlace place = SourcePlace::here());
  /// … the request to start the saga comes a second time.
  SagaTestHarness& start_again_during(const At& at, Scope scope = {},
                                      SourcePlace place = SourcePlace::here());
  /// … the coordinator's clock jumps by an hour.
  SagaTestHarness& jump_clock_during(const At& at, ClockJump how, Scope scope = {},
                                     SourcePlace place = SourcePlace::here());
  /// A write to the saga log fails, and the coordinator is told: `fail_log_write("pay",
  /// Instant::kBeforeIntent)`, once or until heal.
  SagaTestHarness& fail_log_write(const At& at, Instant instant, Scope scope = {},
                                  SourcePlace place = SourcePlace::here());
  /// Any fault of the catalogue, by its kind or its name, at the instant where it belongs, or at the one that
  /// is given: `inject("log_write_torn", At("pay").at(Instant::kBeforeIntent))`.
  SagaTestHarness& inject(FaultKind kind, const At& at, Scope scope = {},
                          SourcePlace place = SourcePlace::here());
  SagaTestHarness& inject(std::string_view kind, const At& at, Scope scope = {},
                          SourcePlace place = SourcePlace::here());
  /// A whole plan, as a value or in its one-line form: `plan("process_payment.action#1:reply_lost")`.
  SagaTestHarness& plan(const FaultPlan& faults, SourcePlace place = SourcePlace::here());
  SagaTestHarness& plan(std::string_view one_line, SourcePlace place = SourcePlace::here());

  // ---- running

  /// Runs the saga under the faults planned since the last start. An empty context means the definition's
  /// own.
  Run start_saga(const Context& start_context = {});
  /// Runs the saga under the faults of a token, as a finding shows it: `harness.replay("sh2-…")`. They fail
  /// the test if they do not strike, as planned ones do. An empty context means the definition's own.
  /// @throws Error if the token is damaged, was made with another coordinator or other participants, or
  /// strikes what the definition does not have; if there are planned faults.
  Run replay(std::string_view token, const Context& start_context = {},
             SourcePlace place = SourcePlace::here());
  /// Runs the saga under `faults` and nothing else. For plans that no person wrote: faults that never strike
  /// are listed in Run::unfired, and that is all. They are run a second time, to see whether they come out
  /// alike. @throws Error if there are planned faults that would be
  /// ignored.
  Run run(const FaultPlan& faults);
  /// Every schedule of up to ExploreOptions::max_faults faults. @throws Error if there are planned faults, or
  /// none of the kinds that are asked for can strike anywhere in the saga.
  Exploration explore(const ExploreOptions& options = {});

  // ---- the last run. @throws Error if there was none.

  [[nodiscard]] const Run& last_run() const;
  [[nodiscard]] Outcome outcome() const { return last_run().outcome; }
  [[nodiscard]] const Trace& trace() const { return last_run().trace; }
  [[nodiscard]] const Ledger& ledger() const { return last_run().ledger; }
  [[nodiscard]] std::vector<Verdict> violations() const;
  /// How often the coordinator sent this request, lost ones included. @throws Error with the nearest name.
  [[nodiscard]] std::size_t call_count(std::string_view service, std::string_view action,
                                       SourcePlace place = SourcePlace::here()) const;
  [[nodiscard]] bool was_called(std::string_view service, std::string_view action,
                                SourcePlace place = SourcePlace::here()) const {
    return call_count(service, action, place) > 0;
  }
  /// Those requests of the last run, in the order of sending: what they carried and what came of them.
  /// @throws Error with the nearest name.
  [[nodiscard]] std::vector<CallMade> calls(std::string_view service, std::string_view action,
                                            SourcePlace place = SourcePlace::here()) const;
  /// What the participant really did for a step. @throws Error with the nearest name.
  [[nodiscard]] Effect effect(std::string_view step, SourcePlace place = SourcePlace::here()) const;

  [[nodiscard]] const SagaIndex& saga() const noexcept { return *experiment_.setup.saga; }
  [[nodiscard]] const Experiment& experiment() const noexcept { return experiment_; }

 private:
  struct Planned {
    Fault fault;
    SourcePlace place;
  };

  using Wire = std::function<Experiment(const Experiment&)>;

  SagaTestHarness& run_over(Wire wire);
  SagaTestHarness& add(Fault fault, const SourcePlace& place);
  void refuse_planned(std::string_view call) const;
  Run run_planned(const std::vector<Planned>& planned, const Context& start_context);
  Run run_judged(const Experiment& experiment, const FaultPlan& faults, RunAgain again);
  void check_subject(const Token& token) const;
  void use_own_code();

  [[nodiscard]] Experiment subject() const;

  Experiment experiment_;
  Wire wire_ = {};
  std::vector<Planned> planned_ = {};
  std::optional<Run> last_ = std::nullopt;
  std::exception_ptr nondeterminism_ = {};  // what was seen once is said of every later run
};

}  // namespace saga_harness
