#include "declared.hpp"

#include <saga_harness/masks.hpp>
#include <saga_harness_internal/json_writer.hpp>

namespace saga_harness {
namespace {

using internal::JsonWriter;

void write_text(JsonWriter& writer, std::string_view key, std::string_view text) {
  writer.key(key);
  writer.string(text);
}

void write_truth(JsonWriter& writer, std::string_view key, bool is_true) {
  writer.key(key);
  writer.boolean(is_true);
}

template <class Range, class Write>
void write_list(JsonWriter& writer, std::string_view key, const Range& range, Write write) {
  writer.key(key);
  writer.begin_array();
  for (const auto& each : range) write(each);
  writer.end_array();
}

template <class Map, class Write>
void write_map(JsonWriter& writer, std::string_view key, const Map& map, Write write) {
  writer.key(key);
  writer.begin_object();
  for (const auto& [name, value] : map) {
    writer.key(name);
    write(value);
  }
  writer.end_object();
}

void write_texts(JsonWriter& writer, std::string_view key, const std::vector<std::string>& texts) {
  write_list(writer, key, texts, [&writer](const std::string& text) { writer.string(text); });
}

void write_given(JsonWriter& writer, const Guarantees& guarantees) {
  writer.begin_object();
  for (std::size_t i = 0; i < kGuaranteeCount; ++i) {
    const auto guarantee = static_cast<Guarantee>(i);
    write_truth(writer, name_of(guarantee), gives(guarantees, guarantee));
  }
  writer.end_object();
}

void write_use(JsonWriter& writer, const ValueUse& use) {
  writer.begin_object();
  write_texts(writer, "reads", use.reads);
  write_text(writer, "changes", use.changes);
  write_text(writer, "by", use.by);
  write_texts(writer, "sum_of", use.sum_of);
  writer.key("at_least");
  writer.number(use.at_least);
  write_truth(writer, "ends", use.ends);
  writer.end_object();
}

void write_participant(JsonWriter& writer, const ParticipantSpec& spec) {
  writer.begin_object();
  write_text(writer, "fake", name_of(spec.fake));
  write_map(writer, "amounts", spec.amounts, [&writer](std::int64_t amount) { writer.number(amount); });
  writer.key("guarantees");
  write_given(writer, spec.guarantees);
  write_map(writer, "at_step", spec.at_step,
            [&writer](const Guarantees& guarantees) { write_given(writer, guarantees); });
  write_truth(writer, "partial_batch", spec.partial_batch);
  write_truth(writer, "promise_not_recalled", spec.promise_not_recalled);
  write_text(writer, "transactions", name_of(spec.transactions));
  if (spec.undoes != Undoes::kWhatItNames) write_text(writer, "undoes", name_of(spec.undoes));
  if (!spec.gives.empty()) {
    write_map(writer, "gives", spec.gives, [&writer](const auto& results) {
      writer.begin_object();
      for (const auto& [name, value] : results) {
        writer.key(name);
        writer.raw(value.text());
      }
      writer.end_object();
    });
  }
  write_map(writer, "uses", spec.uses, [&writer](const ValueUse& use) { write_use(writer, use); });
  write_truth(writer, "semantic_lock", spec.countermeasures.semantic_lock);
  write_truth(writer, "commutative_update", spec.countermeasures.commutative_update);
  write_truth(writer, "reread", spec.countermeasures.reread);
  writer.end_object();
}

void write_bound(JsonWriter& writer, std::string_view key, const std::optional<std::int64_t>& bound) {
  writer.key(key);
  bound ? writer.number(*bound) : writer.null();
}

void write_invariant(JsonWriter& writer, const QuantityInvariant& invariant) {
  writer.begin_object();
  write_text(writer, "name", invariant.name);
  write_texts(writer, invariant.is_level ? "level" : "conserved", invariant.quantities);
  write_bound(writer, "min", invariant.min);
  write_bound(writer, "max", invariant.max);
  write_list(writer, "when", invariant.when, [&writer](Outcome outcome) { writer.string(name_of(outcome)); });
  writer.end_object();
}

void write_places(JsonWriter& writer, std::string_view key, const std::vector<RequestField>& places) {
  write_list(writer, key, places, [&writer](const RequestField& place) {
    writer.begin_object();
    write_text(writer, name_of(place.part), place.name);
    writer.end_object();
  });
}

void write_reply(JsonWriter& writer, ReplyStatus status, const HttpReply& reply) {
  writer.begin_object();
  write_text(writer, "of", name_of(status));
  writer.key("status");
  writer.number(std::int64_t{reply.status});
  write_text(writer, "body", reply.body);
  write_map(writer, "headers", reply.headers, [&writer](const std::string& value) { writer.string(value); });
  writer.end_object();
}

void write_route(JsonWriter& writer, const HttpRoute& route) {
  writer.begin_object();
  write_text(writer, "method", route.method);
  write_text(writer, "path", route.path);
  write_list(writer, "replies", route.replies,
             [&writer](const auto& reply) { write_reply(writer, reply.first, reply.second); });
  writer.end_object();
}

void write_http(JsonWriter& writer, const HttpSpec& http) {
  writer.key("http");
  writer.begin_object();
  write_places(writer, "saga_id", http.saga_id);
  write_places(writer, "step", http.step);
  write_places(writer, "idempotency_key", http.idempotency_key);
  write_places(writer, "correlation_id", http.correlation_id);
  write_places(writer, "token", http.token);
  write_places(writer, "attempt", http.attempt);
  write_truth(writer, "check_keys", http.check_keys);
  write_truth(writer, "one_port", http.one_port);
  write_map(writer, "routes", http.routes, [&writer](const auto& actions) {
    writer.begin_object();
    for (const auto& [action, route] : actions) {
      writer.key(action);
      write_route(writer, route);
    }
    writer.end_object();
  });
  writer.end_object();
}

}  // namespace

std::string declared_by(const Scenario& scenario, const ParticipantSpecs& cast) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  write_map(writer, "participants", cast,
            [&writer](const ParticipantSpec& spec) { write_participant(writer, spec); });
  write_list(writer, "invariants", scenario.invariants,
             [&writer](const QuantityInvariant& invariant) { write_invariant(writer, invariant); });
  write_list(writer, "together", scenario.together, [&](const Context& context) {
    writer.raw(Masks(scenario.saga, context).shown(context.text()));
  });
  write_http(writer, scenario.http);
  writer.end_object();
  return text;
}

}  // namespace saga_harness
