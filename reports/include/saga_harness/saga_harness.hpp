#pragma once

#include <saga_harness/choices.hpp>
#include <saga_harness/choreography.hpp>
#include <saga_harness/claims.hpp>
#include <saga_harness/condition.hpp>
#include <saga_harness/context.hpp>
#include <saga_harness/duration.hpp>
#include <saga_harness/engine.hpp>
#include <saga_harness/error.hpp>
#include <saga_harness/exit_code.hpp>
#include <saga_harness/explore.hpp>
#include <saga_harness/fakes.hpp>
#include <saga_harness/fault.hpp>
#include <saga_harness/fault_catalogue.hpp>
#include <saga_harness/guarantee.hpp>
#include <saga_harness/guarantee_dependency.hpp>
#include <saga_harness/handler_context.hpp>
#include <saga_harness/imperative.hpp>
#include <saga_harness/interleaving.hpp>
#include <saga_harness/interleaving_reports.hpp>
#include <saga_harness/invariant.hpp>
#include <saga_harness/judge.hpp>
#include <saga_harness/ledger.hpp>
#include <saga_harness/log_store.hpp>
#include <saga_harness/observability.hpp>
#include <saga_harness/observation.hpp>
#include <saga_harness/orchestrator.hpp>
#include <saga_harness/participant.hpp>
#include <saga_harness/predecessors.hpp>
#include <saga_harness/reply_body.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/report_writers.hpp>
#include <saga_harness/reports.hpp>
#include <saga_harness/rule.hpp>
#include <saga_harness/run.hpp>
#include <saga_harness/run_records.hpp>
#include <saga_harness/runtime.hpp>
#include <saga_harness/saga.hpp>
#include <saga_harness/saga_index.hpp>
#include <saga_harness/scenario.hpp>
#include <saga_harness/score.hpp>
#include <saga_harness/search_verdict.hpp>
#include <saga_harness/shared_values.hpp>
#include <saga_harness/shrink.hpp>
#include <saga_harness/trace.hpp>
#include <saga_harness/verdict.hpp>
#include <saga_harness/version.hpp>

/// Everything that needs no GoogleTest, no HTTP and no database, with one include: sagas, coordinators,
/// participants, runs, searches and what is printed of them. For tests with GoogleTest:
/// saga_harness/testing.hpp.
namespace saga_harness {}
