// Tokens replay what they were made from, and nothing else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "subjects.hpp"

namespace saga_harness::explore_test {
namespace {

using testing::HasSubstr;

Token sample() {
  return {.definition_hash = 0x123456789ABCDEF0U,
          .coordinator = "no_fencing",
          .participant = "reference",
          .plan = parse_plan(
              "process_payment.action#1:reply_lost, release_inventory.compensation#2..heal:unavailable")};
}

void expect_same(const Token& one, const Token& other) {
  EXPECT_EQ(one.definition_hash, other.definition_hash);
  EXPECT_EQ(one.coordinator, other.coordinator);
  EXPECT_EQ(one.participant, other.participant);
  EXPECT_EQ(to_string(one.plan), to_string(other.plan));
}

std::string message_of(std::string_view text) {
  const auto [message, code] = error_of([&] { return parse_token(text); });
  EXPECT_EQ(code, ErrorKind::kMisuse) << text;
  return message;
}

TEST(TokenTest, ReadsBackWhatItWrote) {
  expect_same(parse_token(to_string(sample())), sample());
  for (const std::uint64_t hash : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    Token token = sample();
    token.definition_hash = hash;
    expect_same(parse_token(to_string(token)), token);
  }
  expect_same(parse_token(to_string(Token{})), Token{});
}

TEST(TokenTest, ReadsBackEveryScheduleOfASaga) {
  const Experiment experiment = subject(small_saga());
  ExploreOptions options{.max_faults = 2};
  options.on_schedule = [&](const Schedule& schedule) {
    const Token token{experiment.setup.saga->hash(), "reference", "reference", schedule.plan};
    const Token read = parse_token(to_string(token));
    EXPECT_EQ(resolve(read.plan, *experiment.setup.saga), schedule.plan);
  };
  static_cast<void>(explore(experiment, options));
}

TEST(TokenTest, IsOneWordThatShellsLeaveAlone) {
  Token token = sample();
  token.coordinator = "Über-Koordinator $(x) \"'`";
  const std::string text = to_string(token);
  EXPECT_EQ(text.substr(0, 4), "sh1-");
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  })) << text;
  expect_same(parse_token(text), token);
}

TEST(TokenTest, StaysWhatItWasOverVersions) {
  // Tokens are kept in bug reports: a change here needs a new prefix.
  EXPECT_EQ(to_string(Token{0xABCU, "reference", "no_dedup", parse_plan("pay#1:rejected")}),
            "sh1-NDg5ZGMzN2EKYWJjCnJlZmVyZW5jZQpub19kZWR1cApwYXkjMTpyZWplY3RlZA");
}

TEST(TokenTest, WhatIsNotATokenIsRefused) {
  EXPECT_EQ(message_of(""), "\"\" is not a token: tokens begin with sh1-");
  EXPECT_EQ(message_of("process_payment#1:rejected"),
            "\"process_payment#1:rejected\" is not a token: tokens begin with sh1-");
  EXPECT_EQ(message_of("shell-script"), "\"shell-script\" is not a token: tokens begin with sh1-");
  EXPECT_THAT(message_of("sh1-"), HasSubstr("it is too short; copy the whole token"));
  EXPECT_EQ(message_of("sh1-abc$def"),
            "not a token: character 8 is not one of A-Z a-z 0-9 - _; copy the whole token");
  EXPECT_EQ(message_of("sh1-" + std::string(2'000'000, 'A')), "not a token: it is longer than a mebibyte");
}

TEST(TokenTest, ATokenOfAnotherVersionSaysSo) {
  EXPECT_EQ(message_of("sh2-" + to_string(sample()).substr(4)),
            "this token is of another version of saga-harness: find the violation again to get a new one");
}

TEST(TokenTest, WhatIsPrintedOfAForeignTextIsPrintable) {
  const std::string message = message_of("\x1b[31mred\xff" + std::string(100, 'x'));
  EXPECT_TRUE(std::ranges::all_of(message, [](char c) { return c >= 0x20 && c < 0x7F; })) << message;
}

TEST(TokenTest, ACutTokenIsRefused) {
  const std::string whole = to_string(sample());
  for (std::size_t length = 4; length < whole.size(); ++length) {
    EXPECT_THAT(message_of(whole.substr(0, length)), HasSubstr("copy the whole token")) << length;
  }
}

TEST(TokenTest, ATokenWithAMistypedCharacterIsRefused) {
  const std::string whole = to_string(sample());
  for (std::size_t at = 4; at < whole.size(); ++at) {
    std::string mistyped = whole;
    mistyped[at] = mistyped[at] == 'A' ? 'B' : 'A';
    if (at + 1 == whole.size()) {  // may differ in bits that mean nothing
      try {
        expect_same(parse_token(mistyped), sample());
        continue;
      } catch (const Error&) {
      }
    }
    EXPECT_THAT(message_of(mistyped), HasSubstr("copy the whole token")) << at;
  }
}

TEST(TokenTest, NoMutationIsReadAsSomethingElse) {
  const std::string whole = to_string(sample());
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ \n=+/\xff";
  std::uint64_t state = 20;
  const auto below = [&state](std::size_t bound) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return static_cast<std::size_t>(state % bound);
  };
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string mutated = whole;
    for (std::size_t change = 0; change <= below(3); ++change) {
      const std::size_t at = below(mutated.size());
      switch (below(5)) {
        case 0:
          mutated[at] = kLetters[below(kLetters.size())];
          break;
        case 1:
          mutated.erase(at, 1 + below(8));
          break;
        case 2:
          mutated.insert(at, 1, kLetters[below(kLetters.size())]);
          break;
        case 3:
          std::swap(mutated[at], mutated[below(mutated.size())]);
          break;
        default:
          mutated += mutated.substr(at);
          break;
      }
      if (mutated.empty()) mutated = "s";
    }
    try {
      expect_same(parse_token(mutated), sample());
    } catch (const Error& error) {
      ++refused;
      EXPECT_FALSE(std::string_view(error.what()).empty());
    }
  }
  EXPECT_GT(refused, 4500);
}

TEST(TokenTest, ANameThatItCannotHoldIsRefused) {
  Token token = sample();
  token.coordinator = "two\nlines";
  const auto [message, code] = error_of([&] { return to_string(token); });
  EXPECT_EQ(message, "the name \"two\\x0alines\" has a line break, which a token cannot hold: rename it");
  EXPECT_EQ(code, ErrorKind::kMisuse);
}

}  // namespace
}  // namespace saga_harness::explore_test
