# How our own code is compiled. A consumer that adds us as a subdirectory keeps its own settings.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  if(SAGA_HARNESS_DEVELOPER AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
    find_program(SAGA_HARNESS_CCACHE ccache)
    if(SAGA_HARNESS_CCACHE)
      set(CMAKE_CXX_COMPILER_LAUNCHER "${SAGA_HARNESS_CCACHE}")
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

# Of a test file the compiler's time is spent on optimising and instrumenting assertions that run once: less of both more
# than halves it. What is tested is compiled as ever. A null pointer dies under the address sanitizer anyway.
set(SAGA_HARNESS_TEST_OPTIONS)
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*undefined")
  set(SAGA_HARNESS_TEST_OPTIONS -O0 -fno-sanitize=null,alignment)
elseif(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  set(SAGA_HARNESS_TEST_OPTIONS -O0 -g1)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(SAGA_HARNESS_TEST_OPTIONS -O1)
endif()

# Whole-program optimisation of what searches: the command and the benchmarks. A run is thousands of small calls from one
# layer into another, and a crash unwinds through each that was not inlined. Layers are compiled to objects that can be
# linked either way, so tests link quickly and a consumer need not know.
set(SAGA_HARNESS_LTO OFF)
if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release")
  set(SAGA_HARNESS_LTO ON)
endif()

function(saga_harness_whole_program_objects target)
  if(SAGA_HARNESS_LTO)
    target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
  endif()
endfunction()

function(saga_harness_whole_program target)
  if(SAGA_HARNESS_LTO)
    target_compile_options(${target} PRIVATE -flto=auto)
    target_link_options(${target} PRIVATE -flto=auto)
  endif()
endfunction()
