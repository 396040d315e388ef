#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/score.hpp>

namespace saga_harness {

std::vector<FaultClass> fault_classes() {
  std::vector<FaultClass> classes;
  for (const std::string_view name : kFaultAreaNames) classes.push_back({.name = std::string(name)});
  for (const FaultRow& row : kFaultCatalogue)
    classes[static_cast<std::size_t>(row.area)].kinds.push_back(row.kind);
  return classes;
}

}  // namespace saga_harness
