#include "payloads.hpp"

#include <saga_harness_internal/json_pointer.hpp>

namespace saga_harness {

void Payloads::add(std::size_t event, std::string_view text) {
  if (!volatile_fields_.empty()) text = memory_.copy(internal::without_fields(text, volatile_fields_));
  sent_.push_back({static_cast<std::uint32_t>(event), text});
}

}  // namespace saga_harness
