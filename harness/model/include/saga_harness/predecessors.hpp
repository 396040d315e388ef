#pragma once

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace saga_harness {

/// Said instead of names: the step before it in the definition.
struct PreviousStep {
  explicit constexpr PreviousStep(int) {}
};
inline constexpr PreviousStep kPreviousStep{0};

/// Said instead of names: none, it can start at once.
struct NoPredecessors {
  explicit constexpr NoPredecessors(int) {}
};
inline constexpr NoPredecessors kNoPredecessors{0};

/// Which steps must be done before a step starts: `.after = {"book_flight", "book_hotel"}`. `{}` is what it
/// looks like, and what `"after": []` is in JSON: none, as kNoPredecessors says it in words.
class Predecessors {
 public:
  /// The name of a step.
  struct Name {
    template <std::convertible_to<std::string> Text>
    Name(const Text& name) : text(name) {}  // NOLINT(google-explicit-constructor): `{"book_flight"}`
    std::string text;
  };

  Predecessors() = default;
  Predecessors(NoPredecessors /*none*/) {}                              // NOLINT(google-explicit-constructor)
  Predecessors(PreviousStep /*previous*/) : is_previous_step_(true) {}  // NOLINT(google-explicit-constructor)
  Predecessors(std::vector<std::string> names)
      : names_(std::move(names)) {}  // NOLINT(google-explicit-constructor)
  Predecessors(std::initializer_list<Name> names);

  /// The step before it, whatever that is called; none for the first.
  [[nodiscard]] bool is_previous_step() const noexcept { return is_previous_step_; }
  /// Those that are named; empty where it is the previous step.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

  friend bool operator==(const Predecessors&, const Predecessors&);

 private:
  std::vector<std::string> names_ = {};
  bool is_previous_step_ = false;
};
void PrintTo(const Predecessors& value, std::ostream* out);

}  // namespace saga_harness
