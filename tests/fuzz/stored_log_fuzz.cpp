// The log of a stored saga, a record a line: as it is given, and with its steps and its hash made such that
// it fits the definition. It is taken up, ordered about and run to its end, or refused.

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <saga_harness/saga_operations.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/stores.hpp>

#include "fuzz.hpp"
#include "json_lines_mutator.hpp"
#include "shop.hpp"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  return saga_harness::fuzz::mutate_json_lines(data, size, most, seed);
}

namespace saga_harness::fuzz {
namespace {

using Records = std::vector<std::string>;

constexpr std::size_t kMostRecords = 64;
constexpr const char* kSagaId = "S-1";

const Experiment& shop() {
  static const Experiment kSubject = experiment(Scenario{.saga = shop_saga()});
  return kSubject;
}

std::shared_ptr<LogStore> store_of(const Records& records, std::string hash) {
  std::shared_ptr<LogStore> store = memory_store();
  require(store->create({.saga_id = kSagaId,
                         .definition = "order_processing",
                         .context = "{}",
                         .definition_hash = std::move(hash)}),
          "a saga is created");
  for (std::size_t i = 0; i < records.size(); ++i)
    require(store->append(kSagaId, i, records[i]) == LogWrite::kDurable, "a store takes any record");
  return store;
}

void check_round_trip(const std::string& text) {
  const StoredRecord record = read_record(text);
  if (record.kind == LogKind::kTorn) return;
  const std::vector<std::string_view> flagged(record.flagged.begin(), record.flagged.end());
  StoredRecord again = read_record(record_text({.kind = record.kind,
                                                .step = record.step,
                                                .operation = record.operation,
                                                .outcome = record.outcome,
                                                .maybe_done = record.maybe_done,
                                                .flagged = flagged,
                                                .note = record.note}));
  again.at_us = record.at_us;                                        // a store's own
  if (record.kind != LogKind::kEnd) again.outcome = record.outcome;  // said of an end alone
  require(again == record, "a record is read back equal");
}

/// Taken up to its end, it has one, which stays.
void check_run(const Records& records, const std::string& hash, bool accepts) {
  const std::shared_ptr<LogStore> store = store_of(records, hash);
  const StoredOptions options{.accept_definition = accepts};
  const auto outcome = accepted([&] { return run_stored(shop(), store, kSagaId, options); });
  const StoredSaga after = *store->load(kSagaId);
  if (!outcome) {
    require(after.records == records, "a log that is refused is left as it is");
    return;
  }
  require(std::equal(records.begin(), records.end(), after.records.begin()), "a log only grows");
  if (state_of(after) < StoredState::kCompleted) return;
  require(run_stored(shop(), store, kSagaId, options) == *outcome, "an end is reported again");
  require(store->load(kSagaId)->records == after.records, "and left alone");
}

void check_operations(const Records& records, const std::string& hash) {
  using Order = Outcome (SagaOperations::*)(const std::string&);
  for (const Order order : {&SagaOperations::resume, &SagaOperations::cancel, &SagaOperations::compensate}) {
    SagaOperations operations(store_of(records, hash), {shop()}, [] { return std::int64_t{1}; });
    const auto status = accepted([&] { return operations.status(kSagaId); });
    require(!status || status->total_steps == 3, "a status is of this saga");
    static_cast<void>(accepted([&] { return operations.list(); }));
    static_cast<void>(accepted([&] { return (operations.*order)(kSagaId); }));
    static_cast<void>(accepted([&] { return operations.status(kSagaId); }));
  }
}

void check(const Records& records) {
  for (const std::string& record : records) check_round_trip(record);
  const std::string ours = definition_hash_of(*shop().setup.saga);
  check_run(records, ours, false);
  check_run(records, "0123456789abcdef", true);
  check_operations(records, ours);
}

/// The same record of a step that the definition has, if it names another.
std::string fitting(const std::string& text) {
  auto record = nlohmann::json::parse(text, nullptr, false);
  if (!record.is_object()) return text;
  const auto fit = [](nlohmann::json& step) {
    const std::vector<Step>& steps = shop().setup.saga->saga().steps;
    if (!step.is_string() || step.get_ref<const std::string&>().empty()) return;
    const std::string& name = step.get_ref<const std::string&>();
    for (const Step& each : steps) {
      if (each.name == name) return;
    }
    step = steps[name.size() % steps.size()].name;
  };
  if (record.contains("step")) fit(record["step"]);
  if (record.contains("flagged") && record["flagged"].is_array()) {
    for (nlohmann::json& step : record["flagged"]) fit(step);
  }
  return record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void try_input(std::string_view input) {
  Records records;
  while (!input.empty() && records.size() < kMostRecords) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    records.emplace_back(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  check(records);
  for (std::string& record : records) record = fitting(record);
  check(records);
}

}  // namespace saga_harness::fuzz
