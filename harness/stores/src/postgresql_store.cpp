#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

#if !SAGA_HARNESS_HAS_POSTGRESQL

namespace saga_harness {

std::unique_ptr<LogStore> postgresql_store(const std::string& /*connection*/, Duration /*patience*/) {
  throw Error(ErrorText{.message = "this library was built without the postgresql store",
                        .fix = "build it where its client library is installed"});
}

}  // namespace saga_harness

#else

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <saga_harness_internal/text.hpp>

#include "gaps.hpp"
#include "patience.hpp"

namespace saga_harness {
namespace {

// The primary key of a record is what fences: two writers who know the same version cannot both be next.
constexpr const char* kPostgresqlSchema = R"(
  SET client_min_messages = warning;
  SELECT pg_advisory_lock(7241);
  CREATE TABLE IF NOT EXISTS saga (
    id text COLLATE "C" PRIMARY KEY, definition text NOT NULL, context text NOT NULL, created_us bigint NOT NULL);
  ALTER TABLE saga ADD COLUMN IF NOT EXISTS definition_hash text NOT NULL DEFAULT '';
  CREATE TABLE IF NOT EXISTS saga_record (
    saga text COLLATE "C" NOT NULL REFERENCES saga (id), position bigint NOT NULL, record text NOT NULL,
    PRIMARY KEY (saga, position));
  SELECT pg_advisory_unlock(7241);
)";
constexpr const char* kAppendRow =
    "INSERT INTO saga_record SELECT $1, $2::bigint, $3 WHERE EXISTS (SELECT 1 FROM saga WHERE id = $1) AND "
    "$2::bigint "
    "= (SELECT count(*) FROM saga_record WHERE saga = $1) ON CONFLICT DO NOTHING";

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

class PostgresqlStore final : public LogStore {
 public:
  PostgresqlStore(std::string address, Duration patience)
      : address_(std::move(address)), patience_(checked_patience(patience)) {
    if (!connect()) fail("cannot be reached");
    const Result made = take_all(PQsendQuery(connection_.get(), kPostgresqlSchema));
    if (PQresultStatus(made.get()) != PGRES_TUPLES_OK) fail("cannot be set up");
  }

  [[nodiscard]] std::string_view name() const override { return "postgresql"; }

  [[nodiscard]] bool create(const StoredHead& head) override {
    const Result result =
        ask("INSERT INTO saga (id, definition, context, created_us, definition_hash) "
            "VALUES ($1, $2, $3, $4::bigint, $5) ON CONFLICT DO NOTHING",
            std::array{head.saga_id, head.definition, head.context, fmt::format("{}", head.created_us),
                       head.definition_hash});
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail("cannot be written");
    return std::string_view(PQcmdTuples(result.get())) == "1";
  }

  [[nodiscard]] LogWrite append(std::string_view saga_id, std::uint64_t version,
                                std::string_view record) override {
    const Result result =
        ask(kAppendRow, std::array{std::string(saga_id), fmt::format("{}", version), std::string(record)});
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return LogWrite::kFailed;
    if (std::string_view(PQcmdTuples(result.get())) == "1") return LogWrite::kDurable;
    if (!head_of(saga_id))
      throw Error(ErrorText{.message = fmt::format("postgresql store: there is no saga {}", saga_id),
                            .fix = "create it first"});
    return LogWrite::kFenced;
  }

  [[nodiscard]] std::optional<StoredSaga> load(std::string_view saga_id) override {
    std::optional<StoredHead> head = head_of(saga_id);
    if (!head) return std::nullopt;
    StoredSaga saga{.head = std::move(*head)};
    const Result result = rows("SELECT record, position FROM saga_record WHERE saga = $1 ORDER BY position",
                               std::array{std::string(saga_id)});
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      expect_next(saga, number(result, row, 1), "postgresql");
      saga.records.push_back(text(result, row, 0));
    }
    return saga;
  }

