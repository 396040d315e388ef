#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

#if !SAGA_HARNESS_HAS_SQLITE

namespace saga_harness {

std::unique_ptr<LogStore> sqlite_store(const std::string& /*path*/) {
  throw Error(ErrorText{.message = "this library was built without the sqlite store",
                        .fix = "build it where its client library is installed"});
}

}  // namespace saga_harness

#else

#include <sqlite3.h>

#include "gaps.hpp"

#include <fmt/format.h>

namespace saga_harness {
namespace {

constexpr int kBusyMilliseconds = 10'000;

// The primary key of a record is what fences: two writers who know the same version cannot both be next.
constexpr const char* kSqliteSchema = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS saga (
    id TEXT PRIMARY KEY, definition TEXT NOT NULL, context TEXT NOT NULL, created_us INTEGER NOT NULL,
    definition_hash TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS saga_record (
    saga TEXT NOT NULL REFERENCES saga (id), position INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (saga, position)) WITHOUT ROWID;
)";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) : path_(path) {
    sqlite3* opened = nullptr;
    const int status = sqlite3_open(path.c_str(), &opened);
    database_.reset(opened);
    if (status != SQLITE_OK) fail("cannot be opened");
    sqlite3_busy_timeout(opened, kBusyMilliseconds);
    if (sqlite3_exec(opened, kSqliteSchema, nullptr, nullptr, nullptr) != SQLITE_OK) fail("cannot be set up");
    add_hash_column();
  }

  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorText{
        .message = fmt::format("sqlite store {}: it {}: {}", path_, what, sqlite3_errmsg(database_.get()))});
  }
  [[nodiscard]] sqlite3* get() const { return database_.get(); }

 private:
  // Files of earlier versions have none. Another process may add it at the same time.
  void add_hash_column() {
    const auto has_column = [this] {
      return sqlite3_table_column_metadata(get(), nullptr, "saga", "definition_hash", nullptr, nullptr,
                                           nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    if (has_column()) return;
    sqlite3_exec(get(), "ALTER TABLE saga ADD COLUMN definition_hash TEXT NOT NULL DEFAULT ''", nullptr,
                 nullptr, nullptr);
    if (!has_column()) fail("cannot be set up");
  }

  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

/// One statement, prepared once; reset when it goes out of use.
class Statement {
 public:
  Statement(const Sqlite& database, const char* text) : database_(database) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v3(database.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) !=
        SQLITE_OK)
      database.fail("refuses a statement");
    statement_.reset(prepared);
  }

  Statement& start() {
    sqlite3_reset(statement_.get());
    next_ = 1;
    return *this;
  }
  Statement& with(std::string_view text) {
    sqlite3_bind_text64(statement_.get(), next_++, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }
  Statement& with(std::int64_t number) {
    sqlite3_bind_int64(statement_.get(), next_++, number);
    return *this;
  }
  /// The status of a step, extended.
  int step() {
    const int status = sqlite3_step(statement_.get());
    return status == SQLITE_ROW || status == SQLITE_DONE ? status : sqlite3_extended_errcode(database_.get());
  }
  /// True if there is another row.
  bool row() {
    const int status = step();
    if (status != SQLITE_ROW && status != SQLITE_DONE) database_.fail("cannot be read");
    return status == SQLITE_ROW;
  }
  [[nodiscard]] std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes == nullptr
               ? std::string()
               : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
  }
  [[nodiscard]] std::int64_t number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  void done() { sqlite3_reset(statement_.get()); }

 private:
  const Sqlite& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_ = 1;
};

class SqliteStore final : public LogStore {
 public:
  explicit SqliteStore(const std::string& path)
      : database_(path),
        create_(database_,
                "INSERT INTO saga (id, definition, context, created_us, definition_hash) VALUES (?, ?, ?, ?, "
                "?) ON CONFLICT DO NOTHING"),
        append_(database_,
                "INSERT INTO saga_record SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM saga WHERE id = ?1) "
                "AND ?2 = "
                "(SELECT count(*) FROM saga_record WHERE saga = ?1)"),
        head_(database_,
              "SELECT id, definition, context, created_us, definition_hash FROM saga WHERE id = ?"),
        records_(database_, "SELECT record, position FROM saga_record WHERE saga = ? ORDER BY position"),
        list_(
            database_,
            "SELECT id, definition, context, created_us, definition_hash, (SELECT count(*) FROM saga_record "
            "WHERE saga = id), "
            "(SELECT record FROM saga_record WHERE saga = id ORDER BY position DESC LIMIT 1) FROM saga ORDER "
            "BY "
            "id") {}

  [[nodiscard]] std::string_view name() const override { return "sqlite"; }

  [[nodiscard]] bool create(const StoredHead& head) override {
    const int status = create_.start()
                           .with(head.saga_id)
                           .with(head.definition)
                           .with(head.context)
                           .with(head.created_us)
                           .with(head.definition_hash)
                           .step();
    create_.done();
    if (status != SQLITE_DONE) database_.fail("cannot be written");
    return sqlite3_changes(database_.get()) == 1;
  }

  [[nodiscard]] LogWrite append(std::string_view saga_id, std::uint64_t version,
                                std::string_view record) override {
    const int status =
        append_.start().with(saga_id).with(static_cast<std::int64_t>(version)).with(record).step();
    append_.done();
    if (status == SQLITE_CONSTRAINT_PRIMARYKEY) return LogWrite::kFenced;
    if (status != SQLITE_DONE) return LogWrite::kFailed;
    if (sqlite3_changes(database_.get()) == 1) return LogWrite::kDurable;
    expect_saga(saga_id);
    return LogWrite::kFenced;
  }

  [[nodiscard]] std::optional<StoredSaga> load(std::string_view saga_id) override {
    if (!head_.start().with(saga_id).row()) return std::nullopt;
    StoredSaga saga{.head = read_head(head_)};
    head_.done();
    records_.start().with(saga_id);
    while (records_.row()) {
      expect_next(saga, records_.number(1), "sqlite");
      saga.records.push_back(records_.text(0));
    }
    return saga;
  }

  [[nodiscard]] std::vector<StoredLine> list() override {
    std::vector<StoredLine> lines;
    list_.start();
    while (list_.row()) {
      lines.push_back({.head = read_head(list_),
                       .version = static_cast<std::uint64_t>(list_.number(5)),
                       .last = list_.text(6)});
    }
    return lines;
  }

 private:
  static StoredHead read_head(const Statement& row) {
    return {.saga_id = row.text(0),
            .definition = row.text(1),
            .context = row.text(2),
            .created_us = row.number(3),
            .definition_hash = row.text(4)};
  }

  void expect_saga(std::string_view saga_id) {
    const bool is_there = head_.start().with(saga_id).row();
    head_.done();
    if (!is_there)
      throw Error(
          {.message = fmt::format("sqlite store: there is no saga {}", saga_id), .fix = "create it first"});
  }

  Sqlite database_;
  Statement create_;
  Statement append_;
  Statement head_;
  Statement records_;
  Statement list_;
};

}  // namespace

std::unique_ptr<LogStore> sqlite_store(const std::string& path) {
  return std::make_unique<SqliteStore>(path);
}

}  // namespace saga_harness

#endif
