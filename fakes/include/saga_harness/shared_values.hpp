#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/fakes.hpp>

/// Values that several sagas read and change, and what they do about each other.
namespace saga_harness {

enum class AccessKind : std::uint8_t {
  kRead,
  kChange,
  kUndo,  ///< of the saga's own change
};
[[nodiscard]] std::string_view name_of(AccessKind value);

/// One access of one saga to one value. A value has versions, counted from 0: every change and every undoing
/// makes the next.
struct Access {
  std::uint32_t saga = 0;
  AccessKind kind = AccessKind::kRead;
  std::string step = {};
  std::string item = {};
  std::uint64_t version = 0;   ///< that was read, or made
  std::uint64_t based_on = 0;  ///< of a change or undoing: the version it was worked out from
  bool overwrites = false;     ///< whatever came between `based_on` and this is gone
  /// Of a change that depends on a condition: whether that held, with the values as they were.
  bool condition_held = true;

  friend bool operator==(const Access&, const Access&);
};
void PrintTo(const Access& value, std::ostream* out);

/// Who accessed what, in the order in which it happened. A participant of one's own may keep one, too.
class AccessHistory {
 public:
  void clear();
  void add(Access access);
  [[nodiscard]] std::span<const Access> accesses() const noexcept;

 private:
  std::vector<Access> accesses_;
};

/// What a service does so that sagas do not come between each other. Terms: L. Frank & T. Zahle, "Semantic
/// ACID properties in multidatabases" (1998); C. Richardson, "Microservices Patterns" (2018), 4.3.
struct Countermeasures {
  /// From a saga's first access to a value until the step that ends it, or until what it did is undone, other
  /// sagas are refused that value.
  bool semantic_lock = true;
  /// Changes add and subtract, and so does undoing them. Without it the sum is worked out from what was read,
  /// and written as a whole; undoing restores what was there before.
  bool commutative_update = true;
  /// Values are read again when they are changed, and what depends on them is decided anew. Without it what
  /// an earlier step of the saga has read counts.
  bool reread = true;

  friend bool operator==(const Countermeasures&, const Countermeasures&) = default;
};
void PrintTo(const Countermeasures& value, std::ostream* out);

/// The flag of that name: `semantic_lock`, `commutative_update`, `reread`. @throws Error with the nearest
/// name.
[[nodiscard]] bool& flag_of(Countermeasures& countermeasures, std::string_view name);

/// What a step does with the values. Names of values that begin with `/`, and amounts that are given as text,
/// are JSON pointers into the payload: `/account`, `-/amount`.
struct ValueUse {
  std::vector<std::string> reads = {};   ///< looked at, and remembered for the saga's later steps
  std::string changes = {};              ///< the value that is changed; empty: none
  std::string by = "0";                  ///< a number or a pointer, with a sign before it
  std::vector<std::string> sum_of = {};  ///< the condition: these together, after the change, are …
  std::int64_t at_least = 0;             ///< … at least so many; else the step is refused
  bool ends = false;                     ///< the saga's locks are given back

  friend bool operator==(const ValueUse&, const ValueUse&);
};
void PrintTo(const ValueUse& value, std::ostream* out);

/// Whole numbers by name, which steps (by name) use. Steps that are not named succeed and do nothing. Every
/// value is a quantity, restored on compensation. `history` is written to, if it is given: cleared at the
/// start of a run.
/// @throws Error if a use names what is not there, or a number is out of range (kMaxAmount).
[[nodiscard]] BusinessFactory shared_values(std::map<std::string, std::int64_t> values,
                                            std::map<std::string, ValueUse, std::less<>> uses,
                                            Countermeasures countermeasures = {},
                                            std::shared_ptr<AccessHistory> history = {});

}  // namespace saga_harness
