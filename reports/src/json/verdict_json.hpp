#pragma once

#include <saga_harness/interleaving.hpp>
#include <saga_harness/report.hpp>
#include <saga_harness/search_verdict.hpp>
#include <saga_harness_internal/json_reader.hpp>

#include "json/json_text.hpp"

namespace saga_harness::reports {

/// `lacks`, and if there are any `scope` and `error`.
void add_lacks(const SearchVerdict& verdict, OrderedJson& object);
[[nodiscard]] OrderedJson verdict_json(const SearchVerdict& verdict);
[[nodiscard]] OrderedJson owed_json(const Owed& owed);
[[nodiscard]] OrderedJson earned_json(const Earned& earned);
[[nodiscard]] OrderedJson classes_json(const ClassCount& classes);

/// As records and reports have it.
[[nodiscard]] ReportKnown report_known(const KnownSeen& seen);
[[nodiscard]] ReportKnown report_known(const ConcurrentKnown& seen);
[[nodiscard]] OrderedJson known_json(const ReportKnown& known);
[[nodiscard]] ReportKnown read_known(const internal::JsonReader& object);

[[nodiscard]] SearchVerdict read_verdict(const internal::JsonReader& object);
[[nodiscard]] Owed read_owed(const internal::JsonReader& object);
[[nodiscard]] Earned read_earned(const internal::JsonReader& object);
[[nodiscard]] ClassCount read_classes(const internal::JsonReader& object);

}  // namespace saga_harness::reports
