#include "target_file.hpp"

#include "terminal.hpp"

namespace saga_harness::cli {

Target load_target_with_notes(const std::string& path) {
  Target target = load_target(path);
  for (const std::string& hint : target.hints) complain("note: " + hint);
  return target;
}

}  // namespace saga_harness::cli
