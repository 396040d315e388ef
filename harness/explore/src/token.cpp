#include <array>
#include <charconv>

#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {
namespace {

constexpr std::string_view kPrefix = "sh1-";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kMaxTokenBytes = 1 << 20;
constexpr char kSeparator = '\n';

std::uint32_t checksum(std::string_view text) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

// base64url without padding, RFC 4648 section 5.
std::string encoded(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63U];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 63U];
  return text;
}

std::string decoded(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t value = kAlphabet.find(text[i]);
    if (value == std::string_view::npos) {
      throw Error(ErrorText{.message = fmt::format("not a token: character {} is not one of A-Z a-z 0-9 - _",
                                                   i + 1 + kPrefix.size()),
                            .fix = "copy the whole token"});
    }
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 255U);
  }
  return bytes;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find(kSeparator);
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

}  // namespace

std::string to_string(const Token& token) {
  for (const std::string& name : {token.coordinator, token.participant}) {
    if (name.find(kSeparator) == std::string::npos) continue;
    throw Error(fmt::format("the name {} has a line break, which a token cannot hold: rename it",
                            internal::in_quotes(name)));
  }
  const std::string body = fmt::format("{:x}\n{}\n{}\n{}", token.definition_hash, token.coordinator,
                                       token.participant, to_string(token.plan));
  return std::string(kPrefix) + encoded(fmt::format("{:x}\n{}", checksum(body), body));
}

Token parse_token(std::string_view text) {
  if (text.size() > kMaxTokenBytes) throw Error("not a token: it is longer than a mebibyte");
  if (!text.starts_with(kPrefix)) {
    const std::size_t digits = text.starts_with("sh") ? text.find_first_not_of("0123456789", 2) : 0;
    const bool is_other_version = digits > 2 && digits != std::string_view::npos && text[digits] == '-';
    throw Error(is_other_version ? "this token is of another version of saga-harness: find the violation "
                                   "again to get a new one"
                                 : fmt::format("{} is not a token: tokens begin with {}",
                                               internal::in_quotes(text.substr(0, 40)), kPrefix));
  }
  const std::string bytes = decoded(text.substr(kPrefix.size()));
  std::string_view rest = bytes;
  const auto expected = hexadecimal<std::uint32_t>(take_line(rest));
  if (checksum(rest) != expected)
    throw Error(
        ErrorText{.message = "this token is damaged: its checksum is wrong", .fix = "copy the whole token"});
  Token token;
  token.definition_hash = hexadecimal<std::uint64_t>(take_line(rest));
  token.coordinator = take_line(rest);
  token.participant = take_line(rest);
  token.plan = parse_plan(rest);
  return token;
}

}  // namespace saga_harness
