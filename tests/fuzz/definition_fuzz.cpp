// A saga definition.

#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>

#include "fuzz.hpp"

namespace saga_harness::fuzz {

void try_input(std::string_view input) {
  const auto saga = accepted([&] { return parse_saga(input, "fuzz.json"); });
  if (!saga) return;
  require(find_problems(*saga).empty(), "a definition that was read is valid");
  const std::string json = to_json(*saga);
  const Saga again = parse_saga(json, "again.json");
  require(again == *saga, "a definition is read back equal");
  require(to_json(again) == json, "and printed alike");
  require(definition_hash(again) == definition_hash(*saga), "and hashed alike");
  const auto skipped = accepted([&] { return skipped_steps(*saga, saga->context); });
  require(!skipped || skipped->empty() || skipped->size() == saga->steps.size(),
          "every step is skipped or not");
  const SagaIndex index(*saga);
  require(index.order().size() == index.step_count(), "every step has its place in the order");
  require(index.hash() == definition_hash(*saga), "the index knows the definition's hash");
}

}  // namespace saga_harness::fuzz
