#include <saga_harness/version.hpp>

namespace saga_harness {

std::string_view library_version() { return kVersion; }

}  // namespace saga_harness
