# Run by ctest. KIND installed: installs the library below BUILD_TREE, then builds and runs this project over it.
# KIND without_http: the same over the components core and testing alone; what else is asked for is refused in plain words.
# KIND subdirectory: only configures, and checks that our own warnings do not reach the consumer's build.
set(work "${BUILD_TREE}/consumer/${KIND}")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}")

set(configure
  ${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
  "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_PREFIX_PATH=${work}/prefix")

# install([COMPONENT]): into the prefix; everything if no component is named.
function(install)
  set(part)
  if(ARGC)
    set(part --component "saga_harness_${ARGV0}")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} --install "${BUILD_TREE}" --config "${CONFIG}" --prefix "${work}/prefix" ${part}
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(build_and_run)
  execute_process(COMMAND ${configure} -B "${work}/build" ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --build "${work}/build" COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir "${work}/build" --output-on-failure --no-tests=error
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# expect_in(TEXT PATTERN...): the text, with every run of blanks as one blank, holds each.
function(expect_in text)
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  foreach(pattern IN LISTS ARGN)
    if(NOT text MATCHES "${pattern}")
      message(FATAL_ERROR "expected \"${pattern}\" in:\n${text}")
    endif()
  endforeach()
endfunction()

# expect_refusal(COMPONENTS PATTERN... [WITH argument...]): configuring with them fails, and says so.
function(expect_refusal components)
  cmake_parse_arguments(PARSE_ARGV 1 refusal "" "" "WITH")
  string(MAKE_C_IDENTIFIER "refused_${components}_${refusal_WITH}" folder)
  execute_process(COMMAND ${configure} -B "${work}/${folder}" "-DCOMPONENTS=${components}" ${refusal_WITH}
                  RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(result EQUAL 0)
    message(FATAL_ERROR "a project that asks for ${components} is configured, though that is not there")
  endif()
  expect_in("${err}" ${refusal_UNPARSED_ARGUMENTS})
endfunction()

if(KIND STREQUAL "installed")
  install()
  build_and_run("-DCOMPONENTS=testing\\;http\\;stores" -DUSES_HTTP=ON)
elseif(KIND STREQUAL "without_http")
  install(core)
  expect_refusal(testing "component testing: it is not installed in ${work}/prefix\\." "--component saga_harness_testing")
  install(testing)
  file(GLOB_RECURSE libraries RELATIVE "${work}/prefix" "${work}/prefix/*.a")
  if(NOT libraries OR libraries MATCHES "http|blackbox|stores")
    message(FATAL_ERROR "core and testing are to be installed, and nothing else: ${libraries}")
  endif()
  foreach(component IN ITEMS http nats stores blackbox command)
    expect_refusal(${component} "component ${component}: it is not installed in ${work}/prefix\\."
                   "Build saga-harness with it and install it too" "--component saga_harness_${component}")
  endforeach()
  expect_refusal(htpp "component htpp: there is none of that name. There are: core, testing, http, nats, blackbox")
  expect_refusal(testing "component testing: it needs GTest 1.12" "libgtest-dev"
                 WITH -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON)
  # Whatever is installed needs none of them either.
  build_and_run(-DCOMPONENTS=testing -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON)
  execute_process(COMMAND ${configure} -B "${work}/whatever_is_there" COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE out)
  expect_in("${out}" "saga_harness is found without:" "component stores: it is not installed in ${work}/prefix")
else()
  execute_process(COMMAND ${configure} -B "${work}/build" "-DSAGA_HARNESS_SOURCE_TREE=${SOURCE_TREE}"
                          -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
                  COMMAND_ERROR_IS_FATAL ANY)
  file(READ "${work}/build/compile_commands.json" commands)
  if(commands MATCHES "-Werror|-Wconversion")
    message(FATAL_ERROR "our warnings are forced on a project that adds us as a subdirectory")
  endif()
  if(commands MATCHES "tests/unit")
    message(FATAL_ERROR "our tests are built in a project that adds us as a subdirectory")
  endif()
endif()
