#include <saga_harness/token.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness_internal/faults.hpp>
#include <saga_harness_internal/random_numbers.hpp>
#include <saga_harness_internal/text.hpp>

#include "token_symbols.hpp"
#include "token_v1.hpp"

namespace saga_harness {
namespace {

using internal::kStepBits;
using internal::kSubjectBits;
using internal::name_tag;
using internal::SymbolReader;
using internal::SymbolWriter;
using StepForm = TokenFault::StepForm;

constexpr std::string_view kTokenV2 = "sh2-";
constexpr std::size_t kMaxTokenBytes = 1 << 20;
constexpr int kDefinitionBits = 32;
constexpr int kFormBits = 2;
constexpr int kOperationBits = 2;
constexpr int kWindowBits = 2;
constexpr int kWhereBits = 12;
constexpr int kKindBits = 14;

static_assert(kOperationCount <= 1U << kOperationBits && kFaultDurationCount <= 1U << kWindowBits);

[[noreturn]] void refuse_unknown(std::string_view what) {
  throw Error(ErrorText{
      .message = fmt::format("this token holds {} that this version of saga-harness does not know", what),
      .fix = "replay it with the version that made it"});
}

bool is_of_another_version(std::string_view text) {
  if (!text.starts_with("sh")) return false;
  const std::size_t digits = text.find_first_not_of("0123456789", 2);
  return digits > 2 && digits != std::string_view::npos && text[digits] == '-';
}

/// The member of a closed set with this tag of its name.
template <typename Enum>
Enum with_tag(std::uint32_t tag, int bits, std::size_t count, std::string_view what) {
  for (std::size_t i = 0; i < count; ++i) {
    if (name_tag(name_of(static_cast<Enum>(i)), bits) == tag) return static_cast<Enum>(i);
  }
  refuse_unknown(what);
}

template <typename Enum>
Enum with_number(std::uint32_t number, std::size_t count, std::string_view what) {
  if (number >= count) refuse_unknown(what);
  return static_cast<Enum>(number);
}

std::uint16_t step_tag(std::string_view name) {
  return static_cast<std::uint16_t>(name_tag(name, kStepBits));
}

std::size_t steps_with_tag(const SagaIndex& saga, std::uint16_t tag) {
  return static_cast<std::size_t>(std::ranges::count_if(
      saga.saga().steps, [tag](const Step& step) { return step_tag(step.name) == tag; }));
}

TokenFault coded(const Fault& fault, const SagaIndex& saga) {
  TokenFault result{.fault = fault};
  result.fault.step.clear();
  if (fault.step.empty()) return result;
  const StepId step = saga.find_step(fault.step);
  if (step == kNoStep)
    throw Error(ErrorText{.message = "the plan of a token strikes " + internal::in_quotes(fault.step) +
                                     ", which is no step of the saga",
                          .fix = "resolve() the plan first"});
  result.step = step_tag(fault.step);
  result.form = StepForm::kTag;
  if (steps_with_tag(saga, result.step) > 1) {
    result.step = step;
    result.form = StepForm::kNumber;
  }
  return result;
}

StepId step_of(const TokenFault& coded, const Token& token, const SagaIndex& saga) {
  if (coded.form == StepForm::kNumber)
    return token.is_of(saga) && coded.step < saga.step_count() ? coded.step : kNoStep;
  if (steps_with_tag(saga, coded.step) != 1) return kNoStep;
  const auto found =
      std::ranges::find(saga.saga().steps, coded.step, [](const Step& step) { return step_tag(step.name); });
  return static_cast<StepId>(found - saga.saga().steps.begin());
}

void write_fault(SymbolWriter& writer, const TokenFault& coded) {
  const Fault& fault = coded.fault;
  writer.put(static_cast<std::uint32_t>(coded.form), kFormBits);
  if (coded.form == StepForm::kTag) writer.put(coded.step, kStepBits);
  if (coded.form == StepForm::kNumber) writer.put_number(coded.step);
  if (coded.form != StepForm::kSaga) writer.put(static_cast<std::uint32_t>(fault.operation), kOperationBits);
  writer.put_number(static_cast<std::uint32_t>(fault.attempt - 1));
  writer.put(static_cast<std::uint32_t>(fault.window), kWindowBits);
  writer.put(fault.instant == Instant::kCall ? 0 : 1, 1);
  if (fault.instant != Instant::kCall) writer.put(name_tag(name_of(fault.instant), kWhereBits), kWhereBits);
  writer.put(name_tag(name_of(fault.kind), kKindBits), kKindBits);
}

TokenFault read_fault_symbols(SymbolReader& reader) {
  TokenFault coded;
  Fault& fault = coded.fault;
  coded.form = with_number<StepForm>(reader.take(kFormBits), 3, "a kind of step");
  if (coded.form == StepForm::kTag) coded.step = static_cast<std::uint16_t>(reader.take(kStepBits));
  if (coded.form == StepForm::kNumber) coded.step = static_cast<std::uint16_t>(reader.take_number());
  if (coded.form != StepForm::kSaga)
    fault.operation = with_number<Operation>(reader.take(kOperationBits), kOperationCount, "an operation");
  const std::uint32_t attempt = reader.take_number();
  if (attempt >= static_cast<std::uint32_t>(internal::kLastAttempt)) refuse_unknown("an attempt");
  fault.attempt = static_cast<int>(attempt) + 1;
  fault.window = with_number<FaultDuration>(reader.take(kWindowBits), kFaultDurationCount, "a window");
  if (reader.take(1) != 0)
    fault.instant = with_tag<Instant>(reader.take(kWhereBits), kWhereBits, kInstantCount, "an instant");
  fault.kind = with_tag<FaultKind>(reader.take(kKindBits), kKindBits, kFaultKindCount, "a fault kind");
  return coded;
}

Token parse_token_v2(std::string_view text) {
  SymbolReader reader(internal::symbols_of(text.substr(kTokenV2.size()), kTokenV2.size() + 1));
  Token token{.definition = reader.take(kDefinitionBits),
              .coordinator = reader.take(kSubjectBits),
              .participant = reader.take(kSubjectBits)};
  for (std::uint32_t left = reader.take_number(); left > 0; --left)
    token.faults.push_back(read_fault_symbols(reader));
  reader.expect_end();
  return token;
}

}  // namespace

namespace internal {

std::uint32_t name_tag(std::string_view name, int bits) noexcept {
  std::uint64_t hash = hash_of(name);
  std::uint64_t folded = 0;
  for (; hash != 0; hash >>= static_cast<unsigned>(bits)) folded ^= hash;
  return static_cast<std::uint32_t>(folded & ((std::uint64_t{1} << static_cast<unsigned>(bits)) - 1));
}

}  // namespace internal

std::uint32_t definition_tag(const SagaIndex& saga) noexcept {
  return static_cast<std::uint32_t>(saga.hash() >> 32U);
}

Token Token::of(const SagaIndex& saga, std::string_view coordinator, std::string_view participant,
                const FaultPlan& plan) {
  Token token{.definition = definition_tag(saga),
              .coordinator = name_tag(coordinator, kSubjectBits),
              .participant = name_tag(participant, kSubjectBits)};
  for (const Fault& fault : plan.faults) token.faults.push_back(coded(fault, saga));
  return token;
}

bool Token::has_coordinator(std::string_view name) const noexcept {
  return coordinator == name_tag(name, kSubjectBits);
}

bool Token::has_participant(std::string_view name) const noexcept {
  return participant == name_tag(name, kSubjectBits);
}

bool Token::is_of(const SagaIndex& saga) const noexcept { return definition == definition_tag(saga); }

FaultPlan Token::plan(const SagaIndex& saga) const {
  FaultPlan plan;
  for (const TokenFault& each : faults) {
    Fault& fault = plan.faults.emplace_back(each.fault);
    if (each.form == StepForm::kSaga) continue;
    const StepId step = step_of(each, *this, saga);
    if (step == kNoStep)
      throw Error(ErrorText{
          .message = fmt::format("the saga {} has no step that fault {} of the token strikes, {} of its {}",
                                 internal::in_quotes(saga.saga().name), plan.size(), name_of(fault.kind),
                                 name_of(fault.operation)),
          .fix = "was it renamed, or left out?"});
    fault.step = saga.step(step).name;
  }
  return plan;
}

bool operator==(const TokenFault&, const TokenFault&) = default;
bool operator==(const Token&, const Token&) = default;

std::string to_string(const Token& token) {
  SymbolWriter writer;
  writer.put(token.definition, kDefinitionBits);
  writer.put(token.coordinator, kSubjectBits);
  writer.put(token.participant, kSubjectBits);
  writer.put_number(static_cast<std::uint32_t>(token.faults.size()));
  for (const TokenFault& fault : token.faults) write_fault(writer, fault);
  return std::string(kTokenV2) + internal::characters_of(std::move(writer).sealed());
}

Token parse_token(std::string_view text) {
  if (text.size() > kMaxTokenBytes)
    throw Error(ErrorText{.message = "not a token: it is longer than a mebibyte"});
  if (text.starts_with(kTokenV2)) return parse_token_v2(text);
  if (text.starts_with(internal::kTokenV1)) return internal::parse_token_v1(text);
  if (is_of_another_version(text))
    throw Error(
        ErrorText{.message = "this token is of another version of saga-harness, which reads sh1- and sh2-",
                  .fix = "find the violation again to get a new one"});
  throw Error(ErrorText{.message = fmt::format("{} is not a token: tokens begin with {}",
                                               internal::in_quotes(text.substr(0, 40)), kTokenV2)});
}

}  // namespace saga_harness
