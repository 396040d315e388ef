#include <saga_harness/predecessors.hpp>

namespace saga_harness {

Predecessors::Predecessors(std::initializer_list<Name> names) {
  names_.reserve(names.size());
  for (const Name& name : names) names_.push_back(name.text);
}

bool operator==(const Predecessors& a, const Predecessors& b) = default;

}  // namespace saga_harness
