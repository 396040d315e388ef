#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/call_made.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/ledger.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>

namespace saga_harness {

/// One run of one saga, judged: everything there is to know about it. A value, independent of the engine it
/// came from.
struct Run {
  Run();  // these are compiled once, not in every test file
  ~Run();
  Run(const Run& other);
  Run(Run&& other) noexcept;
  Run& operator=(const Run& other);
  Run& operator=(Run&& other) noexcept;

  Outcome outcome = Outcome::kUnresolved;
  std::vector<std::string> flagged_steps = {};  ///< as the coordinator named them
  FaultPlan plan = {};                          ///< what was asked for
  FaultPlan fired = {};                         ///< what struck
  FaultPlan unfired = {};                       ///< planned, but its point was never reached
  Trace trace = {};
  Ledger ledger = {};
  std::vector<Verdict> verdicts = {};  ///< one per Rule, in their order, then the user's own
  std::string token = {};              ///< replays this run
  std::string repeat = {};             ///< how, in one line: a command, or a call in a test
  Saga saga = {};                      ///< the definition that was run: what the trace's step numbers mean

  /// What the coordinator asked for, in the order of asking; of a choreography nothing.
  std::vector<CallMade> calls = {};
  Duration elapsed = Duration::zero();  ///< how long it took, until the last event

  [[nodiscard]] std::vector<Verdict> violations() const;
  [[nodiscard]] bool upholds_all_invariants() const;
  friend bool operator==(const Run&, const Run&);
};
void PrintTo(const Run& value, std::ostream* out);

}  // namespace saga_harness
