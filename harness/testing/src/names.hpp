#pragma once

#include <string_view>
#include <vector>

#include <saga_harness/run.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness::internal {

/// The operations behind a service's action, fallback or compensation; several if steps share it.
/// @throws Error with the nearest name, if there is none.
[[nodiscard]] std::vector<OperationId> operations_at(const SagaIndex& saga, std::string_view service,
                                                     std::string_view action);

/// The operations of that name at whatever service, or the action of the step of that name.
/// @throws Error with the nearest name, if there is none.
[[nodiscard]] std::vector<OperationId> operations_named(const SagaIndex& saga, std::string_view name);

/// The step of that name, or that this compensation undoes. @throws Error with the nearest name, if there is
/// none.
[[nodiscard]] StepId compensated_step(const SagaIndex& saga, std::string_view name);

/// @throws Error with the nearest name, if there is none.
[[nodiscard]] StepId step_named(const SagaIndex& saga, std::string_view name);

/// @throws Error with the nearest name, if there is none.
void check_service(const SagaIndex& saga, std::string_view service);

}  // namespace saga_harness::internal
