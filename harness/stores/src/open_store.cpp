#include <fmt/format.h>

#include <saga_harness/error.hpp>
#include <saga_harness/stores.hpp>
#include <saga_harness_internal/text.hpp>

namespace saga_harness {

std::unique_ptr<LogStore> open_store(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string where(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  if (kind == "memory" && where.empty()) return memory_store();
  if (!where.empty()) {
    if (kind == "sqlite") return sqlite_store(where);
    if (kind == "postgresql") return postgresql_store(where);
    if (kind == "redis") return redis_store(where);
  }
  throw Error(ErrorText{.message = fmt::format("{} names no store", internal::in_quotes(text)),
                        .fix = "write memory, sqlite:FILE, postgresql:CONNECTION or redis:ADDRESS"});
}

Experiment over_store(Experiment experiment, std::shared_ptr<LogStore> store) {
  if (!store)
    throw Error(ErrorText{.message = "over_store() is given no store",
                          .fix = "give it one, e.g. open_store(\"memory\")"});
  experiment.setup.store = std::move(store);
  return experiment;
}

}  // namespace saga_harness
