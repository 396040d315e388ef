#include <saga_harness/search_reports.hpp>

namespace saga_harness {

std::string_view describe(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kDeduplicates:
      return "a request whose key was seen before is not done again";
    case Guarantee::kTombstones:
      return "an action that arrives after its compensation is refused";
    case Guarantee::kNullCompensation:
      return "compensating what never happened is accepted";
    case Guarantee::kIdempotentCompensation:
      return "compensating twice undoes once";
    case Guarantee::kDurableDedup:
      return "keys seen before are still known after a crash of the participant";
  }
  return "";
}

}  // namespace saga_harness
