#include <optional>
#include <vector>

#include <saga_harness/saga.hpp>

template class std::vector<saga_harness::Binding>;
template class std::vector<saga_harness::ResultField>;
template class std::optional<saga_harness::Condition>;
template class std::vector<saga_harness::Step>;
template class std::optional<saga_harness::Choreography>;
