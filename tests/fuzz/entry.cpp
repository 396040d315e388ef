// The entry that libFuzzer calls. Where the compiler has no libFuzzer, corpus_driver.cpp calls it instead.

#include <cstddef>
#include <cstdint>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  saga_harness::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
