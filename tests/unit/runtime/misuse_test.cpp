// Mistakes of whoever writes a coordinator, a participant or a search: an Error from run(), whatever they
// catch.

#include <array>
#include <chrono>
#include <map>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace saga_harness {
namespace {

using namespace runtime_test;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// What run() says of a coordinator that does `act` and catches all it can.
std::string complaint(const std::function<void(Runtime&)>& act, Saga saga = two_steps()) {
  std::string let_through;
  for (const bool catches : {false, true}) {
    EngineFixture fixture(saga, once([&](Runtime& runtime) {
                            if (!catches) return act(runtime);
                            try {
                              act(runtime);
                            } catch (...) {
                            }
                          }));
    const std::string text = error_of([&] { return fixture.run().outcome; });
    if (!catches) {
      let_through = text;
    } else {
      EXPECT_EQ(text, let_through) << "a coordinator can hide its misuse";
    }
  }
  return let_through;
}

std::string complaint_about(const Request& request, Saga saga = two_steps()) {
  return complaint([&request](Runtime& runtime) { runtime.call(request); }, std::move(saga));
}

/// Both steps call `book` at `agency`.
Saga twins() {
  return {
      .name = "journey",
      .steps = {{.name = "flight", .service = "agency", .action = "book", .compensation = "cancel_flight"},
                {.name = "hotel", .service = "agency", .action = "book", .compensation = "cancel_hotel"}}};
}

TEST(MisuseTest, AnUnknownServiceOrActionIsNamedWithTheNearest) {
  EXPECT_EQ(
      complaint_about({.service = "bank", .action = "pya"}),
      "the coordinator calls pya of bank, which saga \"shop\" does not declare; did you mean pay of bank?");
  EXPECT_EQ(complaint_about({.service = "dept", .action = "ship"}),
            "the coordinator calls ship of dept, which saga \"shop\" does not declare; did you mean ship of "
            "depot?");
  EXPECT_EQ(complaint_about({.service = "zzzzzzzzzzzzzz", .action = "qqqqqqqqqqqqqqq"}),
            "the coordinator calls qqqqqqqqqqqqqqq of zzzzzzzzzzzzzz, which saga \"shop\" does not declare");
  EXPECT_THAT(complaint_about({}), StartsWith("the coordinator calls  of "));
}

TEST(MisuseTest, AnActionOfAnotherServiceIsUnknown) {
  EXPECT_THAT(complaint_about({.service = "depot", .action = "pay"}), HasSubstr("pay of depot, which saga"));
}

TEST(MisuseTest, AnOperationThatTwoStepsShareMustNameItsStep) {
  EXPECT_EQ(complaint_about({.service = "agency", .action = "book"}, twins()),
            "steps \"flight\" and \"hotel\" both use book of agency; say which one in Request::step");
  EXPECT_EQ(complaint_about({.service = "agency", .action = "book", .step = "hotel"}, twins()), "(no error)");
}

TEST(MisuseTest, AStepThatDoesNotOwnTheActionIsToldWhoDoes) {
  EXPECT_EQ(complaint_about({.service = "bank", .action = "pay", .step = "ship"}),
            "the coordinator calls pay of bank for step \"ship\", but that belongs to step \"pay\"");
}

TEST(MisuseTest, AnUnknownStepInALogRecordOrAReportIsNamedWithTheNearest) {
  const std::array<std::string_view, 2> names{"ship", "pax"};
  const std::string expected =
      "the coordinator speaks of step \"pax\", which saga \"shop\" does not have; did you mean \"pay\"?";
  EXPECT_EQ(complaint([](Runtime& runtime) { runtime.append({.kind = LogKind::kIntent, .step = "pax"}); }),
            expected);
  EXPECT_EQ(complaint([&](Runtime& runtime) { runtime.append({.kind = LogKind::kEnd, .flagged = names}); }),
            expected);
  EXPECT_EQ(complaint([&](Runtime& runtime) { runtime.report(Outcome::kFlagged, names); }), expected);
  EXPECT_THAT(complaint([](Runtime& runtime) { runtime.append({.kind = LogKind::kDone}); }),
              StartsWith("the coordinator speaks of step \"\", which saga"));
}

TEST(MisuseTest, OnlyWhatWasStartedCanBeWaitedFor) {
  const std::string expected =
      "a Pending is being waited for that start() did not return in this incarnation of the coordinator";
  EXPECT_EQ(complaint([](Runtime& runtime) { runtime.wait(Pending()); }), expected);

  Pending foreign;
  EngineFixture other(one_step(), once([&foreign](Runtime& runtime) {
                        for (int i = 0; i < 5; ++i) foreign = runtime.start(kPay);
                      }));
  other.run();
  EXPECT_EQ(complaint([&foreign](Runtime& runtime) {
              runtime.start(kPay);
              runtime.wait(foreign);
            }),
            expected);
  EXPECT_EQ(complaint([&foreign](Runtime& runtime) {
              const std::array pending{runtime.start(kPay), foreign};
              runtime.wait_any(pending);
            }),
            expected);
}

TEST(MisuseTest, NoRequestOutlivesItsIncarnation) {
  Pending pending;
  EngineFixture fixture(one_step(), [&pending](Runtime& runtime) {
    if (runtime.incarnation() == 1) {
      pending = runtime.start(kPay);
      runtime.append({});
    }
    if (runtime.incarnation() == 2) runtime.wait(pending);
  });
  EXPECT_THAT(error_of([&] { return fixture.run("saga@after_note:coordinator_crash").outcome; }),
              HasSubstr("in this incarnation"));
}

TEST(MisuseTest, WaitingNeedsARequestOrATime) {
  const std::string expected =
      "wait_any() has nothing to wait for: give it a request, or a time within a year";
  EXPECT_EQ(complaint([](Runtime& runtime) { runtime.wait_any({}); }), expected);
  EXPECT_EQ(complaint([](Runtime& runtime) { runtime.wait_any({}, Time::max() - 1us); }), expected);
  EXPECT_EQ(complaint([](Runtime& runtime) { runtime.wait_any({}, runtime.now() + 24h * 365); }),
            "(no error)");
}

TEST(MisuseTest, DurationsAreNeitherNegativeNorEndless) {
  EXPECT_EQ(complaint([](Runtime& runtime) { runtime.sleep(-1us); }),
            "the duration given to sleep() is -1 us: it cannot be negative");
  EXPECT_THAT(complaint([](Runtime& runtime) { runtime.sleep(Duration::max()); }),
              HasSubstr("us: nothing takes longer than a year"));
  EXPECT_EQ(complaint_about({.service = "bank", .action = "pay", .timeout = -5us}),
            "Request::timeout is -5 us: it cannot be negative");
  EXPECT_THAT(complaint_about({.service = "bank", .action = "pay", .timeout = Duration::max()}),
              HasSubstr("Request::timeout is 9223372036854775807 us: nothing takes longer than a year"));
}

TEST(MisuseTest, TheLongestWaitsFitIntoVirtualTime) {
  EngineFixture fixture(one_step(), [](Runtime& runtime) {
    for (;;) runtime.sleep(24h * 366);
  });
  const Observation& seen = fixture.run();
  EXPECT_EQ(seen.events.back().type, EventType::kHealed);
  EXPECT_EQ(Duration(seen.events.back().at), 100'000 * 24h * 366);
}

TEST(MisuseTest, StopsTheCoordinatorAtOnce) {
  EngineFixture fixture(one_step(), [](Runtime& runtime) {
    try {
      runtime.sleep(-1us);
    } catch (...) {
    }
    runtime.report(Outcome::kCompleted);
  });
  EXPECT_NE(error_of([&] { return fixture.run().outcome; }), "(no error)");
  EXPECT_EQ(fixture.engine().trace().events.size(), 2U) << "started and healed, no report, no recovery";
}

TEST(MisuseTest, DoesNotSpoilTheNextRun) {
  bool misuses = true;
  EngineFixture fixture(one_step(),
                        once([&misuses](Runtime& runtime) { runtime.call(misuses ? kShip : kPay); }));
  EXPECT_THAT(error_of([&] { return fixture.run().outcome; }), HasSubstr("does not declare"));
  misuses = false;
  fixture.run();
  EXPECT_EQ(fixture.count(EventType::kReceived), 1U);
}

// Searches.

class Answering final : public Choices {
 public:
  explicit Answering(std::function<std::size_t(std::size_t)> answer) : answer_(std::move(answer)) {}
  std::size_t pick(const Point& /*point*/, std::span<const Alternative> legal) override {
    return answer_(legal.size());
  }

 private:
  std::function<std::size_t(std::size_t)> answer_;
};

const Coordinator kCatchesAll = [](Runtime& runtime) {
  try {
    runtime.call(kPay);
  } catch (...) {
  }
};

TEST(ChoicesMisuseTest, AnAnswerBeyondTheAlternativesIsAnError) {
  EngineFixture fixture(one_step(), kCatchesAll);
  Answering choices([](std::size_t legal) { return legal + 1; });
  EXPECT_EQ(
      error_of([&] { return fixture.run(choices).outcome; }),
      "Choices::pick() answered 2 where 1 alternatives are legal; answer 0 for no fault, n for the n-th");
}

TEST(ChoicesMisuseTest, WhatASearchThrowsComesOutOfTheRun) {
  EngineFixture fixture(one_step(), kCatchesAll);
  Answering choices([](std::size_t legal) -> std::size_t {
    if (legal > 1) throw std::out_of_range("not this way");
    return 0;
  });
  EXPECT_THROW(fixture.run(choices), std::out_of_range);
  EXPECT_EQ(fixture.run().outcome, Outcome::kUnresolved) << "and the next run is fine";
}

// Participants and setups.

TEST(ParticipantMisuseTest, TheLedgerKnowsOnlyTheStepsOfTheSaga) {
  const std::vector<std::function<void(EffectRecorder&)>> acts = {
      [](EffectRecorder& recorder) { recorder.apply({}); },
      [](EffectRecorder& recorder) {
        recorder.undo({.operation = {1, Operation::kCompensation}});
      },
      [](EffectRecorder& recorder) { static_cast<void>(recorder.effect(7)); },
  };
  for (const auto& act : acts) {
    EngineFixture fixture(
        one_step(), once([](Runtime& runtime) { runtime.call(kPay); }),
        participant_from([&act](const Delivery& /*delivery*/, EffectRecorder& recorder) -> Reply {
          act(recorder);
          return {};
        }));
    EXPECT_THAT(error_of([&] { return fixture.run().outcome; }),
                HasSubstr("which saga \"shop\" does not have"));
    EXPECT_THAT(error_of([&] { return fixture.run("pay:request_late_after_end").outcome; }),
                HasSubstr("pass on the Delivery it was given"));
  }
}

Setup setup_of(const std::map<std::string, ParticipantFactory, std::less<>>& participants) {
  return {.saga = std::make_shared<const SagaIndex>(two_steps()),
          .coordinator = [](Runtime& /*runtime*/) {},
          .participants = participants};
}

std::string refusal(const Setup& setup) {
  return error_of([&setup] { return Engine(setup).observation().outcome; });
}

TEST(SetupTest, EveryServiceNeedsAParticipant) {
  const ParticipantFactory any = participant_from(naive);
  const std::string expected =
      "service \"depot\" of saga \"shop\" has no participant; give it one, e.g. ledger_fake()";
  EXPECT_EQ(refusal(setup_of({{"bank", any}})), expected);
  EXPECT_EQ(refusal(setup_of({{"bank", any}, {"depot", {}}})), expected);
  EXPECT_EQ(refusal(setup_of({{"bank", any}, {"depot", any}})), "(no error)");
}

TEST(SetupTest, AParticipantForNoServiceIsAnErrorWithTheNearest) {
  const ParticipantFactory any = participant_from(naive);
  EXPECT_EQ(refusal(setup_of({{"bank", any}, {"depo", any}})),
            "a participant is given for service \"depo\", which saga \"shop\" does not use; did you mean "
            "\"depot\"?");
}

TEST(SetupTest, AFactoryMustMakeSomething) {
  const ParticipantFactory none = [] { return nullptr; };
  EXPECT_EQ(refusal(setup_of({{"bank", none}, {"depot", none}})),
            "the ParticipantFactory of service \"bank\" made none; it must return a participant");
}

TEST(SetupTest, ASagaAndACoordinatorAreNeeded) {
  EXPECT_THAT(refusal({}), HasSubstr("Setup::saga is empty"));
  auto setup = setup_of({});
  setup.coordinator = nullptr;
  EXPECT_THAT(refusal(setup), HasSubstr("Setup::coordinator is empty"));
}

TEST(MisuseTest, AParticipantThatUsesTheRuntimeIsToldSoWhateverItAsksFor) {
  Runtime* lent = nullptr;
  const auto told = [&lent](const std::function<void(Runtime&)>& act) {
    const ParticipantFactory reenters =
        participant_from([&](const Delivery& delivery, EffectRecorder& recorder) {
          act(*lent);
          return naive(delivery, recorder);
        });
    EngineFixture fixture(one_step(), once([&lent](Runtime& runtime) {
                            lent = &runtime;
                            runtime.call(kPay);
                          }),
                          reenters);
    return error_of([&] { return fixture.run().outcome; });
  };
  const std::string expected =
      "the participant bank uses the coordinator's Runtime while it handles pay: a service does not call "
      "back "
      "into the coordinator's process; answer the request, and let the coordinator call who is next";
  EXPECT_EQ(told([](Runtime& runtime) { EXPECT_FALSE(runtime.call(kPay).ok()); }), expected);
  EXPECT_EQ(told([](Runtime& runtime) { static_cast<void>(runtime.start(kPay)); }), expected);
  EXPECT_EQ(told([](Runtime& runtime) { runtime.sleep(1h); }), expected);
  EXPECT_EQ(told([](Runtime& runtime) { EXPECT_EQ(runtime.append({}), LogWrite::kFenced); }), expected);
  EXPECT_EQ(told([](Runtime& runtime) { runtime.report(Outcome::kCompleted); }), expected);
  EXPECT_EQ(told([](Runtime& runtime) { runtime.mark("here"); }), expected);
  EXPECT_EQ(told([](Runtime&) {}), "(no error)");
}

TEST(MisuseTest, AnotherThreadIsToldSoAtTheEndOfTheRunWhateverItAsksFor) {
  const auto elsewhere = [](const std::function<void(Runtime&)>& act) {
    return complaint([&act](Runtime& runtime) { std::thread([&] { act(runtime); }).join(); });
  };
  const Request pay{.service = "bank", .action = "pay"};
  const auto expect_told = [&](const std::function<void(Runtime&)>& act) {
    EXPECT_THAT(elsewhere(act), AllOf(StartsWith("the coordinator uses its Runtime in another thread"),
                                      HasSubstr("harness/docs/your_coordinator.md")));
  };
  expect_told([&](Runtime& runtime) { EXPECT_FALSE(runtime.call(pay).ok()); });
  expect_told([&](Runtime& runtime) { static_cast<void>(runtime.start(pay)); });
  expect_told([&](Runtime& runtime) { EXPECT_FALSE(runtime.wait(Pending{}).ok()); });
  expect_told([&](Runtime& runtime) { EXPECT_FALSE(runtime.wait_any({}, Time(Duration(1)))); });
  expect_told([](Runtime& runtime) { runtime.sleep(1s); });
  expect_told([](Runtime& runtime) { static_cast<void>(runtime.now()); });
  expect_told([](Runtime& runtime) { EXPECT_EQ(runtime.append({}), LogWrite::kFenced); });
  expect_told([](Runtime& runtime) { EXPECT_TRUE(runtime.records().empty()); });
  expect_told([](Runtime& runtime) { runtime.report(Outcome::kCompleted); });
  expect_told([](Runtime& runtime) { EXPECT_TRUE(runtime.text({"a", "b"}).empty()); });
  expect_told([](Runtime& runtime) { runtime.mark("here"); });
  expect_told([](Runtime& runtime) { EXPECT_FALSE(runtime.cancel_requested()); });
  expect_told([](Runtime& runtime) { EXPECT_TRUE(runtime.is_fenced()); });
  expect_told([](Runtime& runtime) { EXPECT_FALSE(runtime.is_skipped("pay")); });
}

TEST(MisuseTest, ARunInAnyOneThreadIsFine) {
  EngineFixture fixture(two_steps(), once([](Runtime& runtime) { runtime.report(Outcome::kFlagged); }));
  std::thread([&fixture] { EXPECT_EQ(fixture.run().outcome, Outcome::kFlagged); }).join();
  EXPECT_EQ(fixture.run().outcome, Outcome::kFlagged);
}

}  // namespace
}  // namespace saga_harness
