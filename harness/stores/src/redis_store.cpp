#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>

#if !SAGA_HARNESS_HAS_REDIS

namespace saga_harness {

std::unique_ptr<LogStore> redis_store(const std::string& /*address*/, std::string_view /*prefix*/,
                                      Duration /*patience*/) {
  throw Error(ErrorText{.message = "this library was built without the redis store",
                        .fix = "build it where its client library is installed"});
}

}  // namespace saga_harness

#else

#include <signal.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <saga_harness_internal/text.hpp>

#include "patience.hpp"

namespace saga_harness {
namespace {

// Scripts run alone: that is what fences. The head counts the records: a server that evicts keys may lose
// either.
constexpr std::string_view kCreate =
    "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end "
    "if redis.call('EXISTS', KEYS[3]) == 1 then return -2 end "
    "redis.call('HSET', KEYS[1], 'definition', ARGV[1], 'context', ARGV[2], 'created_us', ARGV[3], "
    "'definition_hash', ARGV[5], 'records', 0) "
    "redis.call('SADD', KEYS[2], ARGV[4]) return 1";
constexpr std::string_view kAppendScript =
    "if redis.call('EXISTS', KEYS[1]) == 0 then return redis.call('EXISTS', KEYS[2]) == 1 and -2 or -1 end "
    "local count = redis.call('HGET', KEYS[1], 'records') "
    "if count and tonumber(count) ~= redis.call('LLEN', KEYS[2]) then return -2 end "
    "if redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[1]) then return 0 end "
    "redis.call('RPUSH', KEYS[2], ARGV[2]) "
    "if count then redis.call('HINCRBY', KEYS[1], 'records', 1) end return 1";
constexpr std::string_view kLook =
    "if redis.call('EXISTS', KEYS[1]) == 0 then return redis.call('EXISTS', KEYS[2]) == 1 and -2 or 0 end "
    "local count = redis.call('HGET', KEYS[1], 'records') "
    "if count and tonumber(count) ~= redis.call('LLEN', KEYS[2]) then return -2 end return 1";
constexpr int kCorrupt = -2;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Answer = std::unique_ptr<redisReply, FreeReply>;

/// hiredis writes to a connection that may be gone: what would end the process is put off in this thread, and
/// taken away.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() {
    constexpr timespec kNow{};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &kNow);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

class RedisStore final : public LogStore {
 public:
  RedisStore(const std::string& address, std::string_view prefix, Duration patience)
      : address_(address),
        prefix_(prefix),
        patience_{.tv_sec = checked_patience(patience).count() / 1'000'000,
                  .tv_usec = patience.count() % 1'000'000} {
    connect();
    if (!context_ || context_->err != 0) fail("cannot be reached");
  }

  [[nodiscard]] std::string_view name() const override { return "redis"; }

  [[nodiscard]] bool create(const StoredHead& head) override {
    const Answer answer = ask({"EVAL", kCreate, "3", head_key(head.saga_id), prefix_ + "sagas",
                               records_key(head.saga_id), head.definition, head.context,
                               fmt::format("{}", head.created_us), head.saga_id, head.definition_hash});
    if (!answer || answer->type != REDIS_REPLY_INTEGER) fail("cannot be written", answer.get());
    expect_whole(*answer, head.saga_id);
    return answer->integer == 1;
  }

  [[nodiscard]] LogWrite append(std::string_view saga_id, std::uint64_t version,
                                std::string_view record) override {
    const Answer answer = ask({"EVAL", kAppendScript, "2", head_key(saga_id), records_key(saga_id),
                               fmt::format("{}", version), record});
    if (!answer || answer->type != REDIS_REPLY_INTEGER) return LogWrite::kFailed;
    expect_whole(*answer, saga_id);
    if (answer->integer < 0)
      throw Error(
          {.message = fmt::format("redis store: there is no saga {}", saga_id), .fix = "create it first"});
    return answer->integer == 1 ? LogWrite::kDurable : LogWrite::kFenced;
  }

  [[nodiscard]] std::optional<StoredSaga> load(std::string_view saga_id) override {
    std::optional<StoredHead> head = head_of(saga_id);
    if (!head) return std::nullopt;
    return StoredSaga{.head = std::move(*head),
                      .records = texts({"LRANGE", records_key(saga_id), "0", "-1"})};
  }

