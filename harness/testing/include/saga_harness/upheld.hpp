#pragma once

#include <iosfwd>
#include <string>

#include <saga_harness/run.hpp>

namespace saga_harness {

struct Experiment;

/// Whether a run upholds every rule, as a value that says why not: each rule with its sentence and the events
/// that show it, the plan, the token. For assertions that show what they are given:
/// `RC_ASSERT(upheld(harness.run(plan)))`.
class Upheld {
 public:
  explicit Upheld(const Run& run);

  explicit operator bool() const noexcept { return holds_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  bool holds_ = false;
  std::string text_ = {};
};
[[nodiscard]] Upheld upheld(const Run& run);

void PrintTo(const Upheld& upheld, std::ostream* out);
void showValue(const Upheld& upheld, std::ostream& out);  // NOLINT(readability-identifier-naming)

namespace internal {

/// Subjects that did not do the same twice, by the test that found out and by their names.
[[nodiscard]] const std::string* known_nondeterminism(const std::string& test, const Experiment& subject);
const std::string& note_nondeterminism(const std::string& test, const Experiment& subject, const char* what);

}  // namespace internal
}  // namespace saga_harness
