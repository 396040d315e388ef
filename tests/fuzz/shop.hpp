#pragma once

#include <saga_harness/saga.hpp>

namespace saga_harness::fuzz {

/// What plans, tokens of replay and stored logs are tried on: an action with a fallback and retries, and a
/// pivot.
inline Saga shop_saga() {
  return {.name = "order_processing",
          .steps = {{.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
                    {.name = "process_payment",
                     .service = "payment_service",
                     .compensation = "refund_payment",
                     .fallback = "pay_later",
                     .retry = {.attempts = 3}},
                    {.name = "confirm_order", .service = "order_service", .pivot = true}}};
}

}  // namespace saga_harness::fuzz
