#pragma once

#include <memory>
#include <span>
#include <vector>

#include <saga_harness/engine.hpp>

namespace saga_harness {

/// The participants of an engine, by service, and what is measured of them.
class ParticipantTable {
 public:
  /// @throws Error if a service has no participant, or one is given for no service.
  explicit ParticipantTable(const Setup& setup);

  [[nodiscard]] Participant* of(std::string_view service) const;
  [[nodiscard]] std::span<const Quantity> quantities() const { return quantities_; }
  void reset();
  void measure(bool at_end);

 private:
  std::span<const std::string_view> services_;
  std::vector<std::unique_ptr<Participant>> participants_;  // by service
  std::vector<Quantity> quantities_;
  std::vector<std::int64_t> measured_;
};

}  // namespace saga_harness
