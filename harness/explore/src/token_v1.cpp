#include "token_v1.hpp"

#include <charconv>

#include <saga_harness/error.hpp>

#include "token_symbols.hpp"

namespace saga_harness::internal {
namespace {

constexpr char kLineEnd = '\n';

std::uint32_t checksum_v1(std::string_view text) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

std::string bytes_of(const std::vector<std::uint8_t>& symbols) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t symbol : symbols) {
    bits = bits << 6U | symbol;
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 255U);
  }
  return bytes;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find(kLineEnd);
  if (end == std::string_view::npos)
    throw Error(ErrorText{.message = "not a token: it is too short", .fix = "copy the whole token"});
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

template <class Number>
Number hexadecimal(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorText{.message = "not a token: it does not begin with a checksum and a definition hash",
                          .fix = "copy the whole token"});
  }
  return number;
}

TokenFault by_tag(Fault fault) {
  if (fault.step.empty()) return {.fault = std::move(fault)};
  const auto tag = static_cast<std::uint16_t>(name_tag(fault.step, kStepBits));
  fault.step.clear();
  fault.operation_given = true;
  return {.fault = std::move(fault), .form = TokenFault::StepForm::kTag, .step = tag};
}

}  // namespace

Token parse_token_v1(std::string_view text) {
  const std::string bytes = bytes_of(symbols_of(text.substr(kTokenV1.size()), kTokenV1.size() + 1));
  std::string_view rest = bytes;
  const auto expected = hexadecimal<std::uint32_t>(take_line(rest));
  if (checksum_v1(rest) != expected)
    throw Error(
        ErrorText{.message = "this token is damaged: its checksum is wrong", .fix = "copy the whole token"});
  Token token;
  token.definition = static_cast<std::uint32_t>(hexadecimal<std::uint64_t>(take_line(rest)) >> 32U);
  token.coordinator = name_tag(take_line(rest), kSubjectBits);
  token.participant = name_tag(take_line(rest), kSubjectBits);
  for (Fault& fault : parse_plan(rest).faults) token.faults.push_back(by_tag(std::move(fault)));
  return token;
}

}  // namespace saga_harness::internal
