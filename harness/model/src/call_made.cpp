#include <saga_harness/call_made.hpp>

#include <saga_harness_internal/bound_data.hpp>

namespace saga_harness {
namespace {

std::optional<std::string> value_at(std::string_view json, std::string_view pointer) {
  return internal::FieldReader({std::string(pointer)}).read(json).front();
}

}  // namespace

std::optional<std::string> CallMade::payload_at(std::string_view pointer) const {
  return value_at(payload, pointer);
}
std::optional<std::string> CallMade::answer_at(std::string_view pointer) const {
  return value_at(answer, pointer);
}

bool operator==(const CallMade&, const CallMade&) = default;

}  // namespace saga_harness
