#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <saga_harness/fault.hpp>

namespace saga_harness {

/// Decides what goes wrong. The engine never rolls dice: at every instant where something may, it asks.
/// Exhaustive search, random search, replay and shrinking are implementations of this.
class Choices {
 public:
  virtual ~Choices() = default;

  /// 0: no fault. n: `legal[n-1]` strikes at `point`. Must depend on nothing but earlier questions and
  /// answers.
  virtual std::size_t pick(const Point& point, std::span<const Alternative> legal) = 0;

  /// So many of the questions that follow are answered 0 whatever they are: the engine need not ask them.
  /// Looked at when a run begins and after every pick().
  [[nodiscard]] virtual std::uint32_t indifferent() { return 0; }

  /// True if instants that repeat an earlier one under another name (a crash before a call that directly
  /// follows a log write) are to be asked for as well: a plan written by hand may name either.
  [[nodiscard]] virtual bool wants_synonyms() const { return false; }
};

/// Nothing ever goes wrong.
class NoFaults final : public Choices {
 public:
  std::size_t pick(const Point& /*point*/, std::span<const Alternative> /*legal*/) override { return 0; }
};

}  // namespace saga_harness
