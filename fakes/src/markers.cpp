#include <saga_harness/fakes.hpp>

namespace saga_harness {

std::string_view marker_of(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kDeduplicates:
      return markers::kNoDedup;
    case Guarantee::kTombstones:
      return markers::kNoTombstone;
    case Guarantee::kNullCompensation:
      return markers::kNullCompensationFails;
    case Guarantee::kIdempotentCompensation:
      return markers::kCompensationNotIdempotent;
    case Guarantee::kDurableDedup:
      break;
  }
  return markers::kDedupNotDurable;
}

}  // namespace saga_harness
