// The private helpers under the engine: texts by number, memory for one run, messages in order.

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message_queue.hpp"
#include "run_memory.hpp"
#include "text_table.hpp"

namespace saga_harness {
namespace {

using testing::ElementsAre;

TEST(TextTableTest, EqualTextsHaveEqualNumbersAndTheEmptyOneHasZero) {
  TextTable texts;
  const std::string copy = "pay";
  const std::uint32_t pay = texts.intern("pay");
  EXPECT_EQ(texts.intern(copy), pay);
  EXPECT_NE(texts.intern("pay "), pay);
  EXPECT_NE(texts.intern("Pay"), pay);
  EXPECT_EQ(texts.intern(""), 0U);
  EXPECT_EQ(texts.intern(std::string_view()), 0U);
  EXPECT_EQ(texts.at(0), "");
  EXPECT_EQ(texts.at(pay), "pay");
  EXPECT_THAT(texts.all(), ElementsAre("", "pay", "pay ", "Pay"));
}

TEST(TextTableTest, TheConcatenationOfPartsIsATextLikeAnother) {
  TextTable texts;
  const std::uint32_t whole = texts.intern("saga-1/pay/action");
  EXPECT_EQ(texts.intern({"saga-1", "/", "pay", "/", "action"}), whole);
  EXPECT_EQ(texts.intern({"saga-1/pay", "", "/action"}), whole);
  EXPECT_EQ(texts.intern({"", ""}), 0U);
  EXPECT_NE(texts.intern({"saga-1", "pay"}), whole);
}

TEST(TextTableTest, LooksAtTheContentNotAtTheAddress) {
  TextTable texts;
  std::string memory = "aaaa";
  const std::uint32_t first = texts.intern(memory);
  memory = "bbbb";
  const std::uint32_t second = texts.intern(memory);
  EXPECT_NE(first, second);
  EXPECT_EQ(texts.at(first), "aaaa");
  EXPECT_EQ(texts.at(second), "bbbb");
  EXPECT_EQ(texts.intern(std::string_view(memory).substr(0, 3)), texts.intern("bbb"));
  memory = "aaaa";
  EXPECT_EQ(texts.intern(memory), first);
}

TEST(TextTableTest, LooksAtTheContentOfPartsToo) {
  TextTable texts;
  std::string step = "pay";
  const auto key = [&] { return texts.at(texts.intern({"saga-1", "/", step})); };
  EXPECT_EQ(key(), "saga-1/pay");
  step = "buy";
  EXPECT_EQ(key(), "saga-1/buy");
  step = "pay";
  EXPECT_EQ(key(), "saga-1/pay");
  EXPECT_EQ(texts.at(texts.intern({"saga-1", "/"})), "saga-1/");
  EXPECT_EQ(texts.at(texts.intern({"saga-1", "/", step, step})), "saga-1/paypay");
  for (const std::size_t length : {200U, 249U, 250U, 5'000U, 300U}) {
    const std::string longer(length, 'x');
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(texts.at(texts.intern({"saga-", longer, "/"})), "saga-" + longer + "/");
  }
}

TEST(TextTableTest, TellsTextsApartThatDifferInAnyOneByte) {
  for (std::size_t length = 0; length <= 40; ++length) {
    const std::string text(length, 'a');
    EXPECT_TRUE(same_text(text, std::string(length, 'a'))) << length;
    EXPECT_FALSE(same_text(text, std::string(length + 1, 'a'))) << length;
    EXPECT_FALSE(same_text(text + "aaaaaaaa", text)) << length;
    for (std::size_t place = 0; place < length; ++place) {
      std::string other = text;
      other[place] = 'b';
      EXPECT_FALSE(same_text(text, other)) << length << " at " << place;
    }
  }
}

TEST(TextTableTest, KeepsAllTextsAndViewsThroughGrowth) {
  TextTable texts;
  const std::uint32_t first = texts.intern("the first text");
  const std::string_view view = texts.at(first);
  std::vector<std::uint32_t> numbers;
  for (int i = 0; i < 20'000; ++i) numbers.push_back(texts.intern("text " + std::to_string(i)));
  EXPECT_EQ(std::set<std::uint32_t>(numbers.begin(), numbers.end()).size(), numbers.size());
  for (int i = 0; i < 20'000; ++i) {
    const auto place = static_cast<std::size_t>(i);
    ASSERT_EQ(texts.at(numbers[place]), "text " + std::to_string(i));
    ASSERT_EQ(texts.intern("text " + std::to_string(i)), numbers[place]);
  }
  EXPECT_EQ(view.data(), texts.at(first).data());
  EXPECT_EQ(view, "the first text");
}

TEST(TextTableTest, TakesTextsOfAnyLengthAndAnyBytes) {
  TextTable texts;
  for (const std::size_t length : {1U, 7U, 8U, 9U, 16U, 16'383U, 16'384U, 16'385U, 100'000U}) {
    std::string text(length, '\0');
    const std::uint32_t zeros = texts.intern(text);
    text.back() = '\x01';
    const std::uint32_t other = texts.intern(text);
    EXPECT_NE(zeros, other) << length;
    EXPECT_EQ(texts.at(other), text) << length;
    EXPECT_EQ(texts.at(zeros), std::string(length, '\0')) << length;
  }
}

std::uintptr_t address(const void* place) { return reinterpret_cast<std::uintptr_t>(place); }

TEST(RunMemoryTest, AlignsAsAsked) {
  RunMemory memory;
  for (int round = 0; round < 300; ++round) {
    for (const std::size_t alignment : {1U, 2U, 8U, 16U, 64U, 4096U}) {
      static_cast<void>(memory.allocate(1, 1));
      EXPECT_EQ(address(memory.allocate(24, alignment)) % alignment, 0U);
    }
  }
}

TEST(RunMemoryTest, NeverHandsOutTheSamePlaceTwiceInARun) {
  RunMemory memory;
  std::vector<std::pair<char*, std::size_t>> pieces;
  for (std::size_t i = 0; i < 3'000; ++i) {
    const std::size_t size = i % 97 == 0 ? 40'000 : i % 61 + 1;
    auto* place = static_cast<char*>(memory.allocate(size, i % 2 == 0 ? 8 : 1));
    std::memset(place, static_cast<int>(i % 251), size);
    pieces.emplace_back(place, size);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto [place, size] = pieces[i];
    const std::string_view content(place, size);
    ASSERT_EQ(content, std::string(size, static_cast<char>(i % 251))) << i;
  }
}

TEST(RunMemoryTest, AnEqualRunGetsTheSamePlaces) {
  RunMemory memory;
  const auto run = [&memory] {
    memory.reset();
    std::vector<void*> places;
    for (const std::size_t size : {10U, 20'000U, 20'000U, 100'000U, 1U, 32'768U, 5U}) {
      places.push_back(memory.allocate(size, 8));
    }
    return places;
  };
  const std::vector<void*> first = run();
  EXPECT_EQ(run(), first);
  EXPECT_EQ(run(), first);
}

TEST(RunMemoryTest, GivesNothingBackBeforeTheRunIsOver) {
  RunMemory memory;
  void* const first = memory.allocate(100, 8);
  memory.deallocate(first, 100, 8);
  EXPECT_NE(memory.allocate(100, 8), first);
  memory.reset();
  EXPECT_EQ(memory.allocate(100, 8), first);
}

TEST(RunMemoryTest, CopiesTexts) {
  RunMemory memory;
  std::string text(70'000, 'a');
  const std::string_view copy = memory.copy(text);
  text.assign(text.size(), 'b');
  EXPECT_EQ(copy, std::string(70'000, 'a'));
  EXPECT_TRUE(memory.copy("").empty());
}

TEST(RunMemoryTest, IsAMemoryResource) {
  RunMemory memory;
  RunMemory other;
  std::pmr::vector<int> numbers(&memory);
  for (int i = 0; i < 10'000; ++i) numbers.push_back(i);
  EXPECT_EQ(numbers.back(), 9'999);
  EXPECT_TRUE(memory.is_equal(memory));
  EXPECT_FALSE(memory.is_equal(other));
}

TEST(MessageQueueTest, GivesTheEarliestAndOfEqualTimesTheOneSentFirst) {
  MessageQueue queue;
  const std::vector<std::int64_t> times = {5, 3, 5, 1, 3, 3, 9, 1, 5, 2};
  for (std::uint32_t call = 0; call < times.size(); ++call)
    queue.push(times[call], call, MessageKind::kRequest);
  std::vector<std::uint32_t> order;
  while (!queue.empty()) {
    const std::int64_t next = queue.next_time();
    const Message message = queue.pop();
    EXPECT_EQ(message.at, next);
    order.push_back(message.call);
  }
  EXPECT_THAT(order, ElementsAre(3, 7, 9, 1, 4, 5, 0, 2, 8, 6));
}

TEST(MessageQueueTest, IsEmptyOnceCleared) {
  MessageQueue queue;
  queue.push(1, 1, MessageKind::kReply);
  queue.clear();
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace saga_harness
