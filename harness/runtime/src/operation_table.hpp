#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/engine.hpp>
#include <saga_harness/fault.hpp>

#include "text_table.hpp"

namespace saga_harness {

class ParticipantTable;

/// An operation of the definition with everything a call needs to know, worked out once.
struct OperationInfo {
  Delivery delivery;  // template: names filled in
  std::uint32_t service = 0;
  std::uint32_t action = 0;
  std::uint16_t next = 0;  // another operation with the same action name; 0: none (numbers are index + 1)
  bool is_alone = true;    // no other operation has that action of that service
  Participant* participant = nullptr;
  std::int64_t timeout = 0;
  std::uint16_t budget = 1;
  std::vector<Alternative> at_call;
  std::vector<Alternative> during_call;
  std::vector<Alternative> at_tie;
  std::vector<Alternative> at_commit;
};

/// The operations and steps of a definition, found by the names that a coordinator calls them by; and what is
/// legal at the instants of the saga itself.
class OperationTable {
 public:
  OperationTable(const Setup& setup, const ParticipantTable& participants, TextTable& texts);

  [[nodiscard]] static std::size_t index_of(StepId step, Operation operation) {
    return static_cast<std::size_t>(step) * kOperationCount + static_cast<std::size_t>(operation);
  }
  [[nodiscard]] std::size_t size() const { return infos_.size(); }
  [[nodiscard]] const OperationInfo& at(std::size_t index) const { return infos_[index]; }
  /// Attempts that the definition allows, in all.
  [[nodiscard]] std::uint32_t budgets() const { return budgets_; }

  /// The index of what is asked for.
  /// @throws Error with the nearest name if the definition has no such operation, or more than one.
  std::uint32_t find(const Request& request);
  /// @throws Error with the nearest name.
  StepId find_step(std::string_view name);

  [[nodiscard]] const std::vector<Alternative>& at_crash() const { return at_crash_; }
  [[nodiscard]] const std::vector<Alternative>& at_write() const { return at_write_; }
  [[nodiscard]] const std::vector<Alternative>& after_end() const { return after_end_; }
  [[nodiscard]] const std::vector<Alternative>& at_resume() const { return at_resume_; }

 private:
  void add(StepId step, Operation operation, const Setup& setup);
  std::uint32_t look_up(const Request& request);
  [[noreturn]] void throw_unknown(const Request& request) const;
  [[noreturn]] void throw_unknown_step(std::string_view name) const;

  const SagaIndex& saga_;
  TextTable& texts_;
  std::vector<OperationInfo> infos_;            // by step and operation
  std::vector<std::uint16_t> first_by_action_;  // by text number, index + 1
  struct Found {
    const char* action = nullptr;
    std::uint16_t index = 0;
  };
  std::array<Found, 256> found_ = {};  // by where the text of the action lies: a guess, always verified
  std::vector<StepId> step_by_text_;   // by text number
  std::vector<Alternative> at_crash_;
  std::vector<Alternative> at_write_;
  std::vector<Alternative> after_end_;
  std::vector<Alternative> at_resume_;
  std::uint32_t budgets_ = 0;
};

}  // namespace saga_harness
