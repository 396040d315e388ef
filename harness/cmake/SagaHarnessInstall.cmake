# Installation: find_package(saga_harness) gives saga_harness::saga_harness and, where GTest is,
# saga_harness::testing. The gtest layer has a file of targets of its own, so that the rest stands without GTest.
include(CMakePackageConfigHelpers)

set(SAGA_HARNESS_CONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/saga_harness")

function(saga_harness_install target export)
  get_target_property(file_sets ${target} INTERFACE_HEADER_SETS)
  set(header_sets)
  if(file_sets)
    set(header_sets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  endif()
  install(TARGETS ${target} EXPORT ${export}
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
          RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
          ${header_sets}
          INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
endfunction()

get_property(saga_harness_layers GLOBAL PROPERTY SAGA_HARNESS_LAYERS)
if(TARGET saga_harness_core)
  list(APPEND saga_harness_layers saga_harness_core)
endif()
foreach(target IN LISTS saga_harness_layers ITEMS saga_harness)
  saga_harness_install(${target} saga_harness_targets)
endforeach()
if(TARGET saga_harness_command)
  saga_harness_install(saga_harness_command saga_harness_targets)
endif()
install(EXPORT saga_harness_targets NAMESPACE saga_harness::
        FILE saga_harness-targets.cmake DESTINATION "${SAGA_HARNESS_CONFIG_DIR}")

if(TARGET saga_harness_testing)
  saga_harness_install(saga_harness_testing saga_harness_testing_targets)
  install(EXPORT saga_harness_testing_targets NAMESPACE saga_harness::
          FILE saga_harness-testing-targets.cmake DESTINATION "${SAGA_HARNESS_CONFIG_DIR}")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/harness/cmake/saga_harness-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/generated/saga_harness-config.cmake"
                              INSTALL_DESTINATION "${SAGA_HARNESS_CONFIG_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/saga_harness-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/generated/saga_harness-config.cmake"
              "${PROJECT_BINARY_DIR}/generated/saga_harness-config-version.cmake"
        DESTINATION "${SAGA_HARNESS_CONFIG_DIR}")

file(GLOB saga_harness_scenario_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scenarios/*.json")
install(FILES ${saga_harness_scenario_files} DESTINATION "${CMAKE_INSTALL_DATADIR}/saga_harness/scenarios")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
