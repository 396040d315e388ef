#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <saga_harness_internal/json_reader.hpp>

namespace saga_harness::http {

/// Finds scalars in a request's body by JSON pointer. What is found by skipping over the rest is not known to
/// be of a whole JSON text; only where that does not do is the body read as one, at most once.
class BodyFields {
 public:
  explicit BodyFields(std::string_view body) : body_(body) {}

  /// A string or integer as text; empty if there is none.
  [[nodiscard]] std::string find(std::string_view pointer);

 private:
  std::string_view body_;
  std::optional<internal::JsonValue> document_ = std::nullopt;
};

}  // namespace saga_harness::http
