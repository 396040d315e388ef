// Any JSON value: what definitions, plans, contexts and every line of a record file are read with first.

#include <string>

#include <saga_harness/context.hpp>

#include "fuzz.hpp"

namespace saga_harness::fuzz {

void try_input(std::string_view input) {
  const auto value = accepted([&] { return Json::parse(input); });
  const auto context = accepted([&] { return Context::parse(input); });
  if (!value) return require(!context, "a context is JSON");
  require(Json::parse(value->text()).text() == value->text(), "canonical JSON is read back as it is");
  require(context.has_value() == value->text().starts_with('{'), "a context is an object, and any object is");
  if (context) require(context->text() == value->text(), "a context is canonical JSON");
}

}  // namespace saga_harness::fuzz
