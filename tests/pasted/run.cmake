# Writes a test as the command prints it into a source file: -P run.cmake with COMMAND, SCENARIO, OUTPUT.
execute_process(
  COMMAND "${COMMAND}" explore "${SCENARIO}" --coordinator skips_last --max-faults 1 --kinds rejected --json
  OUTPUT_VARIABLE report RESULT_VARIABLE code)
if(NOT code EQUAL 1)
  message(FATAL_ERROR "explore found no violation to print a test for: exit code ${code}")
endif()
string(JSON case GET "${report}" findings 0 test_case)
string(CONCAT text
  "#include <gmock/gmock.h>\n#include <gtest/gtest.h>\n\n"
  "#include <saga_harness/testing.hpp>\n\n"
  "${case}")
file(WRITE "${OUTPUT}.new" "${text}")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
