#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fault.hpp>
#include <saga_harness/saga_index.hpp>

namespace saga_harness {

/// A fault as a token holds it: the step not by name, but by a tag of its name.
struct TokenFault {
  enum class StepForm : std::uint8_t {
    kSaga,    ///< no step: the saga itself
    kTag,     ///< by the tag of its name: found again in a definition that has changed elsewhere
    kNumber,  ///< by its place in the definition, where two steps have the same tag
  };

  Fault fault = {};  ///< all but the name of the step
  StepForm form = StepForm::kSaga;
  std::uint16_t step = 0;

  friend bool operator==(const TokenFault&, const TokenFault&);
};
void PrintTo(TokenFault::StepForm value, std::ostream* out);
void PrintTo(const TokenFault& value, std::ostream* out);

/// A plan, and which definition and subject it was found with, as one word that a person can copy:
/// `sh2-` and letters, digits, `-`, `_`, at most 40 characters for two faults. Whoever mistypes one character
/// or swaps two is told so. harness/docs/tokens.md has the format.
struct Token {
  std::uint32_t definition = 0;   ///< see definition_tag()
  std::uint32_t coordinator = 0;  ///< a tag of its name
  std::uint32_t participant = 0;
  std::vector<TokenFault> faults = {};

  /// Of a plan in canonical form: see resolve(). @throws Error if the saga has no such step.
  [[nodiscard]] static Token of(const SagaIndex& saga, std::string_view coordinator,
                                std::string_view participant, const FaultPlan& plan);

  [[nodiscard]] bool has_coordinator(std::string_view name) const noexcept;
  [[nodiscard]] bool has_participant(std::string_view name) const noexcept;
  /// Was it made from this very definition?
  [[nodiscard]] bool is_of(const SagaIndex& saga) const noexcept;
  /// What the faults are in this definition, be it the same or one that has changed.
  /// @throws Error if it has no step that one of them strikes.
  [[nodiscard]] FaultPlan plan(const SagaIndex& saga) const;

  friend bool operator==(const Token&, const Token&);
};
void PrintTo(const Token& value, std::ostream* out);

/// The half of SagaIndex::hash() by which a token knows its definition.
[[nodiscard]] std::uint32_t definition_tag(const SagaIndex& saga) noexcept;

[[nodiscard]] std::string to_string(const Token& token);
/// Reads `sh1-` of earlier versions, too.
/// @throws Error that says what is wrong with it (not a token, cut off, mistyped, of another version).
[[nodiscard]] Token parse_token(std::string_view text);

}  // namespace saga_harness
