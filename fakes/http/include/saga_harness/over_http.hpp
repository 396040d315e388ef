#pragma once

#include <functional>

#include <saga_harness/experiment.hpp>
#include <saga_harness/http_spec.hpp>

namespace saga_harness {

/// The same experiment with real HTTP between coordinator and participants: each participant is served on a
/// free port of 127.0.0.1, and every delivery becomes a request to it, as `spec` says, by a client with
/// keep-alive. What a participant is given is read back from that request, what the coordinator is told from
/// the answer; time, faults, trace and judgement stay those of virtual time, so that the same plan gives the
/// same run. A thread per participant; mocks and other objects of a test are called on it, one call at a
/// time, while the caller waits.
/// @throws Error if the spec does not fit the saga. A request that could not be sent, or an answer that is
/// not one of the spec's, is an Error, too, of the run in which it happens.
[[nodiscard]] Experiment over_http(Experiment experiment, const HttpSpec& spec = {});
/// What does so to any experiment, by the default mapping or by `spec`.
[[nodiscard]] std::function<Experiment(const Experiment&)> http_wire();
[[nodiscard]] std::function<Experiment(const Experiment&)> http_wire(const HttpSpec& spec);

}  // namespace saga_harness
