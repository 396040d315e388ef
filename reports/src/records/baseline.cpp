#include <algorithm>
#include <limits>

#include <saga_harness/report.hpp>
#include <saga_harness_internal/json_reader.hpp>
#include <saga_harness_internal/text.hpp>

#include "records/record_format.hpp"
#include "records/record_reader.hpp"

namespace saga_harness {

namespace {

using internal::JsonReader;

CellStatus read_status(const JsonReader& name) {
  for (std::size_t i = 0; i < kCellStatusCount; ++i) {
    const auto status = static_cast<CellStatus>(i);
    if (name.string() == name_of(status)) return status;
  }
  name.refuse("there is no status " + internal::in_quotes(name.string()), "have the baseline written anew");
}

CellCounts read_counts(const JsonReader& object) {
  const auto number = [](const JsonReader& value) {
    return static_cast<std::uint64_t>(value.integer(0, std::numeric_limits<std::int64_t>::max()));
  };
  CellCounts counts;
  counts.legal = number(object.at("legal"));
  counts.denominator = number(object.at("denominator"));
  counts.fired = number(object.at("fired"));
  counts.held = number(object.at("held"));
  const JsonReader statuses = object.at("statuses");
  for (std::size_t i = 0; i < kCellStatusCount; ++i)
    counts.by_status[i] = number(statuses.at(name_of(static_cast<CellStatus>(i))));
  return counts;
}

}  // namespace

const BaselineSaga* Baseline::find(const SagaReport& saga) const {
  const auto at = std::ranges::find_if(sagas, [&saga](const BaselineSaga& each) {
    return each.name == saga.definition.name && each.coordinator == saga.coordinator &&
           each.participant == saga.participant && each.scope == saga.scope;
  });
  return at == sagas.end() ? nullptr : &*at;
}

Baseline read_baseline(std::string_view json, std::string_view source) {
  const internal::JsonValue value = internal::parse_json(json, source);
  const JsonReader document(value, source);
  if (const JsonReader format = document.at("format"); format.string() != reports::kReportFormat) {
    format.refuse(
        "this is " + internal::in_quotes(format.string()) + ", not " + std::string(reports::kReportFormat),
        "name a file that saga-harness report --format json wrote");
  }
  Baseline baseline;
  for (const JsonReader& object : document.at("sagas").items()) {
    BaselineSaga& saga = baseline.sagas.emplace_back();
    saga.name = object.at("name").string();
    saga.coordinator = object.at("coordinator").string();
    saga.participant = object.at("participant").string();
    saga.scope = object.at("scope").string();
    saga.definition_hash = reports::read_hash(object.at("definition_hash"));
    saga.counts = read_counts(object.at("coverage"));
    for (const JsonReader& cell : object.at("cells").items())
      saga.cells.emplace_back(cell.at("cell").string(), read_status(cell.at("status")));
    std::ranges::sort(saga.cells);
  }
  return baseline;
}

}  // namespace saga_harness
