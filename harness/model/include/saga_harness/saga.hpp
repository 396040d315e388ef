#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/binding.hpp>
#include <saga_harness/condition.hpp>
#include <saga_harness/context.hpp>
#include <saga_harness/duration.hpp>
#include <saga_harness/predecessors.hpp>

namespace saga_harness {

/// How often an operation is tried and how long to wait in between.
/// The wait before attempt n+1 is `delay * factor^(n-1)`, never more than `max_delay` ("capped exponential
/// backoff").
struct RetryPolicy {
  int attempts = 1;  ///< tries altogether, at least 1
  Duration delay = std::chrono::milliseconds(100);
  double factor = 2.0;  ///< at least 1
  Duration max_delay = std::chrono::seconds(30);

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};
void PrintTo(const RetryPolicy& value, std::ostream* out);

/// The wait before attempt `attempt` (2, 3, …) under `policy`, cut to whole microseconds; none before the
/// first.
[[nodiscard]] Duration backoff(const RetryPolicy& policy, int attempt);

/// What a step of a choreography tells the others, by name of the event.
struct Emits {
  std::string success = {};  ///< its action is done
  std::string failure = {};  ///< its action was refused; empty: then nobody hears of it
  std::string compensated =
      {};  ///< its compensation is done, or there was nothing to undo; empty: nobody is told

  friend bool operator==(const Emits&, const Emits&);
};
void PrintTo(const Emits& value, std::ostream* out);

/// One local transaction of a saga and what undoes it. A plain value: write it with designated initialisers.
struct Step {
  std::string name = {};
  std::string service = {};
  std::string action = {};  ///< empty: the same as `name`
  std::string compensation =
      {};  ///< empty: none; then it must be a pivot, follow one, not be compensatable, or have no effect
  std::string fallback = {};  ///< an action to try when `action` has certainly done nothing; empty: none
  Duration timeout = std::chrono::seconds(10);
  RetryPolicy retry = {};
  Duration compensation_timeout = std::chrono::seconds(10);
  RetryPolicy compensation_retry = {.attempts = 3};
  bool idempotent = true;     ///< may be sent again when an earlier attempt may have worked
  bool compensatable = true;  ///< false: its effect cannot be undone (an e-mail)
  bool pivot = false;         ///< the point of no return: once done, the saga only goes forward
  /// False: it only looks (a query, a check). There is nothing to undo, whatever became of it, so it needs no
  /// compensation, and nobody is called because of it; but a saga that completes has been told that it is
  /// done.
  bool has_effect = true;
  /// Its failure does not fail the saga: what comes after it goes on without it. Where its action may have
  /// been done all the same, its effect stays if the saga completes, and is undone if the saga fails later.
  bool optional = false;
  /// If the saga is compensated, so is this step, although it was refused. For services that leave something
  /// behind when they refuse, and for kits that compensate the step that failed, too.
  bool compensated_if_refused = false;
  /// The steps that must be done first: by their names, kNoPredecessors or `{}` for none, so that it starts
  /// at once. Unless it is said: the previous step.
  Predecessors after = kPreviousStep;
  /// Nothing: always. Where it does not hold in the context that a run starts with, or in what an earlier
  /// step was answered, the step is *skipped*: never asked for, and those after it wait for those before it
  /// instead. See skipped_steps().
  std::optional<Condition> only_if = std::nullopt;
  /// What the requests of its action and fallback carry; empty: the saga's context.
  std::vector<Binding> input = {};
  /// What its compensation carries; empty: the saga's context. A service then undoes what that names.
  std::vector<Binding> compensation_input = {};
  /// What the answer to its action or fallback gives. An answer without is no usable answer.
  std::vector<ResultField> result = {};
  /// Where the answer to its action was lost, its compensation cannot carry what the answer gave. True: the
  /// idempotency key tells the service all the same what to undo. False: it does not, and the saga is
  /// flagged.
  bool compensates_without_result = true;
  // Of a choreography alone (see Saga::choreography); there, steps follow each other by these.
  std::vector<std::string> on_event = {};  ///< its action is due once all of them have come
  Emits emits = {};
  std::vector<std::string> compensate_on = {};  ///< its compensation is due when any of them comes

