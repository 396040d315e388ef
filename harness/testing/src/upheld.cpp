#include <saga_harness/upheld.hpp>

#include <map>
#include <ostream>
#include <sstream>
#include <tuple>

#include <saga_harness/explore.hpp>

#include "judged_text.hpp"

namespace saga_harness {

Upheld::Upheld(const Run& run) {
  std::ostringstream seen;
  holds_ = internal::upholds(run, seen);
  text_ = "a run " + seen.str();
}

Upheld upheld(const Run& run) { return Upheld(run); }

void PrintTo(const Upheld& upheld, std::ostream* out) { *out << upheld.text(); }
void showValue(const Upheld& upheld, std::ostream& out) { out << upheld.text(); }

namespace internal {
namespace {

using Subject = std::tuple<std::string, std::string, std::string, std::string>;

std::map<Subject, std::string>& nondeterministic_subjects() {
  static std::map<Subject, std::string> subjects;
  return subjects;
}

Subject subject_of(const std::string& test, const Experiment& subject) {
  return {test, subject.setup.saga->saga().name, subject.coordinator_name, subject.participant_name};
}

}  // namespace

const std::string* known_nondeterminism(const std::string& test, const Experiment& subject) {
  const auto found = nondeterministic_subjects().find(subject_of(test, subject));
  return found == nondeterministic_subjects().end() ? nullptr : &found->second;
}

const std::string& note_nondeterminism(const std::string& test, const Experiment& subject, const char* what) {
  std::string text = std::string("nondeterministic: there is no counterexample to be had. ") + what;
  return nondeterministic_subjects()
      .insert_or_assign(subject_of(test, subject), std::move(text))
      .first->second;
}

}  // namespace internal
}  // namespace saga_harness
