// What every store promises, whatever is behind it.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

#include "support/servers.hpp"

namespace saga_harness {
namespace {

using test::Server;

Server& postgresql() {
  static Server server = test::start_postgresql();
  return server;
}
Server& redis() {
  static Server server = test::start_redis();
  return server;
}

std::string file_of(const std::string& test) {
  return std::string(SAGA_HARNESS_SCRATCH_DIR) + "/store_" + test + ".sqlite";
}

std::unique_ptr<LogStore> open(const std::string& kind, const std::string& test) {
  if (kind == "sqlite") return sqlite_store(file_of(test));
  if (kind == "postgresql")
    return postgresql().address().empty() ? nullptr : postgresql_store(postgresql().address());
  if (kind == "redis") return redis().address().empty() ? nullptr : redis_store(redis().address());
  return memory_store();
}

class StoreContractTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file_of(test_name()) + ending);
    store_ = open_again();
    if (!store_) GTEST_SKIP() << "this machine has no " << GetParam() << " server";
  }
  [[nodiscard]] static std::string test_name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name() + std::to_string(::getpid());
  }
  [[nodiscard]] std::unique_ptr<LogStore> open_again() const {
    std::string name = test_name();
    for (char& c : name) c = c == '/' ? '_' : c;
    return open(GetParam(), name);
  }
  /// Servers are shared by the tests: ids are of the test's own.
  [[nodiscard]] static std::string id(const std::string& of) { return test_name() + "/" + of; }
  [[nodiscard]] StoredHead head(const std::string& of) const {
    return {.saga_id = id(of),
            .definition = "order",
            .context = R"({"a":"\u0000é"})",
            .created_us = 1'700'000'000'000'000,
            .definition_hash = "0123456789abcdef"};
  }
  std::unique_ptr<LogStore> store_;
};

/// Of stores that outlive the object and that several may have open.
class SharedStoreContractTest : public StoreContractTest {};