  [[nodiscard]] std::vector<StoredLine> list() override {
    const Result result = rows(
        "SELECT id, definition, context, created_us, definition_hash, (SELECT count(*) FROM saga_record "
        "WHERE saga = id), "
        "(SELECT record "
        "FROM saga_record WHERE saga = id ORDER BY position DESC LIMIT 1) FROM saga ORDER BY id",
        std::array<std::string, 0>{});
    std::vector<StoredLine> lines;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      lines.push_back({.head = head_in(result, row),
                       .version = static_cast<std::uint64_t>(number(result, row, 5)),
                       .last = text(result, row, 6)});
    }
    return lines;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    const std::string why = is_late_ ? fmt::format("it does not answer within {}", format_duration(patience_))
                                     : std::string(PQerrorMessage(connection_.get()));
    throw Error(ErrorText{.message = fmt::format("postgresql store: it {}: {}", what, why)});
  }

  // It would end there, and two ids be one.
  static void expect_no_nul(const std::string& text) {
    if (text.find('\0') == std::string::npos) return;
    throw Error(ErrorText{.message = fmt::format("postgresql store: it keeps no text with a NUL byte: {}",
                                                 internal::in_quotes(text)),
                          .fix = "leave it out, or use another store"});
  }

  bool connect() {
    const std::string seconds = fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(patience_).count());
    const std::array<const char*, 3> names{"connect_timeout", "dbname", nullptr};
    const std::array<const char*, 3> values{seconds.c_str(), address_.c_str(), nullptr};
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));  // 1: dbname may be a whole address
    is_late_ = false;
    if (PQstatus(connection_.get()) != CONNECTION_OK) return false;
    PQsetnonblocking(connection_.get(), 1);
    // What nobody waits for any more must not be done later: the server calls it off a little before that.
    const std::string bound =
        fmt::format("SET statement_timeout = {}", patience_.count() / 1000 * 9 / 10 + 1);
    const Result set = take_all(PQsendQuery(connection_.get(), bound.c_str()));
    return PQresultStatus(set.get()) == PGRES_COMMAND_OK;
  }

  /// The last result of what was sent; nothing, and the connection closed, if it does not come in time.
  Result take_all(int was_sent) {
    Result last;
    if (was_sent == 0) return last;
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    while (true) {
      const int unsent = PQflush(connection_.get());
      while (unsent == 0 && PQisBusy(connection_.get()) == 0) {
        Result next(PQgetResult(connection_.get()));
        if (!next) return last;
        last = std::move(next);
      }
      const int events = POLLIN | (unsent == 1 ? POLLOUT : 0);
      if (unsent >= 0 && !wait_for(static_cast<short>(events), deadline)) {
        is_late_ = true;
        connection_.reset();
        return nullptr;
      }
      if (unsent < 0 || PQconsumeInput(connection_.get()) == 0) return nullptr;
    }
  }

  [[nodiscard]] bool wait_for(short events, std::chrono::steady_clock::time_point deadline) const {
    while (true) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd socket{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
      const int ready = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
      if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    }
  }

  // A connection that has ended is opened again: for the next question, for this one it is too late.
  template <std::size_t kCount>
  Result ask(const char* statement, const std::array<std::string, kCount>& given) {
    for (const std::string& text : given) expect_no_nul(text);
    if (PQstatus(connection_.get()) != CONNECTION_OK && !connect()) return nullptr;
    std::array<const char*, kCount> values{};
    for (std::size_t i = 0; i < kCount; ++i) values[i] = given[i].c_str();
    return take_all(PQsendQueryParams(connection_.get(), statement, static_cast<int>(kCount), nullptr,
                                      values.data(), nullptr, nullptr, 0));
  }
  template <std::size_t kCount>
  Result rows(const char* statement, const std::array<std::string, kCount>& given) {
    Result result = ask(statement, given);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) fail("cannot be read");
    return result;
  }

  static std::string text(const Result& result, int row, int column) {
    return PQgetvalue(result.get(), row, column);
  }
  static std::int64_t number(const Result& result, int row, int column) {
    const std::string digits = text(result, row, column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  static StoredHead head_in(const Result& result, int row) {
    return {.saga_id = text(result, row, 0),
            .definition = text(result, row, 1),
            .context = text(result, row, 2),
            .created_us = number(result, row, 3),
            .definition_hash = text(result, row, 4)};
  }

  std::optional<StoredHead> head_of(std::string_view saga_id) {
    const Result result =
        rows("SELECT id, definition, context, created_us, definition_hash FROM saga WHERE id = $1",
             std::array{std::string(saga_id)});
    if (PQntuples(result.get()) == 0) return std::nullopt;
    return head_in(result, 0);
  }

  std::string address_;
  Duration patience_;
  bool is_late_ = false;
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace

std::unique_ptr<LogStore> postgresql_store(const std::string& connection, Duration patience) {
  return std::make_unique<PostgresqlStore>(connection, patience);
}

}  // namespace saga_harness

#endif
