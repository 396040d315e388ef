#include <saga_harness/http_fakes.hpp>

namespace saga_harness {

std::vector<Alternative> wire_alternatives(OperationId operation, const SagaIndex& saga,
                                           const HttpRunOptions& /*options*/) {
  return legal_alternatives(Where::kCall, operation, saga);
}

}  // namespace saga_harness
