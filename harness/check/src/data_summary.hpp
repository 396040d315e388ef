#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <saga_harness/observation.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness_internal/bound_data.hpp>

namespace saga_harness {

/// What requests carried in the fields that the definition binds, beside what it binds them to.
struct DataSummary {
  bool any_sent = false;              ///< a bound request was
  std::uint32_t wrong = kNoEvent;     ///< the first request that carried another value
  std::uint32_t given_by = kNoEvent;  ///< … the answer that had the right one, or the request that differs
  bool is_same_key = false;           ///< … two requests of one key differ
  std::size_t field = 0;              ///< … by its place among the bindings
  std::string expected = {};          ///< JSON text; empty: nothing that anybody could know
  std::string carried = {};           ///< … empty: nothing

  static constexpr std::uint32_t kNoEvent = 0xFFFF'FFFF;
};

/// Reads the data of runs, of a saga that binds some.
class DataReader {
 public:
  explicit DataReader(const SagaIndex& saga);
  /// `skipped`: by step, as the context or answers have it; empty: none.
  const DataSummary& read(const Observation& seen, std::span<const std::uint8_t> skipped);

 private:
  using Fields = internal::FieldReader::Fields;
  struct BoundField {
    const ValueSource* source;
    StepId from = kNoStep;  // whose result it is …
    std::size_t place = 0;  // … there, or in the context
    std::string constant = {};
  };
  struct BoundOperation {
    std::vector<BoundField> fields = {};
    internal::FieldReader reader{{}};
  };
  struct Given {
    std::uint32_t event;
    std::uint8_t incarnation;
    const Fields* fields;
  };
  struct Sent {
    std::uint32_t key;
    std::uint32_t event;
    const BoundOperation* operation;
    const Fields* fields;
  };

  [[nodiscard]] BoundOperation bound(const Step& step, Operation operation);
  void reset(const Observation& seen);
  void answered(const Event& event, std::uint32_t at);
  void sent(const Event& event, std::uint32_t at);
  void compare(const Event& event, std::uint32_t at, std::size_t place, const BoundField& field,
               const std::optional<std::string>& carried);
  void compare_result(const Event& event, std::uint32_t at, std::size_t place, const BoundField& field,
                      const std::optional<std::string>& carried);
  void compare_with_same_key(const Event& event, std::uint32_t at, const BoundOperation& operation,
                             const Fields& fields);
  void note_wrong(std::uint32_t at, std::size_t place, std::uint32_t given_by,
                  const std::optional<std::string>& expected, const std::optional<std::string>& carried);
  [[nodiscard]] bool may_be_unknown(const Event& event, StepId from) const;

  const SagaIndex& saga_;
  std::vector<std::string> context_pointers_;
  std::vector<BoundOperation> operations_;  // by step and operation
  internal::FieldReader context_reader_{{}};
  std::vector<internal::FieldReader> result_readers_;  // by step

  // Of one run:
  const Observation* seen_ = nullptr;
  std::span<const std::uint8_t> skipped_ = {};
  const Fields* context_ = nullptr;
  std::size_t next_payload_ = 0;
  std::size_t next_answer_ = 0;
  std::vector<std::vector<Given>> heard_;     // by step: answers that reached their caller
  std::vector<std::vector<Given>> answered_;  // by step: those that were given
  std::vector<std::uint8_t> done_logged_;     // by step
  std::vector<Sent> keys_;
  bool log_struck_ = false;
  DataSummary summary_;
};

}  // namespace saga_harness
