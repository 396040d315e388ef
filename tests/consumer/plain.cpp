// The library without gtest.
#include <saga_harness/saga.hpp>

int main() {
  const saga_harness::Saga saga{.name = "order_processing"};
  return saga.name == "order_processing" ? 0 : 1;
}
