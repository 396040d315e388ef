#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saga_harness/choices.hpp>
#include <saga_harness/engine.hpp>
#include <saga_harness/fakes.hpp>

namespace saga_harness::fakes_test {

/// A request as a test writes it.
struct Ask {
  std::string action = {};
  std::string key = {};
  std::string payload = {};  // empty: the context
};

struct Answered {
  ReplyStatus status = ReplyStatus::kOk;
  std::string body = {};

  friend bool operator==(const Answered&, const Answered&) = default;
};

/// What came of a list of requests.
struct Played {
  std::vector<Answered> answers = {};
  Ledger ledger = {};
  std::vector<std::string> markers = {};

  [[nodiscard]] std::vector<ReplyStatus> statuses() const {
    std::vector<ReplyStatus> statuses;
    for (const Answered& answer : answers) statuses.push_back(answer.status);
    return statuses;
  }
};

/// Step 0 `take` (or `take_elsewhere`) and `give_back`, step 1 `pay` and `refund`, step 2 `confirm`: all at
/// one service.
inline Saga shop_saga() {
  return {.name = "shopping",
          .steps = {
              {.name = "take", .service = "shop", .compensation = "give_back", .fallback = "take_elsewhere"},
              {.name = "pay", .service = "shop", .compensation = "refund"},
              {.name = "confirm", .service = "shop", .pivot = true}}};
}

/// One participant that is asked one thing after the other, by a coordinator that does as the test says.
class Shop {
 public:
  explicit Shop(ParticipantFactory participant, std::string_view context = "{}")
      : engine_(setup(std::move(participant), context, asks_, answers_)) {}
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  /// A new run.
  Played play(std::vector<Ask> asks) {
    asks_ = std::move(asks);
    answers_.clear();
    NoFaults no_faults;
    engine_.run(no_faults);
    Played played{.answers = answers_, .ledger = engine_.ledger()};
    const Trace trace = engine_.trace();
    for (const Event& event : trace.events) {
      if (event.type == EventType::kMarked) played.markers.push_back(trace.texts[event.text]);
    }
    return played;
  }

 private:
  static Setup setup(ParticipantFactory participant, std::string_view context, const std::vector<Ask>& asks,
                     std::vector<Answered>& answers) {
    Setup setup;
    setup.saga = std::make_shared<const SagaIndex>(shop_saga());
    setup.participants.emplace("shop", std::move(participant));
    setup.context = Context::parse(context);
    setup.coordinator = [&asks, &answers](Runtime& runtime) {
      if (runtime.incarnation() > 1) return;
      for (const Ask& ask : asks) {
        const Reply reply = runtime.call(
            {.service = "shop", .action = ask.action, .idempotency_key = ask.key, .payload = ask.payload});
        answers.push_back({reply.status, std::string(reply.body)});
      }
    };
    return setup;
  }

  std::vector<Ask> asks_;
  std::vector<Answered> answers_;
  Engine engine_;
};

inline Played play(ParticipantFactory participant, std::vector<Ask> asks, std::string_view context = "{}") {
  return Shop(std::move(participant), context).play(std::move(asks));
}

}  // namespace saga_harness::fakes_test
