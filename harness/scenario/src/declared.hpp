#pragma once

#include <functional>
#include <map>
#include <string>

#include <saga_harness/scenario.hpp>

namespace saga_harness {

using ParticipantSpecs = std::map<std::string, ParticipantSpec, std::less<>>;  // by service

/// What decides how runs are judged and is in no other member of an Experiment, in one spelling: whatever the
/// order of keys in the file, the locale or the compiler. `cast`: every service, as it is made.
[[nodiscard]] std::string declared_by(const Scenario& scenario, const ParticipantSpecs& cast);

}  // namespace saga_harness
