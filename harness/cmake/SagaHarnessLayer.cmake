# One function per kind of target: a layer, the umbrella over them, the command. Sources are found by pattern, so that
# adding a file needs no change here.

# layers.txt in lists: the names in their order, and the folder of each.
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/layers.txt")
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/layers.txt" saga_harness_layer_lines REGEX "^[a-z]")
foreach(line IN LISTS saga_harness_layer_lines)
  string(REGEX MATCH "^([a-z]+) +([a-z/]+)$" matched "${line}")
  list(APPEND SAGA_HARNESS_LAYERS "${CMAKE_MATCH_1}")
  set(SAGA_HARNESS_FOLDER_OF_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()

# A layer links only layers before it.
function(saga_harness_check_order name)
  list(FIND SAGA_HARNESS_LAYERS "${name}" place)
  if(place LESS 0)
    message(FATAL_ERROR "harness/cmake/layers.txt has no layer \"${name}\": add it where it belongs")
  endif()
  foreach(link IN LISTS ARGN)
    string(REGEX REPLACE "^saga_harness_" "" other "${link}")
    list(FIND SAGA_HARNESS_LAYERS "${other}" other_place)
    if(link MATCHES "^saga_harness_" AND NOT link STREQUAL "saga_harness_core" AND
       (other_place LESS 0 OR NOT other_place LESS place))
      message(FATAL_ERROR "the layer ${name} links ${link}, which does not stand before it in harness/cmake/layers.txt")
    endif()
  endforeach()
endfunction()

# saga_harness_layer(NAME [CORE] [COMPONENT component] [PUBLIC target...])
# Makes saga_harness_NAME from its folder in layers.txt, DIRECTORY: from DIRECTORY/include/saga_harness/**.hpp (public, installed) and DIRECTORY/src/** (private).
# A layer without sources is an INTERFACE library. DIRECTORY/src is on the include path of the layer itself only;
# DIRECTORY/internal (headers that layers share, not installed) on that of whatever is built with it.
# CORE: what a search runs through. With SAGA_HARNESS_ONE_CORE these layers are compiled as one translation unit, the
# archive saga_harness_core, and each is an INTERFACE library over it.
# COMPONENT says what it is installed with: "core" unless said otherwise.
function(saga_harness_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "CORE" "COMPONENT" "PUBLIC")
  set(target saga_harness_${name})
  saga_harness_check_order(${name} ${layer_PUBLIC})
  set(root "${PROJECT_SOURCE_DIR}/${SAGA_HARNESS_FOLDER_OF_${name}}")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${root}/include/saga_harness/*.hpp")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${root}/src/*.cpp")

  set(scope INTERFACE)
  if(layer_CORE AND SAGA_HARNESS_ONE_CORE)
    saga_harness_add_to_core("${root}" "${sources}")
    list(APPEND layer_PUBLIC saga_harness_core)
    add_library(${target} INTERFACE)
  elseif(sources)
    set(scope PUBLIC)
    add_library(${target} STATIC ${sources})
    saga_harness_defaults(${target})
    saga_harness_grouped(${target})
    if(NOT layer_CORE)
      target_compile_options(${target} PRIVATE ${SAGA_HARNESS_OUTER_OPTIONS})
    endif()
    target_include_directories(${target} PRIVATE "${root}/src")
    target_link_libraries(${target} PRIVATE fmt::fmt nlohmann_json::nlohmann_json)
  else()
    add_library(${target} INTERFACE)
  endif()

  add_library(saga_harness::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(NOT layer_COMPONENT)
    set(layer_COMPONENT core)
  endif()
  saga_harness_belongs_to(${target} ${layer_COMPONENT})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_link_libraries(${target} ${scope} ${layer_PUBLIC})
  if(IS_DIRECTORY "${root}/internal")
    target_include_directories(${target} ${scope} "$<BUILD_INTERFACE:${root}/internal>")
  endif()
  if(headers)
    target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${root}/include" FILES ${headers})
  endif()
endfunction()

# saga_harness_belongs_to(TARGET COMPONENT): what it is installed with.
function(saga_harness_belongs_to target component)
  set_target_properties(${target} PROPERTIES SAGA_HARNESS_COMPONENT ${component})
  set_property(GLOBAL APPEND PROPERTY SAGA_HARNESS_TARGETS ${target})
endfunction()

# The layers of the core see each other's folders here; the presets that compile layer by layer refuse a wrong include.
function(saga_harness_add_to_core root sources)
  if(NOT TARGET saga_harness_core)
    add_library(saga_harness_core STATIC)
    add_library(saga_harness::core ALIAS saga_harness_core)
    set_target_properties(saga_harness_core PROPERTIES EXPORT_NAME core UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    target_compile_options(saga_harness_core PRIVATE ${SAGA_HARNESS_CORE_OPTIONS})
    saga_harness_belongs_to(saga_harness_core core)
    saga_harness_defaults(saga_harness_core)
    target_compile_features(saga_harness_core PRIVATE cxx_std_20)
    target_link_libraries(saga_harness_core PRIVATE fmt::fmt nlohmann_json::nlohmann_json)
  endif()
  target_sources(saga_harness_core PRIVATE ${sources})
  target_include_directories(saga_harness_core PRIVATE "${root}/src" "${root}/include" "${root}/internal")
endfunction()

# saga_harness_umbrella(): saga_harness::saga_harness, which links all layers made so far. The package's configuration file
# makes one of its own, of the components that are asked for.
function(saga_harness_umbrella)
  get_property(layers GLOBAL PROPERTY SAGA_HARNESS_TARGETS)
  add_library(saga_harness INTERFACE)
  add_library(saga_harness::saga_harness ALIAS saga_harness)
  target_link_libraries(saga_harness INTERFACE ${layers})
endfunction()

# RapidCheck is used where it is found; an installed copy looks for it again (see the package's configuration file).
function(saga_harness_link_rapidcheck target)
  if(NOT TARGET rapidcheck)
    return()
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_link_libraries(${target} INTERFACE $<BUILD_INTERFACE:rapidcheck>)
  else()
    target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:rapidcheck>)
  endif()
endfunction()

# saga_harness_command(DIRECTORY PRIVATE target...)
# Makes the command from DIRECTORY/src/*.cpp. The binary stands at the root of the build tree.
function(saga_harness_command directory)
  cmake_parse_arguments(PARSE_ARGV 1 command "" "" "PRIVATE")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${directory}/src/*.cpp")
  if(NOT sources)
    message(STATUS "saga_harness: no sources in ${directory} yet, no command")
    return()
  endif()
  add_executable(saga_harness_command ${sources})
  add_executable(saga_harness::command ALIAS saga_harness_command)
  saga_harness_defaults(saga_harness_command)
  saga_harness_grouped(saga_harness_command)
  target_compile_options(saga_harness_command PRIVATE ${SAGA_HARNESS_OUTER_OPTIONS} ${SAGA_HARNESS_PRINTING_OPTIONS})
  saga_harness_belongs_to(saga_harness_command command)
  set_target_properties(saga_harness_command PROPERTIES
    OUTPUT_NAME saga-harness EXPORT_NAME command RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  target_compile_features(saga_harness_command PRIVATE cxx_std_20)
  target_include_directories(saga_harness_command PRIVATE "${PROJECT_SOURCE_DIR}/${directory}/src")
  target_link_libraries(saga_harness_command PRIVATE
    ${command_PRIVATE} fmt::fmt nlohmann_json::nlohmann_json)
endfunction()
