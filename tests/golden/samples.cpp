#include "samples.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>

#include <saga_harness/error.hpp>

namespace saga_harness::golden {

namespace {

using std::chrono_literals::operator""ms;

constexpr StepId kCreate = 0;
constexpr StepId kPay = 1;
constexpr StepId kConfirm = 2;

const std::vector<std::pair<StepId, Operation>> kOperations = {{kCreate, Operation::kAction},
                                                               {kCreate, Operation::kCompensation},
                                                               {kPay, Operation::kAction},
                                                               {kPay, Operation::kCompensation},
                                                               {kConfirm, Operation::kAction}};

Cell cell_at(StepId step, Operation operation, Instant instant, FaultKind kind) {
  return {.step = step, .operation = operation, .instant = instant, .kind = kind};
}

/// Every kind at every operation, some of the instants of a crash, none of them touched yet.
std::vector<Cell> untouched_cells() {
  std::vector<Cell> cells;
  for (const auto& [step, operation] : kOperations) {
    for (std::size_t kind = 0; kind < kFaultKindCount; ++kind) {
      const auto fault = static_cast<FaultKind>(kind);
      if (fault == FaultKind::kCoordinatorCrash) {
        for (const Instant instant : {Instant::kBeforeCall, Instant::kAfterCall, Instant::kBeforeResult}) {
          cells.push_back(cell_at(step, operation, instant, fault));
        }
      } else if (fault != FaultKind::kRequestLateAfterCompensation || step != kConfirm) {
        cells.push_back(cell_at(step, operation, Instant::kCall, fault));
      }
    }
  }
  for (const Instant instant : {Instant::kBeforeStarted, Instant::kAfterEnd}) {
    cells.push_back(cell_at(kNoStep, Operation::kAction, instant, FaultKind::kCoordinatorCrash));
  }
  return cells;
}

void touch(Cell& cell, CellStatus status) {
  cell = cell_at(cell.step, cell.operation, cell.instant, cell.kind);
  cell.status = status;
  if (status == CellStatus::kNotReached) return;
  cell.reached = 12;
  if (status == CellStatus::kNotFired) return;
  cell.fired = 8;
  cell.outcomes = {0, 2, 5, 1};
  if (status == CellStatus::kVacuous) return;
  cell.judged = 8;
  cell.violated = status == CellStatus::kViolated ? 3 : 0;
}

Cell& find(std::vector<Cell>& cells, StepId step, Operation operation, FaultKind kind) {
  for (Cell& cell : cells) {
    if (cell.step == step && cell.operation == operation && cell.kind == kind) return cell;
  }
  throw Error("the samples have no such cell");
}

void count_rules(Exploration& exploration, RuleCount count) { std::ranges::fill(exploration.rules, count); }

Fault payment_reply_lost() {
  return {.step = "process_payment", .window = FaultDuration::kBudget, .kind = FaultKind::kReplyLost};
}

Fault cancel_unavailable() {
  return {.step = "create_order",
          .operation = Operation::kCompensation,
          .window = FaultDuration::kForever,
          .kind = FaultKind::kUnavailable};
}

std::vector<Verdict> verdicts_of_the_run() {
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    verdicts.push_back({.rule = static_cast<Rule>(i), .status = VerdictStatus::kHeld});
  }
  const auto verdict = [&](Rule rule) -> Verdict& { return verdicts[static_cast<std::size_t>(rule)]; };
  verdict(Rule::kTruthfulOutcome) = {
      .status = VerdictStatus::kViolated,
      .explanation = "The saga ended compensated, but the effect of process_payment is still there (net 1).",
      .step = kPay,
      .evidence = {6, 11}};
  verdict(Rule::kPivotRespected).status = VerdictStatus::kUnknown;
  verdict(Rule::kPivotRespected).explanation = "the pivot was never done";
  verdict(Rule::kTransientFaultsMasked).status = VerdictStatus::kNotApplicable;
  verdict(Rule::kTransientFaultsMasked).explanation = "switched off: the gateway retries by itself";
  return verdicts;
}

std::vector<Event> events_of_the_run() {
  using Type = EventType;
  const auto ok = static_cast<std::uint8_t>(ReplyStatus::kOk);
  const auto lost = static_cast<std::uint8_t>(FaultKind::kReplyLost);
  const auto compensated = static_cast<std::uint8_t>(Outcome::kCompensated);
  const std::uint32_t budget = pack(Instant::kCall, FaultDuration::kBudget);
  return {
      {.type = Type::kStarted, .incarnation = 1},
      {.call = 1, .text = 1, .step = kCreate, .attempt = 1, .type = Type::kSent, .incarnation = 1},
      {.at = 1000, .call = 1, .step = kCreate, .attempt = 1, .type = Type::kApplied},
      {.at = 2000,
       .call = 1,
       .step = kCreate,
       .attempt = 1,
       .type = Type::kReceived,
       .detail = ok,
       .incarnation = 1},
      {.at = 2000, .call = 2, .text = 2, .step = kPay, .attempt = 1, .type = Type::kSent, .incarnation = 1},
      {.at = 2000,
       .call = 2,
       .text = budget,
       .step = kPay,
       .attempt = 1,
       .type = Type::kFault,
       .detail = lost},
      {.at = 3000, .call = 2, .step = kPay, .attempt = 1, .type = Type::kApplied},
      {.at = 252000, .call = 2, .step = kPay, .attempt = 1, .type = Type::kTimedOut, .incarnation = 1},
      {.at = 252000,
       .call = 3,
       .text = 3,
       .step = kCreate,
       .attempt = 1,
       .type = Type::kSent,
       .operation = Operation::kCompensation,
       .incarnation = 1},
      {.at = 253000,
       .call = 3,
       .step = kCreate,
       .attempt = 1,
       .type = Type::kUndone,
       .operation = Operation::kCompensation},
      {.at = 254000,
       .call = 3,
       .step = kCreate,
       .attempt = 1,
       .type = Type::kReceived,
       .operation = Operation::kCompensation,
       .detail = ok,
       .incarnation = 1},
      {.at = 254000, .type = Type::kReported, .detail = compensated, .incarnation = 1},
      {.at = 254000, .type = Type::kReturned, .incarnation = 1},
  };
}

}  // namespace

