#include <algorithm>
#include <vector>

#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/version.hpp>
#include <saga_harness_internal/json_writer.hpp>

#include "admin/admin.hpp"

namespace saga_harness::http {
namespace {

using internal::JsonWriter;

void write_text(JsonWriter& writer, std::string_view key, std::string_view value) {
  writer.key(key);
  writer.string(value);
}

void write_parameter(JsonWriter& writer, std::string_view name, std::string_view place) {
  writer.begin_object();
  write_text(writer, "name", name);
  write_text(writer, "in", place);
  writer.key("required");
  writer.boolean(place == "path");
  writer.key("schema");
  writer.raw(R"({"type":"string"})");
  writer.end_object();
}

void write_response(JsonWriter& writer, int status, std::string_view meaning) {
  writer.key(std::to_string(status));
  writer.begin_object();
  write_text(writer, "description", meaning);
  writer.key("content");
  writer.raw(R"({"application/json":{"schema":{"type":"object"}}})");
  writer.end_object();
}

void write_operation(JsonWriter& writer, const AdminRoute& route) {
  std::string method(route.method);
  std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  writer.key(method);
  writer.begin_object();
  write_text(writer, "operationId", route.name);
  write_text(writer, "summary", route.summary);
  writer.key("parameters");
  writer.begin_array();
  if (route.path.ends_with("/{id}")) write_parameter(writer, "id", "path");
  for (const std::string_view name : route.query) write_parameter(writer, name, "query");
  writer.end_array();
  if (route.body != AdminBody::kNone) {
    writer.key("requestBody");
    writer.begin_object();
    writer.key("required");
    writer.boolean(route.body == AdminBody::kRequired);
    writer.key("content");
    writer.begin_object();
    writer.key("application/json");
    writer.begin_object();
    writer.key("schema");
    writer.raw(route.schema);
    writer.end_object();
    writer.end_object();
    writer.end_object();
  }
  writer.key("responses");
  writer.begin_object();
  for (const AdminStatus& status : route.statuses) write_response(writer, status.status, status.meaning);
  const bool has_400 =
      std::ranges::any_of(route.statuses, [](const AdminStatus& s) { return s.status == 400; });
  if (!has_400) write_response(writer, 400, "a parameter or field is unknown or wrong");
  write_response(writer, 401, "the token is missing or wrong");
  writer.end_object();
  writer.end_object();
}

void write_fault_schema(JsonWriter& writer) {
  const auto property = [&writer](std::string_view name, std::string_view schema) {
    writer.key(name);
    writer.raw(schema);
  };
  writer.begin_object();
  write_text(writer, "type", "object");
  writer.key("required");
  writer.raw(R"(["fault"])");
  writer.key("additionalProperties");
  writer.boolean(false);
  writer.key("properties");
  writer.begin_object();
  writer.key("fault");
  writer.begin_object();
  writer.key("enum");
  writer.begin_array();
  for (std::size_t i = 0; i < wire::kWireKindCount; ++i)
    writer.string(name_of(static_cast<wire::WireKind>(i)));
  for (const FaultRow& row : kFaultCatalogue) {
    if (row.wire_calls != Reach::kNone) writer.string(row.name);
  }
  writer.end_array();
  writer.end_object();
  for (const std::string_view name : {"service", "action", "saga_id", "idempotency_key"})
    property(name, R"({"type":"string"})");
  property("attempt", R"({"type":"integer","minimum":1})");
  property("times", R"({"oneOf":[{"type":"integer","minimum":1},{"const":"always"}],"default":1})");
  property("delay", R"({"type":"string","examples":["250ms","2s"]})");
  property("timeout", R"({"type":"string","description":"how long the subject waits for an answer"})");
  property("status", R"({"type":"integer","minimum":400,"maximum":599})");
  property("after_effect", R"({"type":"boolean","default":false})");
  writer.end_object();
  writer.end_object();
}

}  // namespace

std::string openapi_json(std::span<const AdminRoute> routes) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  write_text(writer, "openapi", "3.1.0");
  writer.key("info");
  writer.begin_object();
  write_text(writer, "title", "saga-harness: the admin API of the HTTP fakes");
  write_text(writer, "version", kVersion);
  writer.end_object();
  writer.key("paths");
  writer.begin_object();
  std::vector<std::string_view> written;
  for (const AdminRoute& route : routes) {
    if (std::ranges::find(written, route.path) != written.end()) continue;
    written.push_back(route.path);
    writer.key("/__admin" + std::string(route.path));
    writer.begin_object();
    for (const AdminRoute& other : routes) {
      if (other.path == route.path) write_operation(writer, other);
    }
    writer.end_object();
  }
  writer.key("/__admin/openapi.json");
  writer.begin_object();
  write_operation(writer, {.method = "GET",
                           .path = "/openapi.json",
                           .name = "getOpenApi",
                           .summary = "This document.",
                           .statuses = {{200, "it is in the body"}}});
  writer.end_object();
  writer.end_object();
  writer.key("components");
  writer.begin_object();
  writer.key("schemas");
  writer.begin_object();
  writer.key("Fault");
  write_fault_schema(writer);
  writer.end_object();
  writer.key("securitySchemes");
  writer.raw(R"({"token":{"type":"http","scheme":"bearer"}})");
  writer.end_object();
  writer.end_object();
  return out;
}

}  // namespace saga_harness::http
