#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <saga_harness/observation.hpp>

#include "run_memory.hpp"

namespace saga_harness {

/// The data that the events of a run carried, without the fields that may differ from run to run.
class Payloads {
 public:
  Payloads(RunMemory& memory, const std::vector<std::string>& volatile_fields)
      : memory_(memory), volatile_fields_(volatile_fields) {}

  void clear() { sent_.clear(); }
  /// `text` must live as long as the run.
  void add(std::size_t event, std::string_view text);
  [[nodiscard]] std::span<const SentPayload> all() const { return sent_; }

 private:
  RunMemory& memory_;
  const std::vector<std::string>& volatile_fields_;
  std::vector<SentPayload> sent_;
};

}  // namespace saga_harness