Experiment sample_experiment() {
  const Saga saga{
      .name = "order",
      .steps = {{.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
                {.name = "process_payment",
                 .service = "payment_service",
                 .compensation = "refund_payment",
                 .timeout = 250ms,
                 .retry = {.attempts = 2}},
                {.name = "confirm_order", .service = "order_service", .pivot = true}}};
  Experiment experiment;
  experiment.setup.saga = std::make_shared<const SagaIndex>(saga);
  experiment.has_own_code = false;
  experiment.switched_off = {
      {.rule = Rule::kTransientFaultsMasked, .reason = "the gateway retries by itself"}};
  experiment.source = "my scenarios/order.json";
  return experiment;
}

Exploration upheld_exploration(const SagaIndex& /*saga*/) {
  Exploration exploration;
  exploration.max_faults = 2;
  exploration.schedules = 961;
  exploration.exhausted = true;
  exploration.levels = {{0, 1, true}, {1, 60, true}, {2, 900, true}};
  exploration.outcomes = {0, 400, 500, 61};
  count_rules(exploration, {.held = 900, .unknown = 61});
  exploration.rules[static_cast<std::size_t>(Rule::kTransientFaultsMasked)] = {.not_applicable = 961};
  exploration.cells = untouched_cells();
  for (Cell& cell : exploration.cells) touch(cell, CellStatus::kHeld);
  exploration.verdict = verdict_of(exploration, {}, {});
  return exploration;
}

Exploration violated_exploration(const SagaIndex& saga) {
  Exploration exploration = upheld_exploration(saga);
  exploration.violated_schedules = 40;
  exploration.rules[static_cast<std::size_t>(Rule::kTruthfulOutcome)] = {.held = 921, .violated = 40};
  exploration.rules[static_cast<std::size_t>(Rule::kCompensationRetriedToBudget)] = {.held = 953,
                                                                                     .violated = 8};
  exploration.markers = {"ambiguous_not_compensated"};

  std::vector<Cell>& cells = exploration.cells;
  touch(find(cells, kPay, Operation::kAction, FaultKind::kReplyLost), CellStatus::kViolated);
  touch(find(cells, kPay, Operation::kAction, FaultKind::kCoordinatorCrash), CellStatus::kViolated);
  touch(find(cells, kCreate, Operation::kAction, FaultKind::kRejected), CellStatus::kVacuous);
  touch(find(cells, kPay, Operation::kCompensation, FaultKind::kDelayUnderTimeout), CellStatus::kNotReached);
  touch(find(cells, kPay, Operation::kCompensation, FaultKind::kCoordinatorCrash), CellStatus::kNotReached);
  touch(find(cells, kConfirm, Operation::kAction, FaultKind::kRequestDuplicatedLater), CellStatus::kNotFired);

  Cell undeclared = cell_at(kNoStep, Operation::kAction, Instant::kBeforeNote, FaultKind::kCoordinatorCrash);
  touch(undeclared, CellStatus::kHeld);
  undeclared.declared = false;
  exploration.undeclared = {undeclared};

  exploration.findings = {
      {.rule = Rule::kTruthfulOutcome,
       .step = "process_payment",
       .explanation = "The saga ended compensated, but the effect of process_payment is still there (net 1).",
       .plan = {{payment_reply_lost()}},
       .token = "sh1-first",
       .schedules = 40},
      {.rule = Rule::kCompensationRetriedToBudget,
       .explanation = "Flagged after 1 of 3 attempts to compensate.",
       .plan = {{payment_reply_lost(), cancel_unavailable()}},
       .token = "sh1-second",
       .schedules = 1}};
  exploration.verdict = verdict_of(exploration, {}, {});
  return exploration;
}

Exploration bounded_exploration(const SagaIndex& /*saga*/) {
  Exploration exploration;
  exploration.max_faults = 3;
  exploration.schedules = 500;
  exploration.levels = {{0, 1, true}, {1, 60, true}, {2, 439, false}};
  exploration.outcomes = {0, 500, 0, 0};
  count_rules(exploration, {.unknown = 500});
  exploration.cells = untouched_cells();
  for (Cell& cell : exploration.cells) {
    if (cell.kind == FaultKind::kReplyLost) touch(cell, CellStatus::kHeld);
    if (cell.kind == FaultKind::kReplyLate) touch(cell, CellStatus::kNotFired);
  }
  exploration.verdict = verdict_of(exploration, {}, {});
  return exploration;
}

Run violating_run(const SagaIndex& /*saga*/) {
  Run run;
  run.outcome = Outcome::kCompensated;
  run.plan = {{payment_reply_lost()}};
  run.fired = run.plan;
  run.token = "sh1-first";
  run.trace = {.events = events_of_the_run(),
               .texts = {"", "order-1/create_order/action", "order-1/process_payment/action",
                         "order-1/create_order/compensation"}};
  run.ledger = {.effects = {{1, 1}, {1, 0}, {0, 0}},
                .quantities = {{"payment_service all the money", QuantityRule::kConserved, 100000, 100000},
                               {"payment_service CUST-123", QuantityRule::kRestored, 100000, 90000}}};
  run.verdicts = verdicts_of_the_run();
  return run;
}

GuaranteeDependencies sample_dependencies() {
  const auto row = [](const char* step, Guarantee guarantee, Need need) {
    return GuaranteeDependency{
        .step = step,
        .guarantee = guarantee,
        .need = need,
        .participant = std::string("reference-without:") + std::string(name_of(guarantee)) + "@" + step,
        .schedules = 961,
        .exhausted = true};
  };
  GuaranteeDependency dedup = row("process_payment", Guarantee::kDeduplicates, Need::kNeeded);
  dedup.schedules = 65;
  dedup.exhausted = false;
  dedup.finding = {
      .rule = Rule::kAtMostOnce,
      .step = "process_payment",
      .explanation = "the effect of process_payment must be applied at most once, but was applied twice",
      .plan = {{payment_reply_lost(), cancel_unavailable()}},
      .token = "sh1-need",
      .schedules = 1};
  dedup.with = dedup.without = Outcome::kCompleted;
  GuaranteeDependency null = row("process_payment", Guarantee::kNullCompensation, Need::kNeeded);
  null.finding = {.rule = kOwnRule,
                  .explanation = "nobody is to be called at night, but somebody was",
                  .plan = {{payment_reply_lost()}},
                  .token = "sh1-null",
                  .schedules = 1,
                  .invariant = "quiet nights"};
  null.with = Outcome::kCompensated;
  null.without = Outcome::kFlagged;
  GuaranteeDependency none = row("confirm_order", Guarantee::kTombstones, Need::kNotApplicable);
  none.why = "the step has no compensation";
  none.participant.clear();
  GuaranteeDependency undecided = row("confirm_order", Guarantee::kDeduplicates, Need::kUndecided);
  undecided.exhausted = false;
  GuaranteeDependencies dependencies{
      .max_faults = 2,
      .schedules = 961,
      .exhausted = true,
      .upheld = true,
      .rows = {row("create_order", Guarantee::kDeduplicates, Need::kNotNeeded),
               row("create_order", Guarantee::kDurableDedup, Need::kNotExercised), dedup, null, undecided,
               none}};
  dependencies.verdict = verdict_of(dependencies);
  return dependencies;
}

Score sample_score() {
  Score score{.max_faults = 2, .has_ablation = true};
  score.references = {{.saga = "order",
                       .coordinator = "reference",
                       .participant = "reference",
                       .max_faults = 2,
                       .schedules = 961,
                       .exhausted = true,
                       .upheld = true},
                      {.saga = "parcel",
                       .coordinator = "mine",
                       .participant = "reference",
                       .sagas = 2,
                       .max_faults = 3,
                       .schedules = 12,
                       .exhausted = false,
                       .upheld = false}};
  const auto add = [&score](const char* name, MutantStatus status, std::uint64_t schedules) -> MutantScore& {
    return score.mutants.emplace_back(MutantScore{.name = name,
                                                  .group = "forward",
                                                  .bug = "It goes wrong.",
                                                  .predicted = Rule::kTruthfulOutcome,
                                                  .status = status,
                                                  .activated = true,
                                                  .schedules = schedules,
                                                  .exhausted = true});
  };
  const Finding finding{.rule = Rule::kTruthfulOutcome,
                        .explanation = "the money is gone",
                        .plan = {{payment_reply_lost()}},
                        .token = "sh1-kill",
                        .schedules = 1};
  MutantScore& loses = add("loses_money", MutantStatus::kKilled, 17);
  loses.finding = finding;
  loses.plan = to_string(finding.plan);
  MutantScore& later = add("late_to_be_seen", MutantStatus::kKilled, 40);
  later.finding = finding;
  later.plan = "turns 1 2; 2: " + to_string(finding.plan);
  later.seen_first_by = "I9";
  later.seen_first_after = 3;
  later.exhausted = false;
  MutantScore& otherwise = add("seen_by_another", MutantStatus::kKilledByAnotherRule, 5);
  otherwise.finding = {
      .rule = Rule::kTerminates, .explanation = "it never ends", .plan = {}, .token = "sh1-ends"};
  otherwise.plan = to_string(otherwise.finding.plan);
  otherwise.explanation = "it never comes to the point where I1 is judged";
  add("unseen", MutantStatus::kSurvived, 961);
  MutantScore& unreached = add("unreached", MutantStatus::kNotActivated, 200);
  unreached.activated = unreached.exhausted = false;
  add("the_same", MutantStatus::kEquivalent, 961).explanation = "the value is never read again";
  MutantScore& baseless = add("baseless", MutantStatus::kReferenceViolated, 2);
  baseless.reference = 1;
  baseless.predicted.reset();
  score.ablation = {{.name = "request", .only = 1, .without = 3, .lost = {}},
                    {.name = "reply", .only = 2, .without = 1, .lost = {"loses_money", "late_to_be_seen"}},
                    {.name = "windows", .without = 2, .lost = {"loses_money"}}};
  score.missed_at_the_end = {"seen_by_another"};
  score.verdict = verdict_of(score);
  return score;
}

}  // namespace saga_harness::golden
