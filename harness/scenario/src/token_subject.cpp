// Which of the subjects that there are a token was made with.

#include <saga_harness/error.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/token.hpp>

namespace saga_harness {
namespace {

[[noreturn]] void refuse_own_subject(const std::string& sort) {
  throw Error(ErrorText{.message = "the " + sort + " of this token is none that saga-harness knows",
                        .fix = "if it is your own, replay the token in its test, with harness.replay(\"…\"); "
                               "else say which, with --" +
                               sort});
}

}  // namespace

std::string coordinator_of(const Token& token) {
  if (token.has_coordinator(kReference)) return std::string(kReference);
  for (const Mutant& mutant : mutants()) {
    if (!mutant.participant && token.has_coordinator(mutant.name)) return std::string(mutant.name);
  }
  refuse_own_subject("coordinator");
}

std::string participant_of(const Token& token, const Scenario& scenario) {
  if (token.has_participant(kReference)) return std::string(kReference);
  for (const Mutant& mutant : mutants()) {
    if (mutant.participant && token.has_participant(mutant.name)) return std::string(mutant.name);
  }
  for (const Step& step : scenario.saga.steps) {
    for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
      std::string name = reference_without(static_cast<Guarantee>(i), step.name);
      if (token.has_participant(name)) return name;
    }
  }
  refuse_own_subject("participant");
}

}  // namespace saga_harness
