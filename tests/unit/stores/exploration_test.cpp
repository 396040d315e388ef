// The same exploration with the saga log in each store.

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/stores.hpp>

#include "support/servers.hpp"

namespace saga_harness {
namespace {

Experiment subject(OrchestratorBug bug = OrchestratorBug::kNone) {
  Saga saga{.name = "small",
            .steps = {{.name = "reserve",
                       .service = "stock",
                       .compensation = "release",
                       .retry = {.attempts = 2},
                       .compensation_retry = {.attempts = 2}},
                      {.name = "pay", .service = "bank", .compensation = "refund"},
                      {.name = "ship", .service = "depot", .pivot = true}}};
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(std::move(saga));
  experiment.setup.coordinator = orchestrator(bug);
  experiment.coordinator_name = name_of(bug);
  for (const std::string_view service : experiment.setup.saga->services())
    experiment.setup.participants.emplace(service, ledger_fake());
  return experiment;
}

const ExploreOptions kLogFaults{
    .max_faults = 2,
    .kinds = {FaultKind::kReplyLost, FaultKind::kRejected, FaultKind::kCoordinatorCrash, FaultKind::kTakeover,
              FaultKind::kLogWriteError, FaultKind::kLogWriteTorn, FaultKind::kLogReadStale},
    .windows = false};

struct Opened {
  test::Server server;
  std::shared_ptr<LogStore> store;
};

Opened open(const std::string& kind) {
  Opened opened;
  if (kind == "sqlite") {
    const std::string file =
        std::string(SAGA_HARNESS_SCRATCH_DIR) + "/explored" + std::to_string(::getpid()) + ".sqlite";
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file + ending);
    opened.store = sqlite_store(file);
  } else if (kind == "postgresql") {
    opened.server = test::start_postgresql();
    if (!opened.server.address().empty()) opened.store = postgresql_store(opened.server.address());
  } else if (kind == "redis") {
    opened.server = test::start_redis();
    if (!opened.server.address().empty()) opened.store = redis_store(opened.server.address());
  } else {
    opened.store = memory_store();
  }
  return opened;
}

class StoreExplorationTest : public testing::TestWithParam<std::string> {};

TEST_P(StoreExplorationTest, IsThatOfTheEnginesOwnLog) {
  const Opened opened = open(GetParam());
  if (!opened.store) GTEST_SKIP() << "this machine has no " << GetParam() << " server";
  ExploreOptions options = kLogFaults;
  if (GetParam() != "memory") options.max_faults = 1;  // every write is on a disk
  const Exploration own = explore(subject(), options);
  const Exploration stored = explore(over_store(subject(), opened.store), options);
  EXPECT_TRUE(stored.finds_no_violation()) << stored.findings.front().explanation << "\n"
                                           << to_string(stored.findings.front().plan);
  EXPECT_TRUE(stored.exhausted);
  EXPECT_EQ(stored.schedules, own.schedules);
  EXPECT_EQ(stored.outcomes, own.outcomes);
  EXPECT_GE(opened.store->list().size(), stored.schedules) << "each run is a saga of its own";
}

/// A write that is called durable and lost cannot be survived in every case: then with a store as without.
TEST_P(StoreExplorationTest, FindsWhatTheEnginesOwnLogFinds) {
  const Opened opened = open(GetParam());
  if (!opened.store) GTEST_SKIP() << "this machine has no " << GetParam() << " server";
  ExploreOptions options = kLogFaults;
  options.max_faults = 1;
  options.kinds.push_back(FaultKind::kLogWriteLost);
  const Experiment faulty = subject(OrchestratorBug::kDoneBeforeCall);
  const Exploration own = explore(faulty, options);
  const Exploration stored = explore(over_store(faulty, opened.store), options);
  ASSERT_FALSE(own.findings.empty());
  ASSERT_EQ(stored.findings.size(), own.findings.size());
  for (std::size_t i = 0; i < own.findings.size(); ++i) {
    EXPECT_EQ(to_string(stored.findings[i].plan), to_string(own.findings[i].plan));
    EXPECT_EQ(stored.findings[i].explanation, own.findings[i].explanation);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreExplorationTest,
                         testing::Values("memory", "sqlite", "postgresql", "redis"),
                         [](const auto& each) { return each.param; });

TEST(FencingTest, AStoreThatDoesNotFenceLetsTheOneTakenForDeadWriteOn) {
  ExploreOptions options{.max_faults = 2, .kinds = {FaultKind::kTakeover, FaultKind::kRejected}};
  const std::shared_ptr<LogStore> store = memory_store({.fences = false});
  EXPECT_FALSE(store->fences());
  const Exploration exploration = explore(over_store(subject(), store), options);
  ASSERT_FALSE(exploration.finds_no_violation());
  EXPECT_NE(to_string(exploration.findings.front().plan).find("takeover"), std::string::npos)
      << to_string(exploration.findings.front().plan);
  EXPECT_TRUE(explore(over_store(subject(), memory_store()), options).finds_no_violation());
}

/// Takes every record for durable, and keeps every third not.
class ForgetfulStore final : public LogStore {
 public:
  [[nodiscard]] std::string_view name() const override { return "forgetful"; }
  [[nodiscard]] bool fences() const override { return false; }
  [[nodiscard]] bool create(const StoredHead& head) override { return kept_->create(head); }
  [[nodiscard]] LogWrite append(std::string_view id, std::uint64_t version,
                                std::string_view record) override {
    return ++writes_ % 3 == 0 ? LogWrite::kDurable : kept_->append(id, version, record);
  }
  [[nodiscard]] std::optional<StoredSaga> load(std::string_view id) override { return kept_->load(id); }
  [[nodiscard]] std::vector<StoredLine> list() override { return kept_->list(); }

 private:
  std::unique_ptr<LogStore> kept_ = memory_store({.fences = false});
  std::uint64_t writes_ = 0;
};

TEST(OverStoreTest, WhatIsReadAfterACrashComesFromTheStore) {
  const ExploreOptions options{.max_faults = 1, .kinds = {FaultKind::kCoordinatorCrash}};
  ExploreOptions unchecked = options;
  unchecked.recheck_every = 0;
  try {
    const Exploration exploration =
        explore(over_store(subject(), std::make_shared<ForgetfulStore>()), unchecked);
    EXPECT_FALSE(exploration.finds_no_violation());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInternal) << "it forgets another record each time: " << error.what();
  }
}

TEST(OverStoreTest, IsGivenAStore) { EXPECT_THROW(static_cast<void>(over_store(subject(), nullptr)), Error); }

// ---- what a record is in a store

TEST(RecordTextTest, IsReadBackAsItWas) {
  const std::string_view flagged[] = {"a", "b\"\n"};
  const LogRecord records[] = {
      {.kind = LogKind::kStarted},
      {.kind = LogKind::kIntent, .step = "pay", .operation = Operation::kCompensation},
      {.kind = LogKind::kFailed, .step = "pay", .maybe_done = true},
      {.kind = LogKind::kEnd, .outcome = Outcome::kFlagged, .flagged = flagged},
      {.kind = LogKind::kNote, .note = "\x01 \xC3\xA9"}};
  for (const LogRecord& record : records) {
    const StoredRecord read = read_record(record_text(record));
    EXPECT_EQ(read.kind, record.kind);
    EXPECT_EQ(read.step, record.step);
    EXPECT_EQ(read.operation, record.operation);
    EXPECT_EQ(read.outcome, record.outcome);
    EXPECT_EQ(read.maybe_done, record.maybe_done);
    EXPECT_EQ(read.flagged, std::vector<std::string>(record.flagged.begin(), record.flagged.end()));
    EXPECT_EQ(read.note, record.note);
  }
}

TEST(RecordTextTest, CutOffAnywhereOrForeignItIsTorn) {
  const std::string_view flagged[] = {"pay"};
  const std::string whole =
      record_text({.kind = LogKind::kEnd, .outcome = Outcome::kFlagged, .flagged = flagged, .note = "n"});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read_record(whole.substr(0, size)).kind, LogKind::kTorn) << size;
  for (const char* text : {"[]", "{}", R"({"kind":"torn"})", R"({"kind":"done","colour":1})", R"({"kind":7})",
                           R"({"kind":"end","outcome":"fine"})", R"({"kind":"end","flagged":[1]})"})
    EXPECT_EQ(read_record(text).kind, LogKind::kTorn) << text;
}

}  // namespace
}  // namespace saga_harness
