#pragma once

#include <string>
#include <utility>

#include <saga_harness/error.hpp>
#include <saga_harness/saga.hpp>

namespace saga_harness::model_test {

/// Five steps, the last of them the pivot; `process_payment` has a fallback and three attempts.
inline Saga order_saga() {
  return {
      .name = "order_processing",
      .steps = {{.name = "create_order", .service = "order_service", .compensation = "cancel_order"},
                {.name = "reserve_inventory",
                 .service = "inventory_service",
                 .action = "reserve",
                 .compensation = "release_inventory"},
                {.name = "process_payment",
                 .service = "payment_service",
                 .compensation = "refund_payment",
                 .fallback = "invoice_payment",
                 .retry = {.attempts = 3}},
                {.name = "create_shipment", .service = "shipping_service", .compensation = "cancel_shipment"},
                {.name = "confirm_order", .service = "order_service", .pivot = true}}};
}

/// The message of the Error that `call` throws; a text that no error has, if it throws none.
template <typename Call>
std::string error_of(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

}  // namespace saga_harness::model_test