TEST_P(StoreContractTest, KeepsWhatItIsGivenInOrder) {
  ASSERT_TRUE(store_->create(head("1")));
  const std::vector<std::string> records{
      R"({"kind":"started"})", "", "no JSON \xC3\xA9 '; DROP TABLE saga; --", std::string(100'000, 'x')};
  for (std::size_t i = 0; i < records.size(); ++i)
    EXPECT_EQ(store_->append(id("1"), i, records[i]), LogWrite::kDurable);
  EXPECT_EQ(store_->load(id("1")), (StoredSaga{.head = head("1"), .records = records}));
}

TEST_P(StoreContractTest, HasNoSagaThatNobodyCreated) {
  EXPECT_EQ(store_->load(id("none")), std::nullopt);
  EXPECT_THROW(static_cast<void>(store_->append(id("none"), 0, "x")), Error);
  EXPECT_EQ(store_->load(id("none")), std::nullopt);
}

TEST_P(StoreContractTest, LeavesASagaThatIsThereAlreadyAsItIs) {
  ASSERT_TRUE(store_->create(head("1")));
  ASSERT_EQ(store_->append(id("1"), 0, "first"), LogWrite::kDurable);
  StoredHead other = head("1");
  other.definition = "another";
  EXPECT_FALSE(store_->create(other));
  EXPECT_EQ(store_->load(id("1")), (StoredSaga{.head = head("1"), .records = {"first"}}));
}

TEST_P(StoreContractTest, RefusesAWriterWhoDoesNotKnowTheNewestRecord) {
  ASSERT_TRUE(store_->create(head("1")));
  ASSERT_EQ(store_->append(id("1"), 0, "a"), LogWrite::kDurable);
  EXPECT_EQ(store_->append(id("1"), 0, "b"), LogWrite::kFenced) << "behind";
  EXPECT_EQ(store_->append(id("1"), 2, "c"), LogWrite::kFenced) << "ahead";
  EXPECT_EQ(store_->load(id("1"))->records, std::vector<std::string>{"a"});
  EXPECT_EQ(store_->append(id("1"), 1, "d"), LogWrite::kDurable);
}

TEST_P(StoreContractTest, KeepsSagasApart) {
  ASSERT_TRUE(store_->create(head("1")));
  ASSERT_TRUE(store_->create(head("10")));
  ASSERT_EQ(store_->append(id("1"), 0, "a"), LogWrite::kDurable);
  ASSERT_EQ(store_->append(id("10"), 0, "b"), LogWrite::kDurable);
  EXPECT_EQ(store_->load(id("1"))->records, std::vector<std::string>{"a"});
  EXPECT_EQ(store_->load(id("10"))->records, std::vector<std::string>{"b"});
}

TEST_P(StoreContractTest, KeepsOrRefusesNulBytes) {
  using namespace std::string_literals;
  StoredHead one = head("a\0b"s);
  StoredHead other = head("a\0c"s);
  try {
    ASSERT_TRUE(store_->create(one));
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("keeps no text with a NUL byte"), std::string::npos)
        << error.what();
    ASSERT_TRUE(store_->create(head("a")));
    EXPECT_THROW(static_cast<void>(store_->append(id("a"), 0, "x\0y"s)), Error);
    EXPECT_TRUE(store_->load(id("a"))->records.empty());
    return;
  }
  EXPECT_TRUE(store_->create(other)) << "they are two";
  ASSERT_EQ(store_->append(one.saga_id, 0, "x\0y"s), LogWrite::kDurable);
  EXPECT_EQ(store_->load(one.saga_id), (StoredSaga{.head = one, .records = {"x\0y"s}}));
  EXPECT_TRUE(store_->load(other.saga_id)->records.empty());
}

TEST_P(StoreContractTest, ListsEverySagaWithItsNewestRecordById) {
  for (const char* each : {"b", "a", "c"}) ASSERT_TRUE(store_->create(head(each)));
  ASSERT_EQ(store_->append(id("b"), 0, "first"), LogWrite::kDurable);
  ASSERT_EQ(store_->append(id("b"), 1, "second"), LogWrite::kDurable);
  std::vector<StoredLine> ours;
  for (StoredLine& line : store_->list()) {
    if (line.head.saga_id.starts_with(test_name() + "/")) ours.push_back(std::move(line));
  }
  ASSERT_EQ(ours.size(), 3U);
  EXPECT_EQ(ours[0].head, head("a"));
  EXPECT_EQ(ours[1].head, head("b"));
  EXPECT_EQ(ours[1].version, 2U);
  EXPECT_EQ(ours[1].last, "second");
  EXPECT_EQ(ours[2].version, 0U);
  EXPECT_EQ(ours[2].last, "");
}

TEST_P(SharedStoreContractTest, ShowsAnotherWhatIsDurable) {
  ASSERT_TRUE(store_->create(head("1")));
  ASSERT_EQ(store_->append(id("1"), 0, "a"), LogWrite::kDurable);
  const std::unique_ptr<LogStore> other = open_again();
  EXPECT_EQ(other->load(id("1"))->records, std::vector<std::string>{"a"});
  EXPECT_EQ(other->append(id("1"), 1, "b"), LogWrite::kDurable);
  EXPECT_EQ(store_->append(id("1"), 1, "c"), LogWrite::kFenced) << "the other was faster";
  store_.reset();
  EXPECT_EQ(open_again()->load(id("1"))->records, (std::vector<std::string>{"a", "b"}));
}

TEST_P(SharedStoreContractTest, OfWritersAtTheSameTimeOneIsNext) {
  ASSERT_TRUE(store_->create(head("1")));
  constexpr std::uint64_t kRecords = 40;
  std::vector<std::size_t> written(4);
  std::vector<std::thread> writers;
  for (std::size_t writer = 0; writer < written.size(); ++writer) {
    writers.emplace_back([&, writer] {
      const std::unique_ptr<LogStore> own = open_again();
      for (std::uint64_t version = 0; version < kRecords; ++version) {
        const LogWrite write = own->append(id("1"), version, "of " + std::to_string(writer));
        if (write == LogWrite::kDurable) ++written[writer];
        EXPECT_NE(write, LogWrite::kFailed);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::vector<std::string> records = store_->load(id("1"))->records;
  std::size_t sum = 0;
  for (std::size_t writer = 0; writer < written.size(); ++writer) {
    sum += written[writer];
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(records, "of " + std::to_string(writer))),
              written[writer]);
  }
  EXPECT_EQ(records.size(), sum) << "whoever was told that a record is durable has it there, once";
  EXPECT_GE(sum, 1U);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContractTest,
                         testing::Values("memory", "sqlite", "postgresql", "redis"),
                         [](const auto& each) { return each.param; });

INSTANTIATE_TEST_SUITE_P(Stores, SharedStoreContractTest, testing::Values("sqlite", "postgresql", "redis"),
                         [](const auto& each) { return each.param; });

TEST(DurabilityTest, WhatAServerCalledDurableIsThereAfterItWasKilled) {
  for (const char* kind : {"postgresql", "redis"}) {
    Server server = std::string(kind) == "redis" ? test::start_redis() : test::start_postgresql();
    if (server.address().empty()) continue;
    const auto connect = [&] {
      return std::string(kind) == "redis" ? redis_store(server.address())
                                          : postgresql_store(server.address());
    };
    std::unique_ptr<LogStore> store = connect();
    ASSERT_TRUE(store->create({.saga_id = "1", .definition = "order"}));
    for (std::uint64_t i = 0; i < 20; ++i)
      ASSERT_EQ(store->append("1", i, std::to_string(i)), LogWrite::kDurable);
    server.kill_and_restart();
    EXPECT_EQ(store->append("1", 20, "lost"), LogWrite::kFailed) << kind << ": the connection is gone";
    EXPECT_EQ(store->append("1", 20, "20"), LogWrite::kDurable) << kind << ": it is opened again";
    EXPECT_EQ(connect()->load("1")->records.size(), 21U) << kind;
  }
}

TEST(OpenStoreTest, TakesTheNameOfAStore) {
  EXPECT_EQ(open_store("memory")->name(), "memory");
  EXPECT_EQ(open_store("sqlite::memory:")->name(), "sqlite");
}

TEST(OpenStoreTest, SaysWhatItCannotOpen) {
  for (const char* text : {"", "memory:x", "sqlite", "oracle:x"}) {
    try {
      static_cast<void>(open_store(text));
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("names no store"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(static_cast<void>(open_store("sqlite:/no/such/folder/x")), Error);
  EXPECT_THROW(static_cast<void>(open_store("postgresql:host=/no/such/folder")), Error);
  EXPECT_THROW(static_cast<void>(open_store("redis:/no/such/socket")), Error);
}

}  // namespace
}  // namespace saga_harness
