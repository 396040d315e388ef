# One function per kind of test. Suites with "Heavy" in their name carry the label "heavy" and are left out of
# instrumented runs.

# Where no heavy test runs, a file that has no other is not compiled.
function(saga_harness_without_heavy_files sources)
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    return()
  endif()
  set(kept)
  foreach(file IN LISTS ${sources})
    file(STRINGS "${file}" tests REGEX "^(TYPED_)?TEST(_F|_P)?\\(")
    set(light "${tests}")
    list(FILTER light EXCLUDE REGEX "Heavy")
    if(tests AND NOT light)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    else()
      list(APPEND kept "${file}")
    endif()
  endforeach()
  set(${sources} "${kept}" PARENT_SCOPE)
endfunction()

# saga_harness_test(NAME LABELS label... SOURCES file... LINK target... [INCLUDE directory...])
# One gtest executable, one ctest per gtest case. No sources, no target.
function(saga_harness_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" "LABELS;SOURCES;LINK;INCLUDE")
  if(NOT test_SOURCES)
    return()
  endif()
  saga_harness_without_heavy_files(test_SOURCES)
  add_executable(${name} ${test_SOURCES})
  saga_harness_defaults(${name})
  target_compile_options(${name} PRIVATE ${SAGA_HARNESS_TEST_OPTIONS})
  saga_harness_grouped(${name})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests" ${test_INCLUDE})
  target_link_libraries(${name} PRIVATE
    ${test_LINK} fmt::fmt nlohmann_json::nlohmann_json GTest::gmock GTest::gtest GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE
    SAGA_HARNESS_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    SAGA_HARNESS_SCENARIOS_DIR="${PROJECT_SOURCE_DIR}/scenarios"
    SAGA_HARNESS_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden"
    SAGA_HARNESS_SCRATCH_DIR="${PROJECT_BINARY_DIR}/scratch")
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/scratch")
  # One label such as "golden+byte_identity": before-the-test discovery loses lists, and ctest selects by pattern.
  list(JOIN test_LABELS "+" labels)
  if(SAGA_HARNESS_TEST_SHARDS)
    saga_harness_shards(${name} "${labels}")
    return()
  endif()
  gtest_discover_tests(${name} TEST_FILTER "-*Heavy*" TEST_LIST ${name}_light
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 PROPERTIES LABELS "${labels}" TIMEOUT 300)
  gtest_discover_tests(${name} TEST_FILTER "*Heavy*" TEST_LIST ${name}_heavy
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 PROPERTIES LABELS "${labels}+heavy" TIMEOUT 1200 COST 30)
  saga_harness_quick(${name})
endfunction()

# For tests/run.sh --quick, and for it alone, a program's light tests are one process: most of them take less time than a
# process takes to start. Servers and most of what starts the command are left out.
set(SAGA_HARNESS_NOT_QUICK
    "*Heavy*:*WireContract*:*Store*:*Server*:*Nats*:*Durability*:*TimedFault*:*Agreement*:PruningTest*:PlanSourceTest*:CountingTest*:ResumeTest*")
function(saga_harness_quick name)
  set(some "")
  if(name STREQUAL cli_tests)
    set(some "ExploreTest.*:ReplayTest.*:CheckTest.*:UsageTest.*")
  endif()
  add_test(NAME quick_${name} COMMAND ${name} "--gtest_filter=${some}-${SAGA_HARNESS_NOT_QUICK}" --gtest_brief=1)
  set_tests_properties(quick_${name} PROPERTIES LABELS quick TIMEOUT 300 COST 5)
  add_dependencies(saga_harness_quick_programs ${name})
endfunction()

# Under a sanitizer a process takes longer to start than most tests take: there a program's light tests are a few
# processes, shards of it. Heavy ones are not run there.
set(SAGA_HARNESS_TEST_SHARDS "" CACHE STRING "Run a program's tests in so many processes; empty: a process per test")
function(saga_harness_shards name labels)
  math(EXPR last "${SAGA_HARNESS_TEST_SHARDS} - 1")
  foreach(shard RANGE ${last})
    set(test "${name}_shard_${shard}")
    add_test(NAME ${test} COMMAND ${name} --gtest_filter=-*Heavy*)
    set_tests_properties(${test} PROPERTIES LABELS "${labels}" TIMEOUT 1200 COST 5
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${SAGA_HARNESS_TEST_SHARDS};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()

# saga_harness_bench(FILE): an executable bench_<file>, run by ctest only with --smoke.
function(saga_harness_bench file)
  get_filename_component(stem "${file}" NAME_WE)
  set(name bench_${stem})
  add_executable(${name} "${file}")
  saga_harness_defaults(${name})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE saga_harness fmt::fmt nlohmann_json::nlohmann_json)
  target_compile_definitions(${name} PRIVATE SAGA_HARNESS_SCENARIOS_DIR="${PROJECT_SOURCE_DIR}/scenarios")
  add_test(NAME ${name}_smoke COMMAND ${name} --smoke)
  set_tests_properties(${name}_smoke PROPERTIES LABELS "bench" TIMEOUT 300)
endfunction()

# saga_harness_fuzz(FILE): an executable fuzz_<name> from <name>_fuzz.cpp, and a ctest that runs its corpus through it.
# With -fsanitize=fuzzer-no-link among the flags (the preset "fuzz") it is a libFuzzer target, else an ordinary program.
function(saga_harness_fuzz file)
  get_filename_component(stem "${file}" NAME_WE)
  get_filename_component(folder "${file}" DIRECTORY)
  string(REGEX REPLACE "_fuzz$" "" stem "${stem}")
  set(name fuzz_${stem})
  set(corpus "${folder}/corpus/${stem}")
  if(NOT TARGET saga_harness_fuzz_entry)  # compiled once for all of them
    add_library(saga_harness_fuzz_entry OBJECT "${folder}/entry.cpp")
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize=fuzzer-no-link")
      target_sources(saga_harness_fuzz_entry PRIVATE "${folder}/corpus_driver.cpp")
    endif()
    saga_harness_defaults(saga_harness_fuzz_entry)
    target_compile_features(saga_harness_fuzz_entry PRIVATE cxx_std_20)
    target_link_libraries(saga_harness_fuzz_entry PRIVATE saga_harness)
  endif()
  add_executable(${name} "${file}" $<TARGET_OBJECTS:saga_harness_fuzz_entry>)
  saga_harness_defaults(${name})
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize=fuzzer-no-link")
    target_compile_options(${name} PRIVATE ${SAGA_HARNESS_TEST_OPTIONS})
  endif()
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE saga_harness fmt::fmt)
  target_include_directories(${name} PRIVATE  # of what reads files of a search, HTTP and templates
    "${PROJECT_SOURCE_DIR}/harness/explore/src" "${PROJECT_SOURCE_DIR}/fakes/http/src" "${PROJECT_SOURCE_DIR}/fakes/blackbox/src")
  add_dependencies(saga_harness_fuzz_targets ${name})
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=fuzzer-no-link")
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${name}_corpus COMMAND ${name} -runs=0 "${corpus}")
  else()
    add_test(NAME ${name}_corpus COMMAND ${name} "${corpus}")
  endif()
  set_tests_properties(${name}_corpus PROPERTIES LABELS "fuzz" TIMEOUT 300)
endfunction()
