# Run by ctest. KIND installed: installs the library below BUILD_TREE, then builds and runs this project over it.
# KIND subdirectory: only configures, and checks that our own warnings do not reach the consumer's build.
set(work "${BUILD_TREE}/consumer/${KIND}")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}")

set(configure
  ${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${work}/build" -G "${GENERATOR}"
  "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_BUILD_TYPE=${CONFIG}")

if(KIND STREQUAL "installed")
  execute_process(COMMAND ${CMAKE_COMMAND} --install "${BUILD_TREE}" --config "${CONFIG}" --prefix "${work}/prefix"
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${configure} "-DCMAKE_PREFIX_PATH=${work}/prefix" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --build "${work}/build" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir "${work}/build" --output-on-failure --no-tests=error
                  COMMAND_ERROR_IS_FATAL ANY)
else()
  execute_process(COMMAND ${configure} "-DSAGA_HARNESS_SOURCE_TREE=${SOURCE_TREE}" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
                  COMMAND_ERROR_IS_FATAL ANY)
  file(READ "${work}/build/compile_commands.json" commands)
  if(commands MATCHES "-Werror|-Wconversion")
    message(FATAL_ERROR "our warnings are forced on a project that adds us as a subdirectory")
  endif()
  if(commands MATCHES "tests/unit")
    message(FATAL_ERROR "our tests are built in a project that adds us as a subdirectory")
  endif()
endif()
