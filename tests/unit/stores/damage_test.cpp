// Logs that somebody has damaged from outside: said, and never read as something else.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

#include "support/servers.hpp"

namespace saga_harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <class Work>
std::string damage_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "(none)";
}

/// A saga of three records.
void fill(LogStore& store) {
  ASSERT_TRUE(store.create({.saga_id = "S-1", .definition = "order", .context = "{}"}));
  for (std::uint64_t i = 0; i < 3; ++i)
    ASSERT_EQ(store.append("S-1", i, R"({"kind":"note","note":"x"})"), LogWrite::kDurable);
}

bool run_in_shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

TEST(DamagedLogTest, AGapIsSaidBySqlite) {
  const std::string file =
      std::string(SAGA_HARNESS_SCRATCH_DIR) + "/gap" + std::to_string(::getpid()) + ".sqlite";
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file + ending);
  const auto store = sqlite_store(file);
  fill(*store);
  if (!run_in_shell("python3 -c \"import sqlite3; c = sqlite3.connect('" + file +
                    "'); c.execute('delete from saga_record where position = 1'); c.commit()\""))
    GTEST_SKIP() << "there is no python3 with sqlite3";
  EXPECT_THAT(damage_of([&] { return store->load("S-1"); }),
              AllOf(HasSubstr("stored saga \"S-1\": record 2 of its log is missing in the sqlite store"),
                    HasSubstr("restore the log")));
}

TEST(DamagedLogTest, AFileOfAnEarlierVersionIsReadAndWrittenOn) {
  const std::string file =
      std::string(SAGA_HARNESS_SCRATCH_DIR) + "/old" + std::to_string(::getpid()) + ".sqlite";
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file + ending);
  if (!run_in_shell(
          "python3 -c \"import sqlite3; c = sqlite3.connect('" + file +
          "'); c.execute('create table saga (id text primary key, definition text not null, context text "
          "not null, created_us integer not null) without rowid'); c.execute('insert into saga values "
          "(?, ?, ?, ?)', ('S-1', 'order', '{}', 7)); c.commit()\""))
    GTEST_SKIP() << "there is no python3 with sqlite3";
  const auto store = sqlite_store(file);
  EXPECT_EQ(store->load("S-1")->head,
            (StoredHead{.saga_id = "S-1", .definition = "order", .context = "{}", .created_us = 7}));
  EXPECT_EQ(store->append("S-1", 0, "x"), LogWrite::kDurable);
  EXPECT_TRUE(
      store->create({.saga_id = "S-2", .definition = "order", .context = "{}", .definition_hash = "ab"}));
  EXPECT_EQ(sqlite_store(file)->load("S-2")->head.definition_hash, "ab");
}

class DamagedRedisTest : public testing::Test {
 protected:
  void SetUp() override {
    if (server_.address().empty()) GTEST_SKIP() << "this machine has no redis server";
    store_ = redis_store(server_.address());
    fill(*store_);
  }
  /// As a server does that is short of memory.
  void evict(const std::string& key) const {
    ASSERT_TRUE(run_in_shell("redis-cli -s '" + server_.address() + "' del 'saga-harness:" + key + "'"));
  }
  void expect_corrupt() const {
    const auto is_corrupt = AllOf(HasSubstr("stored saga \"S-1\": redis store "), HasSubstr("it is corrupt"),
                                  HasSubstr("noeviction"));
    EXPECT_THAT(damage_of([&] { return store_->load("S-1"); }), is_corrupt);
    EXPECT_THAT(damage_of([&] { return store_->append("S-1", 0, "x"); }), is_corrupt);
    EXPECT_THAT(damage_of([&] { return store_->append("S-1", 3, "x"); }), is_corrupt);
  }

  test::Server server_ = test::start_redis();
  std::unique_ptr<LogStore> store_;
};

TEST_F(DamagedRedisTest, AHeadWithoutItsRecordsIsCorrupt) {
  evict("records:S-1");
  expect_corrupt();
}

TEST_F(DamagedRedisTest, RecordsWithoutTheirHeadAreCorrupt) {
  evict("saga:S-1");
  expect_corrupt();
  EXPECT_THAT(
      damage_of([&] { return store_->create({.saga_id = "S-1", .definition = "order", .context = "{}"}); }),
      HasSubstr("it is corrupt"))
      << "a saga that has ended would run again";
}

TEST_F(DamagedRedisTest, OneThatHasNoRecordsYetIsNot) {
  ASSERT_TRUE(store_->create({.saga_id = "S-2", .definition = "order", .context = "{}"}));
  EXPECT_TRUE(store_->load("S-2")->records.empty());
}

}  // namespace
}  // namespace saga_harness
