#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/invariant.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness/known_finding.hpp>

namespace saga_harness {

/// Cells of the failure coverage that are out of reach, with a reason and somebody to ask. An exclusion
/// states that they cannot be tried here: one of them that strikes all the same proves it wrong.
struct Exclusion {
  std::string cells = {};  ///< a name as cell_name() has it; `*` stands for any characters
  std::string reason = {};
  std::string owner = {};
  std::string expires = {};  ///< `2027-06-30`: from the day after it counts no more

  friend bool operator==(const Exclusion&, const Exclusion&);
};
void PrintTo(const Exclusion& value, std::ostream* out);

/// A subject with everything needed to run and judge it.
struct Experiment {
  Setup setup = {};
  Claims claims = Claims::all();
  std::vector<SwitchedOff> switched_off = {};
  std::string rules_as_of = {};                ///< `0.1`: newer ones are among `switched_off`
  std::vector<Invariant> invariants = {};      ///< the user's own, judged after the built-in rules
  std::string coordinator_name = "reference";  ///< for tokens and reports
  std::string participant_name = "reference";
  /// What was said of participants, invariants and how they are served, in one spelling: whatever the order
  /// of keys, the locale or the compiler. Subjects that differ in it are not the same, whatever they are
  /// called.
  std::string declared = {};
  /// False: `declared`, the definition and the names of ours say all that there is to coordinator,
  /// participants and invariants.
  bool has_own_code = true;
  /// Which version of that code it is: `v12`. Empty: the build id of the executable tells versions apart.
  std::string version = {};
  std::string source = {};  ///< the scenario file it came from, if any: for repro lines and gtest cases
  /// The file that says how to reach the subject, if it is a process of its own: for repro lines.
  std::string target = {};
  std::vector<Exclusion> exclusions = {};
  std::vector<KnownFinding> known = {};  ///< set aside by searches
  /// False: a participant is an object of the test's own, such as a mock, whose state outlives a run. A run
  /// that violates a rule is then not run again to see whether it comes out alike.
  bool can_run_again = true;
};
void PrintTo(const Experiment& value, std::ostream* out);

/// @throws Error if `exclusion` lacks something, its day is no day, or it matches no cell of the experiment.
void validate(const Exclusion& exclusion, const Experiment& experiment);

/// `asked`, or if that is empty every kind that the subject's claims put in scope (see is_in_scope()).
[[nodiscard]] std::vector<FaultKind> kinds_in_scope(const Experiment& experiment,
                                                    const std::vector<FaultKind>& asked);

}  // namespace saga_harness
