# How our own code is compiled. A consumer that adds us as a subdirectory keeps its own settings.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  if(SAGA_HARNESS_DEVELOPER AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
    find_program(SAGA_HARNESS_CCACHE ccache)
    if(SAGA_HARNESS_MEASURE_BUILD)  # processor seconds of each unit and program, see harness/scripts/costs.sh
      set(CMAKE_CXX_LINKER_LAUNCHER bash "${PROJECT_SOURCE_DIR}/harness/scripts/measured.sh" "${PROJECT_BINARY_DIR}/costs.log")
      set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_CXX_LINKER_LAUNCHER})
    endif()
    if(SAGA_HARNESS_CCACHE)
      list(APPEND CMAKE_CXX_COMPILER_LAUNCHER "${SAGA_HARNESS_CCACHE}")
    endif()
  endif()
endif()

set(SAGA_HARNESS_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND SAGA_HARNESS_WARNINGS -Wno-restrict)  # false alarms on "text" + std::string, GCC bug 105651
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  list(APPEND SAGA_HARNESS_WARNINGS -Wno-maybe-uninitialized)  # false alarms in instrumented code
endif()

# Settings of every target of ours, none of which reach who links it.
function(saga_harness_defaults target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  if(SAGA_HARNESS_DEVELOPER)
    target_compile_options(${target} PRIVATE ${SAGA_HARNESS_WARNINGS})
  endif()
endfunction()

# What is compiled with little optimisation. Of a test file the compiler's time is spent on optimising and instrumenting
# assertions that run once: less of both more than halves it. Under sanitizers the layers outside the core, which print and
# serve and do not search, cost twice as much optimised as not. What the address sanitizer reports by itself, a null pointer
# and an access outside an object, is not checked a second time in the preset "asan"; the preset "fuzz" checks everything.
# Reports name lines of layers, and functions of tests. Generated coordinators that run for an hour are worth optimising.
option(SAGA_HARNESS_OPTIMISED_TESTS "Optimise tests, too, in a Release build" OFF)
set(SAGA_HARNESS_TEST_OPTIONS)
set(SAGA_HARNESS_OUTER_OPTIONS)
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(SAGA_HARNESS_OUTER_OPTIONS -O0)
  set(SAGA_HARNESS_TEST_OPTIONS ${SAGA_HARNESS_OUTER_OPTIONS} -g0)
  if(CMAKE_CXX_FLAGS MATCHES "undefined")
    list(APPEND SAGA_HARNESS_TEST_OPTIONS -fno-sanitize=null,alignment,vptr)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SAGA_HARNESS_OPTIMISED_TESTS)
  set(SAGA_HARNESS_TEST_OPTIONS -O0)
endif()
# Report writers and the command line, whose optimisation is a quarter of what they cost, and which no test waits for.
set(SAGA_HARNESS_PRINTING_OPTIONS)
if(SAGA_HARNESS_DEVELOPER AND CMAKE_BUILD_TYPE STREQUAL "Release")
  set(SAGA_HARNESS_PRINTING_OPTIONS -O1)
endif()

# How sources are grouped for the compiler. Most of its time goes into headers, so a layer's or a suite's sources are compiled
# together; a name in an unnamed namespace is therefore used once per layer. The preset "alone" compiles each by itself.
option(SAGA_HARNESS_GROUPED "Compile the sources of a layer, and of a suite of tests, together" ON)

# A run is thousands of small calls from one layer into another, and a crash unwinds through each that was not inlined.
# One translation unit gives the compiler what link-time optimisation would, and costs neither a second code in the archives
# nor minutes at every link. A consumer's search is as fast as the command's.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(saga_harness_is_release ON)
else()
  set(saga_harness_is_release OFF)
endif()
option(SAGA_HARNESS_ONE_CORE "Compile what a search runs through as one translation unit" ${saga_harness_is_release})

set(SAGA_HARNESS_GROUPED_OPTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND SAGA_HARNESS_GROUPED_OPTIONS -Wno-subobject-linkage)  # it takes every included source for a header
  if(SAGA_HARNESS_DEVELOPER)  # its collector takes a tenth of the time of a group, for memory that is there
    list(APPEND SAGA_HARNESS_GROUPED_OPTIONS --param=ggc-min-heapsize=2097152)
  endif()
endif()

# GCC keeps every function of position-independent code replaceable, which forbids to inline it; clang does not.
set(SAGA_HARNESS_CORE_OPTIONS ${SAGA_HARNESS_GROUPED_OPTIONS})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND SAGA_HARNESS_CORE_OPTIONS -fno-semantic-interposition)
endif()

function(saga_harness_grouped target)
  if(SAGA_HARNESS_GROUPED)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    target_compile_options(${target} PRIVATE ${SAGA_HARNESS_GROUPED_OPTIONS})
  endif()
endfunction()
