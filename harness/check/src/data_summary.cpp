// I21: what requests carry, beside what they are bound to.

#include "data_summary.hpp"

#include <algorithm>
#include <utility>

#include <saga_harness/fault_catalogue.hpp>

namespace saga_harness {
namespace {

// What a path or a header carries is text.
bool is_same_value(const std::optional<std::string>& carried, const std::optional<std::string>& expected) {
  if (carried == expected) return true;
  if (!carried || !expected || expected->empty() || expected->front() == '"') return false;
  return carried->size() == expected->size() + 2 && carried->front() == '"' &&
         carried->compare(1, expected->size(), *expected) == 0;
}

std::size_t place_of(const Event& event) {
  return static_cast<std::size_t>(event.step) * kOperationCount + static_cast<std::size_t>(event.operation);
}

}  // namespace

DataReader::DataReader(const SagaIndex& saga) : saga_(saga) {
  for (const Step& step : saga.saga().steps) {
    std::vector<std::string> pointers;
    for (const ResultField& result : step.result) pointers.push_back(internal::pointer_of_field(result.name));
    result_readers_.emplace_back(std::move(pointers));
  }
  operations_.resize(saga.step_count() * kOperationCount);
  for (StepId step = 0; step < saga.step_count(); ++step) {
    for (const Operation operation : {Operation::kAction, Operation::kFallback, Operation::kCompensation})
      operations_[step * kOperationCount + static_cast<std::size_t>(operation)] =
          bound(saga.step(step), operation);
  }
  context_reader_ = internal::FieldReader(context_pointers_);
  heard_.resize(saga.step_count());
  answered_.resize(saga.step_count());
}

DataReader::BoundOperation DataReader::bound(const Step& step, Operation operation) {
  BoundOperation bound;
  std::vector<std::string> pointers;
  for (const Binding& binding : internal::bindings_of(step, operation)) {
    pointers.push_back(internal::pointer_of_field(binding.field));
    BoundField field{.source = &binding.source};
    if (const auto* from = std::get_if<FromContext>(&binding.source)) {
      field.place = context_pointers_.size();
      context_pointers_.push_back(from->pointer());
    } else if (const auto* from_result = std::get_if<FromResult>(&binding.source)) {
      field.from = saga_.find_step(from_result->step());
      const std::vector<ResultField>& declared = saga_.step(field.from).result;
      const auto found = std::ranges::find(declared, from_result->pointer(), [](const ResultField& result) {
        return internal::pointer_of_field(result.name);
      });
      field.place = static_cast<std::size_t>(found - declared.begin());
    } else {
      field.constant = std::get<Json>(binding.source).text();
    }
    bound.fields.push_back(std::move(field));
  }
  bound.reader = internal::FieldReader(std::move(pointers));
  return bound;
}

void DataReader::reset(const Observation& seen) {
  context_reader_.forget_if_many();
  for (internal::FieldReader& reader : result_readers_) reader.forget_if_many();
  for (BoundOperation& operation : operations_) operation.reader.forget_if_many();
  seen_ = &seen;
  context_ = seen.context.empty() ? nullptr : &context_reader_.read(seen.context);
  next_payload_ = next_answer_ = 0;
  for (auto& given : heard_) given.clear();
  for (auto& given : answered_) given.clear();
  done_logged_.assign(saga_.step_count(), 0);
  keys_.clear();
  log_struck_ = false;
  summary_ = {};
}

const DataSummary& DataReader::read(const Observation& seen, std::span<const std::uint8_t> skipped) {
  reset(seen);
  skipped_ = skipped;
  const auto count = static_cast<std::uint32_t>(seen.events.size());
  for (std::uint32_t at = 0; at < count && summary_.wrong == DataSummary::kNoEvent; ++at) {
    const Event& event = seen.events[at];
    switch (event.type) {
      case EventType::kSent:
        sent(event, at);
        break;
      case EventType::kAnswered:
      case EventType::kReceived:
        answered(event, at);
        break;
      case EventType::kLogged:
        if (event.detail == static_cast<std::uint8_t>(LogKind::kDone) && event.step < done_logged_.size())
          done_logged_[event.step] = 1;
        break;
      case EventType::kFault:
        log_struck_ = log_struck_ || fate_of(static_cast<FaultKind>(event.detail)).log != LogFate::kFaithful;
        break;
      default:
        break;
    }
  }
  return summary_;
}

void DataReader::answered(const Event& event, std::uint32_t at) {
  while (next_answer_ < seen_->answers.size() && seen_->answers[next_answer_].event < at) ++next_answer_;
  if (next_answer_ == seen_->answers.size() || seen_->answers[next_answer_].event != at) return;
  const Fields& fields = result_readers_[event.step].read(seen_->answers[next_answer_].text);
  auto& given = event.type == EventType::kReceived ? heard_ : answered_;
  given[event.step].push_back({at, event.incarnation, &fields});
}

void DataReader::sent(const Event& event, std::uint32_t at) {
  while (next_payload_ < seen_->payloads.size() && seen_->payloads[next_payload_].event < at) ++next_payload_;
  if (event.step >= saga_.step_count()) return;
  BoundOperation& operation = operations_[place_of(event)];
  if (operation.fields.empty()) return;
  summary_.any_sent = true;
  const bool has_own = next_payload_ < seen_->payloads.size() && seen_->payloads[next_payload_].event == at;
  const Fields& fields =
      operation.reader.read(has_own ? seen_->payloads[next_payload_].text : seen_->context);
  for (std::size_t place = 0; place < operation.fields.size(); ++place) {
    if (summary_.wrong != DataSummary::kNoEvent) return;
    compare(event, at, place, operation.fields[place], fields[place]);
  }
  if (summary_.wrong == DataSummary::kNoEvent && event.text != 0)
    compare_with_same_key(event, at, operation, fields);
}

void DataReader::compare(const Event& event, std::uint32_t at, std::size_t place, const BoundField& field,
                         const std::optional<std::string>& carried) {
  if (field.from != kNoStep) return compare_result(event, at, place, field, carried);
  if (std::holds_alternative<Json>(*field.source)) {
    if (!is_same_value(carried, field.constant))
      note_wrong(at, place, DataSummary::kNoEvent, field.constant, carried);
    return;
  }
  if (context_ == nullptr) return;
  const std::optional<std::string>& expected = (*context_)[field.place];
  if (!is_same_value(carried, expected)) note_wrong(at, place, DataSummary::kNoEvent, expected, carried);
}

// Whoever compensates for one that died may not know what was answered.
bool DataReader::may_be_unknown(const Event& event, StepId from) const {
  const bool is_skipped = from < skipped_.size() && skipped_[from] != 0;
  const bool may_be_missing = is_skipped || saga_.step(from).optional;
  if (event.operation != Operation::kCompensation && !may_be_missing) return false;
  if (is_skipped) return true;
  const auto is_own = [&](const Given& given) { return given.incarnation == event.incarnation; };
  if (std::ranges::any_of(heard_[from], is_own)) return false;
  return heard_[from].empty() || done_logged_[from] == 0 || log_struck_;
}

void DataReader::compare_result(const Event& event, std::uint32_t at, std::size_t place,
                                const BoundField& field, const std::optional<std::string>& carried) {
  const std::vector<Given>& heard = heard_[field.from];
  const auto is_right = [&](const Given& given) {
    return is_same_value(carried, (*given.fields)[field.place]);
  };
  const auto own = std::find_if(heard.rbegin(), heard.rend(),
                                [&](const Given& given) { return given.incarnation == event.incarnation; });
  if (own != heard.rend()) {  // what it was told last
    if (!is_right(*own)) note_wrong(at, place, own->event, (*own->fields)[field.place], carried);
    return;
  }
  if (!carried && may_be_unknown(event, field.from)) return;
  const std::vector<Given>& answered = answered_[field.from];
  if (carried && (std::ranges::any_of(heard, is_right) || std::ranges::any_of(answered, is_right))) return;
  const std::vector<Given>& known = heard.empty() ? answered : heard;
  if (known.empty()) {
    note_wrong(at, place, DataSummary::kNoEvent, std::nullopt, carried);
  } else {
    note_wrong(at, place, known.back().event, (*known.back().fields)[field.place], carried);
  }
}

// A service that knows the key again answers what it answered before, whatever else the request says now.
void DataReader::compare_with_same_key(const Event& event, std::uint32_t at, const BoundOperation& operation,
                                       const Fields& fields) {
  const auto before = std::ranges::find(keys_, event.text, &Sent::key);
  if (before == keys_.end()) {
    keys_.push_back({event.text, at, &operation, &fields});
    return;
  }
  if (before->operation != &operation) return;
  for (std::size_t place = 0; place < fields.size(); ++place) {
    const std::optional<std::string>& first = (*before->fields)[place];
    if (!first || !fields[place] || first == fields[place]) continue;
    summary_.is_same_key = true;
    return note_wrong(at, place, before->event, first, fields[place]);
  }
}

void DataReader::note_wrong(std::uint32_t at, std::size_t place, std::uint32_t given_by,
                            const std::optional<std::string>& expected,
                            const std::optional<std::string>& carried) {
  summary_.wrong = at;
  summary_.field = place;
  summary_.given_by = given_by;
  summary_.expected = expected.value_or("");
  summary_.carried = carried.value_or("");
}

}  // namespace saga_harness
