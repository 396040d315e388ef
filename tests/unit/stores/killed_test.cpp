// A coordinator's process is killed at any moment, and started again over the same store.

#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/stores.hpp>

#include "support/servers.hpp"

namespace saga_harness {
namespace {

constexpr int kKills = 200;
constexpr int kFewestSagas = 21;

/// What the services of all sagas really did, in a file of their own: they live on when the coordinator dies.
/// Each request is done once by its key.
class DurableServices final : public Participant {
 public:
  explicit DurableServices(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("cannot open " + path);
    sqlite3_busy_timeout(database_, 10'000);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS done (key TEXT "
        "PRIMARY KEY, "
        "saga TEXT, step TEXT, undoes INTEGER)");
  }
  DurableServices(const DurableServices&) = delete;
  DurableServices& operator=(const DurableServices&) = delete;
  ~DurableServices() override { sqlite3_close(database_); }

  Reply handle(const Delivery& delivery, EffectRecorder& recorder) override {
    const bool undoes = delivery.operation.operation == Operation::kCompensation;
    const bool is_refused =
        !undoes && delivery.step == "ship" && std::stoi(std::string(delivery.saga_id)) % 3 == 0;
    if (is_refused) return {.status = ReplyStatus::kRejected};
    run("INSERT INTO done VALUES ('" + std::string(delivery.idempotency_key) + "','" +
        std::string(delivery.saga_id) + "','" + std::string(delivery.step) + "'," + (undoes ? "1" : "0") +
        ") ON CONFLICT (key) DO NOTHING");
    undoes ? recorder.undo(delivery) : recorder.apply(delivery);
    return {};
  }

  [[nodiscard]] int count(const std::string& condition) {
    sqlite3_stmt* statement = nullptr;
    const std::string text = "SELECT count(*) FROM done WHERE " + condition;
    sqlite3_prepare_v2(database_, text.c_str(), -1, &statement, nullptr);
    sqlite3_step(statement);
    const int number = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return number;
  }

