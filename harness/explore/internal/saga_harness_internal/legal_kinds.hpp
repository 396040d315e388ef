#pragma once

#include <string_view>
#include <vector>

#include <saga_harness/experiment.hpp>

namespace saga_harness::internal {

/// Those of `kinds` that can strike nowhere in the subject's saga.
[[nodiscard]] std::vector<FaultKind> legal_nowhere(const Experiment& subject,
                                                   const std::vector<FaultKind>& kinds);

/// Each of `kinds` can strike somewhere. `asked_by`: where they were named.
/// @throws Error that names the first that cannot.
void expect_legal_somewhere(const Experiment& subject, const std::vector<FaultKind>& kinds,
                            std::string_view asked_by);

}  // namespace saga_harness::internal