  friend bool operator==(const Step&, const Step&);
};
void PrintTo(const Step& value, std::ostream* out);

/// What makes a saga a choreography: no coordinator asks for its steps, each follows events of others.
struct Choreography {
  std::string starts_with = {};  ///< the event that starts it, from outside
  /// The event that a timer emits at Saga::deadline, unless the step `unless` is done by then; if it is not,
  /// it never will be: the service that has the step has the timer. Empty: there is no timer.
  std::string at_deadline = {};
  std::string unless = {};

  friend bool operator==(const Choreography&, const Choreography&);
};
void PrintTo(const Choreography& value, std::ostream* out);

/// A saga definition: ordered steps, each an action at a service and usually a compensation.
/// Terms: Garcia-Molina & Salem, "Sagas" (1987); pivot as in Richardson, "Microservices Patterns" (2018),
/// ch. 4.
struct Saga {
  std::string name = {};
  std::vector<Step> steps = {};
  std::optional<Duration> deadline = std::nullopt;  ///< forward work stops when this much time has passed
  /// Compensations that no order of the steps keeps apart run side by side; otherwise one after the other.
  bool parallel_compensation = false;
  Context context = {};  ///< what a run starts with unless a test says otherwise
  /// JSON pointers to fields of its data that no output shows, as `/card/number`. A part `*` is any member or
  /// item. See Masks.
  std::vector<std::string> mask = {};
  std::optional<Choreography> choreography = std::nullopt;  ///< nothing: a coordinator drives it

  friend bool operator==(const Saga&, const Saga&);
};
void PrintTo(const Saga& value, std::ostream* out);

/// By number, 1 for each step that a run with this start context skips, whatever its steps are answered;
/// empty if it skips none.
/// @throws Error that names step, pointer and context where a condition cannot be judged.
[[nodiscard]] std::vector<std::uint8_t> skipped_steps(const Saga& saga, const Context& context);

/// One thing wrong with a definition.
struct Problem {
  std::string pointer;  ///< JSON pointer (RFC 6901) of the culprit, e.g. `/steps/2/after/0`
  std::string message;  ///< what is wrong
  std::string fix;      ///< what to do about it
};
void PrintTo(const Problem& value, std::ostream* out);

/// Events of a choreography that lead nowhere or come from nowhere: failures that reach no step which may
/// have an effect left, subscriptions to what nobody emits, steps without a word of their failure. It can be
/// run all the same. Empty for a saga that is no choreography.
[[nodiscard]] std::vector<Problem> find_loose_events(const Saga& saga);

/// Everything wrong with `saga`, in document order; empty if it is good.
[[nodiscard]] std::vector<Problem> find_problems(const Saga& saga);

/// @throws Error that lists every problem with its pointer and fix.
void validate(const Saga& saga);

/// Reads and validates a definition. `source` is the name errors give to the text (a file name).
/// Refuses unknown and repeated keys, wrong types, bad UTF-8, texts over 16 MiB and nesting beyond 64 levels.
/// @throws Error with source, JSON pointer and fix.
[[nodiscard]] Saga parse_saga(std::string_view json, std::string_view source);

/// The definition as canonical JSON: every key present (those of choreographies only in one; `has_effect`,
/// `optional`, `compensated_if_refused`, `only_if`, those of data and `parallel_compensation` only where they
/// say something), in the order of the struct, durations with unit. parse_saga() reads it back to an equal
/// value.
[[nodiscard]] std::string to_json(const Saga& saga);

/// A stable 64-bit digest of the canonical JSON (FNV-1a), by which a token knows its saga. The values that
/// the context has in masked fields are no part of it.
[[nodiscard]] std::uint64_t definition_hash(const Saga& saga);

}  // namespace saga_harness

// Compiled in the library; otherwise each test file that writes a Saga compiles them again.
extern template class std::vector<saga_harness::Binding>;
extern template class std::vector<saga_harness::ResultField>;
extern template class std::optional<saga_harness::Condition>;
extern template class std::vector<saga_harness::Step>;
extern template class std::optional<saga_harness::Choreography>;
