#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/saga.hpp>

namespace saga_harness {

/// What no output shows of a saga's data: what stands at the JSON pointers of Saga::mask, in whatever carries
/// it, and in the fields of requests that are bound to it; and what the context has there, wherever it
/// stands, unless it is shorter than four characters. A value; one without masks shows everything.
class Masks {
 public:
  Masks() = default;
  explicit Masks(const Saga& saga) : Masks(saga, saga.context) {}
  Masks(const Saga& saga, const Context& start);  ///< of a run that starts with another context

  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }

  /// `json` with "***" in place of what is masked, in canonical form; as it is if nothing ever is. Where
  /// something may be, what cannot be read as JSON is masked as a whole.
  [[nodiscard]] std::string shown(std::string_view json) const { return shown_at("", json); }
  /// The same of a value that stands at this JSON pointer of a document.
  [[nodiscard]] std::string shown_at(std::string_view pointer, std::string_view json) const;
  /// Is a text that stands there masked?
  [[nodiscard]] bool hides(std::string_view pointer, std::string_view text) const;
  /// The definition with the context as it may be shown.
  [[nodiscard]] static Saga shown(Saga saga);

  friend bool operator==(const Masks&, const Masks&) = default;
  friend void PrintTo(const Masks& value, std::ostream* out);

 private:
  std::vector<std::string> fields_ = {};   // JSON pointers
  std::vector<std::string> secrets_ = {};  // canonical JSON of strings and numbers
};

}  // namespace saga_harness