 private:
  void run(const std::string& text) {
    if (sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
};

Experiment subject(const std::string& services) {
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(
      Saga{.name = "order",
           .steps = {{.name = "reserve", .service = "shop", .compensation = "release"},
                     {.name = "pay", .service = "shop", .compensation = "refund"},
                     {.name = "ship", .service = "shop", .compensation = "call_back"}}});
  experiment.setup.coordinator = orchestrator();
  experiment.coordinator_name = "reference";
  experiment.setup.participants.emplace("shop",
                                        [services] { return std::make_unique<DurableServices>(services); });
  return experiment;
}

/// What parent and child see both.
struct Shared {
  std::atomic<bool> is_working = false;
  std::atomic<int> first_open = 0;                         ///< sagas before it have ended
  std::atomic<int> end = std::numeric_limits<int>::max();  ///< no saga of this number is begun
};

using Open = std::function<std::unique_ptr<LogStore>()>;

/// The process: what is not ended is taken up, then new sagas are begun, one after the other.
[[noreturn]] void coordinate(const Open& open, const std::string& services, Shared& shared) {
  try {
    const std::shared_ptr<LogStore> store = open();
    const Experiment experiment = subject(services);
    shared.is_working = true;
    for (int saga = shared.first_open; saga < shared.end; shared.first_open = ++saga)
      static_cast<void>(run_stored(experiment, store, std::to_string(saga)));
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

/// Kills it at moments that are drawn, while it works, and lets the last one finish. How many sagas there
/// are.
int kill_again_and_again(const Open& open, const std::string& services) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Shared& shared = *new (memory) Shared;
  std::uint64_t random = 88172645463325252U;
  for (int kills = 0; kills <= kKills; ++kills) {
    const bool is_last = kills == kKills;
    shared.is_working = false;
    if (is_last) shared.end = std::max(shared.first_open + 10, kFewestSagas);
    const pid_t process = ::fork();
    if (process == 0) coordinate(open, services, shared);
    int status = 0;
    while (!is_last && !shared.is_working && ::waitpid(process, &status, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    if (!is_last) {
      random ^= random << 13U, random ^= random >> 7U, random ^= random << 17U;
      std::this_thread::sleep_for(std::chrono::microseconds(random % 20'000));
      ::kill(process, SIGKILL);
    }
    ::waitpid(process, &status, 0);
    EXPECT_EQ(is_last, WIFEXITED(status) && WEXITSTATUS(status) == 0) << "after " << kills << " kills";
  }
  const int sagas = shared.first_open;
  ::munmap(memory, sizeof(Shared));
  return sagas;
}

void expect_everything_settled(LogStore& store, const std::string& services, int sagas) {
  EXPECT_GE(sagas, kFewestSagas);
  DurableServices done(services);
  for (int saga = 0; saga < sagas; ++saga) {
    const std::string id = std::to_string(saga);
    const std::optional<StoredSaga> stored = store.load(id);
    ASSERT_TRUE(stored) << "saga " << id << " is lost";
    const auto rows = [&](const std::string& more) { return done.count("saga = '" + id + "' AND " + more); };
    if (saga % 3 != 0) {
      EXPECT_EQ(name_of(state_of(*stored)), "completed") << id;
      EXPECT_EQ(rows("undoes = 0"), 3) << id;
      EXPECT_EQ(rows("undoes = 1"), 0) << id;
    } else {
      EXPECT_EQ(name_of(state_of(*stored)), "compensated") << id;
      EXPECT_EQ(rows("undoes = 0"), 2) << id;
      EXPECT_EQ(rows("undoes = 1 AND step <> 'ship'"), 2)
          << id << ": each effect is undone, once, by one key";
    }
  }
}

std::string scratch(const std::string& name) {
  const std::string path = std::string(SAGA_HARNESS_SCRATCH_DIR) + "/" + name + std::to_string(::getpid());
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path + ending);
  return path;
}

TEST(KilledCoordinatorHeavyTest, LosesNoSagaOverSqlite) {
  const std::string file = scratch("killed");
  const std::string services = scratch("services");
  const auto open = [&] { return sqlite_store(file); };
  const int sagas = kill_again_and_again(open, services);
  expect_everything_settled(*open(), services, sagas);
}

TEST(KilledCoordinatorHeavyTest, LosesNoSagaOverPostgresql) {
  const test::Server server = test::start_postgresql();
  if (server.address().empty()) GTEST_SKIP() << "this machine has no postgresql server";
  const std::string services = scratch("services");
  const auto open = [&] { return postgresql_store(server.address()); };
  const int sagas = kill_again_and_again(open, services);
  expect_everything_settled(*open(), services, sagas);
}

// ---- the states of stored sagas

TEST(StoredStateTest, FollowsTheLog) {
  StoredSaga saga;
  EXPECT_EQ(state_of(saga), StoredState::kCreated);
  const auto add = [&saga](const LogRecord& record) { saga.records.push_back(record_text(record)); };
  add({.kind = LogKind::kStarted});
  EXPECT_EQ(state_of(saga), StoredState::kRunning);
  add({.kind = LogKind::kIntent, .step = "a"});
  saga.records.emplace_back("{\"kind\":\"compens");
  EXPECT_EQ(state_of(saga), StoredState::kRunning) << "what is torn says nothing";
  add({.kind = LogKind::kCompensating});
  EXPECT_EQ(state_of(saga), StoredState::kCompensating);
  StoredSaga other = saga;
  add({.kind = LogKind::kEnd, .outcome = Outcome::kCompensated});
  EXPECT_EQ(state_of(saga), StoredState::kCompensated);
  other.records.push_back(record_text({.kind = LogKind::kEnd, .outcome = Outcome::kFlagged}));
  EXPECT_EQ(state_of(other), StoredState::kFlagged);
}

TEST(RunStoredTest, BeginsTakesUpAndLeavesAlone) {
  const std::string services = scratch("services");
  const std::shared_ptr<LogStore> store = memory_store();
  const Experiment experiment = subject(services);
  EXPECT_EQ(run_stored(experiment, store, "1"), Outcome::kCompleted);
  EXPECT_EQ(run_stored(experiment, store, "3"), Outcome::kCompensated);
  const StoredSaga ended = *store->load("1");
  EXPECT_EQ(run_stored(experiment, store, "1"), Outcome::kCompleted) << "it is said again";
  EXPECT_EQ(*store->load("1"), ended) << "and nothing is written";
  ASSERT_TRUE(store->create({.saga_id = "4", .definition = "order"}));
  ASSERT_EQ(store->append("4", 0, ended.records[0]), LogWrite::kDurable);
  EXPECT_EQ(sagas_in(*store, StoredState::kRunning), std::vector<std::string>{"4"});
  EXPECT_EQ(run_stored(experiment, store, "4"), Outcome::kCompleted) << "it is taken up";
  EXPECT_EQ(sagas_in(*store, StoredState::kCompleted), (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(sagas_in(*store, StoredState::kCompensated), std::vector<std::string>{"3"});
}

}  // namespace
}  // namespace saga_harness