  [[nodiscard]] std::vector<StoredLine> list() override {
    std::vector<std::string> ids = texts({"SMEMBERS", prefix_ + "sagas"});
    std::ranges::sort(ids);
    std::vector<StoredLine> lines;
    for (const std::string& id : ids) {
      std::optional<StoredHead> head = head_of(id);
      if (!head) continue;
      const Answer count = ask({"LLEN", records_key(id)});
      if (!count || count->type != REDIS_REPLY_INTEGER) fail("cannot be read", count.get());
      std::vector<std::string> last = texts({"LRANGE", records_key(id), "-1", "-1"});
      lines.push_back({.head = std::move(*head),
                       .version = static_cast<std::uint64_t>(count->integer),
                       .last = last.empty() ? std::string() : std::move(last.front())});
    }
    return lines;
  }

 private:
  void connect() {
    const std::size_t colon = address_.rfind(':');
    if (colon == std::string::npos) {
      context_.reset(redisConnectUnixWithTimeout(address_.c_str(), patience_));
      return bound();
    }
    int port = 0;
    std::from_chars(address_.data() + colon + 1, address_.data() + address_.size(), port);
    context_.reset(redisConnectWithTimeout(address_.substr(0, colon).c_str(), port, patience_));
    bound();
  }
  /// Nobody waits for an answer longer than that.
  void bound() {
    if (context_ && context_->err == 0) redisSetTimeout(context_.get(), patience_);
  }

  void expect_whole(const redisReply& answer, std::string_view saga_id) const {
    if (answer.integer != kCorrupt) return;
    throw Error(ErrorText{
        .source = fmt::format("stored saga {}", internal::in_quotes(saga_id)),
        .message = fmt::format(
            "redis store {}: it is corrupt: its head and its records do not belong together", address_),
        .fix = "restore both, and do not let the server evict keys (maxmemory-policy noeviction)"});
  }

  [[noreturn]] void fail(std::string_view what, const redisReply* answer = nullptr) const {
    std::string_view why = context_ ? std::string_view(context_->errstr) : std::string_view();
    if (answer != nullptr && answer->type == REDIS_REPLY_ERROR) why = {answer->str, answer->len};
    throw Error(ErrorText{.message = fmt::format("redis store {}: it {}: {}", address_, what, why)});
  }

  // A connection that has failed is opened again: for the next question, for this one it is too late.
  Answer ask(std::initializer_list<std::string_view> words) {
    if (!context_ || context_->err != 0) connect();
    if (!context_ || context_->err != 0) return nullptr;
    const NoBrokenPipe guard;
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string_view word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    return Answer(static_cast<redisReply*>(
        redisCommandArgv(context_.get(), static_cast<int>(texts.size()), texts.data(), sizes.data())));
  }

  std::vector<std::string> texts(std::initializer_list<std::string_view> words) {
    const Answer answer = ask(words);
    if (!answer || answer->type != REDIS_REPLY_ARRAY) fail("cannot be read", answer.get());
    std::vector<std::string> result;
    for (std::size_t i = 0; i < answer->elements; ++i) {
      const redisReply& each = *answer->element[i];
      result.emplace_back(each.str == nullptr ? "" : each.str, each.str == nullptr ? 0 : each.len);
    }
    return result;
  }

  std::optional<StoredHead> head_of(std::string_view saga_id) {
    const std::string key = head_key(saga_id);
    const Answer exists = ask({"EVAL", kLook, "2", key, records_key(saga_id)});
    if (!exists || exists->type != REDIS_REPLY_INTEGER) fail("cannot be read", exists.get());
    expect_whole(*exists, saga_id);
    if (exists->integer == 0) return std::nullopt;
    const std::vector<std::string> fields =
        texts({"HMGET", key, "definition", "context", "created_us", "definition_hash"});
    StoredHead head{.saga_id = std::string(saga_id),
                    .definition = fields[0],
                    .context = fields[1],
                    .definition_hash = fields[3]};
    std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), head.created_us);
    return head;
  }

  [[nodiscard]] std::string head_key(std::string_view id) const {
    return fmt::format("{}saga:{}", prefix_, id);
  }
  [[nodiscard]] std::string records_key(std::string_view id) const {
    return fmt::format("{}records:{}", prefix_, id);
  }

  std::string address_;
  std::string prefix_;
  timeval patience_;
  std::unique_ptr<redisContext, FreeContext> context_;
};

}  // namespace

std::unique_ptr<LogStore> redis_store(const std::string& address, std::string_view prefix,
                                      Duration patience) {
  return std::make_unique<RedisStore>(address, prefix, patience);
}

}  // namespace saga_harness

#endif
