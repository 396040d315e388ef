#include <array>

#include <saga_harness_internal/json_writer.hpp>

#include "admin/admin.hpp"
#include "admin/fault_json.hpp"

namespace saga_harness::http {
namespace {

using internal::JsonReader;
using internal::JsonValue;
using internal::JsonWriter;

constexpr std::string_view kFaultSchema =
    R"({"oneOf":[{"$ref":"#/components/schemas/Fault"},{"type":"array","items":{"$ref":"#/components/schemas/Fault"}}]})";

std::uint64_t id_of(const AdminCall& call) {
  std::uint64_t id = 0;
  for (const char c : call.id) {
    if (c < '0' || c > '9' || id > 1'000'000'000'000U)
      throw AdminRefusal{404, "there is no fault " + call.id};
    id = id * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return id;
}

AdminAnswer post_faults(const AdminCall& call) {
  const std::shared_ptr<const wire::ServedScenario> served = call.runs.served();
  const bool has_own_ports = !call.services.share_port(*served);
  const JsonReader body = call.json();
  std::vector<wire::OrderedFault> faults;
  if (body.value().type == JsonValue::Type::kArray) {
    for (const JsonReader& item : body.items())
      faults.push_back(read_fault(item, *served->saga, has_own_ports));
    if (faults.empty()) throw AdminRefusal{400, "the body: the array is empty; name a fault"};
  } else {
    faults.push_back(read_fault(body, *served->saga, has_own_ports));
  }
  AdminAnswer answer{.status = 201};
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("ids");
  writer.begin_array();
  for (const std::uint64_t id : call.services.add_faults(std::move(faults)))
    writer.number(static_cast<std::int64_t>(id));
  writer.end_array();
  writer.end_object();
  return answer;
}

AdminAnswer get_faults(const AdminCall& call) {
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("faults");
  writer.begin_array();
  for (const wire::OrderedFault& fault : call.runs.faults.all()) write_fault(fault, writer);
  writer.end_array();
  writer.end_object();
  return answer;
}

AdminAnswer get_fault(const AdminCall& call) {
  const auto fault = call.runs.faults.find(id_of(call));
  if (!fault) throw AdminRefusal{404, "there is no fault " + call.id};
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  write_fault(*fault, writer);
  return answer;
}

AdminAnswer removed(std::size_t count) {
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  writer.key("removed");
  writer.number(static_cast<std::int64_t>(count));
  writer.end_object();
  return answer;
}

AdminAnswer delete_faults(const AdminCall& call) {
  return removed(call.services.remove_faults(std::nullopt));
}

AdminAnswer delete_fault(const AdminCall& call) {
  const std::size_t count = call.services.remove_faults(id_of(call));
  if (count == 0) throw AdminRefusal{404, "there is no fault " + call.id};
  return removed(count);
}

wire::JournalQuery query_of(const AdminCall& call) {
  return {.saga_id = call.query("saga_id").value_or(""),
          .service = call.query("service").value_or(""),
          .action = call.query("action").value_or(""),
          .since = call.number("since"),
          .limit = call.number("limit").value_or(0)};
}

AdminAnswer get_journal(const AdminCall& call) { return {200, call.runs.journal.to_json(query_of(call))}; }

AdminAnswer get_unmatched(const AdminCall& call) {
  wire::JournalQuery query = query_of(call);
  query.unmatched_only = true;
  return {200, call.runs.journal.to_json(query)};
}

AdminAnswer get_count(const AdminCall& call) {
  const wire::Journal::Counts counts = call.runs.journal.count(query_of(call));
  AdminAnswer answer;
  JsonWriter writer(answer.body);
  writer.begin_object();
  for (const auto& [key, count] : {std::pair<std::string_view, std::uint64_t>{"count", counts.matching},
                                   {"unmatched", counts.unmatched},
                                   {"dropped", counts.dropped},
                                   {"total", counts.total}}) {
    writer.key(key);
    writer.number(static_cast<std::int64_t>(count));
  }
  writer.end_object();
  return answer;
}

AdminAnswer delete_journal(const AdminCall& call) {
  call.runs.journal.clear();
  return {200, "{}"};
}

}  // namespace

std::vector<AdminRoute> routes_about_faults() {
  const std::vector<std::string_view> filter{"saga_id", "service", "action", "since", "limit"};
  const std::vector<std::string_view> count_filter{"saga_id", "service", "action", "since"};
  const AdminStatus missing{404, "there is none of that id"};
  return {
      {.method = "POST",
       .path = "/faults",
       .name = "addFaults",
       .summary =
           "Adds a fault, or an array of them: all or none. A fault strikes once unless told otherwise.",
       .body = AdminBody::kRequired,
       .schema = kFaultSchema,
       .statuses = {{201, "added; the body has their ids"}, {400, "a field is unknown or wrong"}},
       .serve = post_faults},
      {.method = "GET",
       .path = "/faults",
       .name = "listFaults",
       .summary = "Every fault, used up or not, and how often it struck.",
       .statuses = {{200, "they are in the body"}},
       .serve = get_faults},
      {.method = "DELETE",
       .path = "/faults",
       .name = "removeFaults",
       .summary = "Removes every fault.",
       .statuses = {{200, "the body says how many"}},
       .serve = delete_faults},
      {.method = "GET",
       .path = "/faults/{id}",
       .name = "getFault",
       .summary = "One fault.",
       .statuses = {{200, "it is in the body"}, missing},
       .serve = get_fault},
      {.method = "DELETE",
       .path = "/faults/{id}",
       .name = "removeFault",
       .summary = "Removes one fault.",
       .statuses = {{200, "removed"}, missing},
       .serve = delete_fault},
      {.method = "GET",
       .path = "/journal",
       .name = "getJournal",
       .summary =
           "The requests that came and what was delivered: the newest `limit`, or those after `since`.",
       .query = filter,
       .statuses = {{200, "they are in the body, oldest first"}},
       .serve = get_journal},
      {.method = "DELETE",
       .path = "/journal",
       .name = "clearJournal",
       .summary = "Forgets every request.",
       .statuses = {{200, "cleared"}},
       .serve = delete_journal},
      {.method = "GET",
       .path = "/journal/count",
       .name = "countRequests",
       .summary = "How many requests came, and how many the journal dropped.",
       .query = count_filter,
       .statuses = {{200, "the counts"}},
       .serve = get_count},
      {.method = "GET",
       .path = "/journal/unmatched",
       .name = "getUnmatched",
       .summary = "The requests that no action fitted.",
       .query = filter,
       .statuses = {{200, "they are in the body, oldest first"}},
       .serve = get_unmatched},
  };
}

}  // namespace saga_harness::http
