#include <saga_harness/report.hpp>

namespace saga_harness {

std::string html_report(const Report& /*report*/, const Baseline* /*baseline*/) {
  throw Error("this version writes no HTML", ExitCode::kInternal);
}

}  // namespace saga_harness
