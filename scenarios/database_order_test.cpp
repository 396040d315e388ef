// A step whose effect is a row in a real database: inserted by its action, deleted by its compensation. The
// ledger is ours; that it agrees with the table is asked after every run.
#include <saga_harness/scenario.hpp>
#include <saga_harness/testing.hpp>

#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

namespace sh = saga_harness;

namespace {

// A table in memory, for the time of a test.
class Database {
 public:
  Database() {
    if (sqlite3_open(":memory:", &handle_) != SQLITE_OK) throw std::runtime_error("cannot open a database");
    run("CREATE TABLE orders (id TEXT PRIMARY KEY, customer_id TEXT, total REAL, confirmed INTEGER DEFAULT "
        "0)");
    // What a service needs to recognise a request that comes again, and one that comes too late.
    run("CREATE TABLE requests (key TEXT PRIMARY KEY)");
    run("CREATE TABLE cancelled (id TEXT PRIMARY KEY)");
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close(handle_); }

  // How many rows it has changed.
  int run(const std::string& sql, std::initializer_list<std::string_view> values = {}) {
    sqlite3_stmt* const statement = prepare(sql, values);
    const int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(handle_));
    return sqlite3_changes(handle_);
  }
  int count(const std::string& sql, std::initializer_list<std::string_view> values = {}) {
    sqlite3_stmt* const statement = prepare("SELECT count(*) FROM " + sql, values);
    sqlite3_step(statement);
    const int rows = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return rows;
  }

 private:
  sqlite3_stmt* prepare(const std::string& sql, std::initializer_list<std::string_view> values) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
    int place = 0;
    for (const std::string_view value : values)
      sqlite3_bind_text(statement, ++place, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return statement;
  }
  sqlite3* handle_ = nullptr;
};

// The service in front of the table. Each request is one transaction with the note that it was seen.
class OrderDatabase final : public sh::Participant {
 public:
  explicit OrderDatabase(Database& database, bool forgets_keys = false)
      : database_(database), forgets_keys_(forgets_keys) {}

  sh::Reply handle(const sh::Delivery& delivery, sh::EffectRecorder& recorder) override {
    const std::string_view order = delivery.saga_id;
    const bool is_new = forgets_keys_ || database_.run("INSERT OR IGNORE INTO requests VALUES (?)",
                                                       {delivery.idempotency_key}) == 1;
    if (!is_new) return {.body = R"({"rows_affected":0})"};
    int rows = 0;
    if (delivery.operation.operation == sh::Operation::kCompensation) {
      database_.run("INSERT OR IGNORE INTO cancelled VALUES (?)", {order});
      rows = database_.run("DELETE FROM orders WHERE id = ?", {order});
      if (rows == 1) recorder.undo(delivery);
      return {.body = rows == 1 ? R"({"rows_deleted":1})" : R"({"rows_deleted":0})"};
    }
    if (database_.count("cancelled WHERE id = ?", {order}) > 0) return {.status = sh::ReplyStatus::kRejected};
    if (delivery.action == "insert_order") {
      rows = database_.run(
          "INSERT OR REPLACE INTO orders (id, customer_id, total) VALUES (?, 'CUST-123', 99.99)", {order});
    } else {
      rows = database_.run("UPDATE orders SET confirmed = 1 WHERE id = ?", {order});
    }
    if (rows == 1) recorder.apply(delivery);
    return {.status = rows == 1 ? sh::ReplyStatus::kOk : sh::ReplyStatus::kRejected,
            .body = rows == 1 ? R"({"rows_affected":1})" : R"({"rows_affected":0})"};
  }
  void reset() override {
    for (const char* table : {"orders", "requests", "cancelled"})
      database_.run("DELETE FROM " + std::string(table));
  }
  [[nodiscard]] std::vector<sh::Quantity> quantities() const override {
    return {{.name = "order_database/rows", .rule = sh::QuantityRule::kRestored}};
  }
  void measure(std::vector<std::int64_t>& values) const override {
    values.push_back(database_.count("orders"));
  }

 private:
  Database& database_;
  bool forgets_keys_;
};

// The ledger's word against the table's.
sh::Verdict ledger_agrees_with_rows(const sh::Observation& seen, const sh::SagaIndex& saga) {
  const int in_ledger = seen.effects[saga.find_step("insert_order")].net();
  for (const sh::Quantity& quantity : seen.quantities) {
    if (quantity.name != "order_database/rows") continue;
    if (quantity.at_end == in_ledger) return {.status = sh::VerdictStatus::kHeld};
    return {.status = sh::VerdictStatus::kViolated,
            .explanation = "the ledger has " + std::to_string(in_ledger) + " orders, the table " +
                           std::to_string(quantity.at_end)};
  }
  return {.status = sh::VerdictStatus::kUnknown};
}

class DatabaseOrderTest : public testing::Test {
 protected:
  DatabaseOrderTest() : harness_(sh::load_scenario(SAGA_HARNESS_SCENARIOS_DIR "/database_order.json")) {
    harness_.use_participant("order_database", service_);
    harness_.add_invariant({.name = "the ledger agrees with the rows", .check = ledger_agrees_with_rows});
  }
  Database database_;
  OrderDatabase service_{database_};
  sh::SagaTestHarness harness_;
};

TEST_F(DatabaseOrderTest, ARowIsThereWhenTheSagaHasCompleted) {
  EXPECT_THAT(harness_.start_saga(harness_.saga().saga().context), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(database_.count("orders WHERE confirmed = 1"), 1);
  EXPECT_EQ(harness_.effect("insert_order").net(), 1);
}

TEST_F(DatabaseOrderTest, TheRowIsDeletedWhenThePaymentFails) {
  harness_.fail({"payment_service", "process_payment"});
  const sh::Run run = harness_.start_saga(harness_.saga().saga().context);
  EXPECT_THAT(run, sh::EndsIn(sh::Outcome::kCompensated));
  EXPECT_TRUE(harness_.was_called("order_database", "delete_order"));
  EXPECT_EQ(database_.count("orders"), 0);
  EXPECT_THAT(run, sh::Keeps("order_database/rows"));
}

TEST_F(DatabaseOrderTest, ARowWhoseReplyWasLostIsInsertedOnce) {
  harness_.lose_reply({"order_database", "insert_order"});
  EXPECT_THAT(harness_.start_saga(harness_.saga().saga().context), sh::EndsIn(sh::Outcome::kCompleted));
  EXPECT_EQ(database_.count("orders"), 1);
  EXPECT_EQ(harness_.effect("insert_order").applied, 1U);
}

// But for an OK before its effect: the statements of an order are about one row, and the next cannot go
// before the first.
TEST_F(DatabaseOrderTest, SurvivesEveryPairOfFaults) {
  std::vector<sh::FaultKind> kinds = sh::kinds_in_scope(harness_.experiment(), {});
  std::erase(kinds, sh::FaultKind::kOkBeforeEffect);
  const sh::Exploration exploration = harness_.explore({.max_faults = 2, .kinds = kinds});
  EXPECT_TRUE(exploration.exhausted);
  EXPECT_THAT(exploration, sh::FindsNoViolation());
}

TEST_F(DatabaseOrderTest, AServiceThatForgetsItsRequestsIsFoundOut) {
  OrderDatabase forgetful(database_, true);
  harness_.use_participant("order_database", forgetful);
  EXPECT_THAT(harness_.explore({.max_faults = 1}), sh::Violates(sh::Rule::kAtMostOnce));
}

}  // namespace
