# Installation, a component at a time: each has a file of targets of its own, and an install component of its own
# (saga_harness_core, saga_harness_testing, ...), so that a package or `cmake --install --component` may leave any but the
# core away. The package's configuration file offers what it finds beside itself.
include(CMakePackageConfigHelpers)

set(SAGA_HARNESS_CONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/saga_harness")

function(saga_harness_install target)
  get_target_property(component ${target} SAGA_HARNESS_COMPONENT)
  set(part COMPONENT saga_harness_${component})
  get_target_property(file_sets ${target} INTERFACE_HEADER_SETS)
  set(header_sets)
  if(file_sets)
    set(header_sets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" ${part})
  endif()
  install(TARGETS ${target} EXPORT saga_harness_${component}
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" ${part}
          RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" ${part}
          ${header_sets}
          INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
endfunction()

get_property(saga_harness_targets GLOBAL PROPERTY SAGA_HARNESS_TARGETS)
set(saga_harness_installed_components)
foreach(target IN LISTS saga_harness_targets)
  saga_harness_install(${target})
  get_target_property(component ${target} SAGA_HARNESS_COMPONENT)
  list(APPEND saga_harness_installed_components ${component})
endforeach()
list(REMOVE_DUPLICATES saga_harness_installed_components)
foreach(component IN LISTS saga_harness_installed_components)
  install(EXPORT saga_harness_${component} NAMESPACE saga_harness::
          FILE saga_harness-${component}-targets.cmake DESTINATION "${SAGA_HARNESS_CONFIG_DIR}"
          COMPONENT saga_harness_${component})
endforeach()

# What the configuration file has to know of this build.
set(SAGA_HARNESS_LIBRARIES)  # those that saga_harness::saga_harness links
get_target_property(saga_harness_layers saga_harness INTERFACE_LINK_LIBRARIES)
foreach(target IN LISTS saga_harness_layers)
  get_target_property(name ${target} EXPORT_NAME)
  string(APPEND SAGA_HARNESS_LIBRARIES " ${name}")
endforeach()
set(SAGA_HARNESS_STORES)  # those built in: how their libraries are named here and by pkg-config
foreach(store IN ITEMS SQLITE=sqlite3 POSTGRESQL=libpq REDIS=hiredis)
  string(REGEX REPLACE "=.*" "" prefix "${store}")
  if(${prefix}_FOUND)
    string(APPEND SAGA_HARNESS_STORES " ${store}")
  endif()
endforeach()

configure_package_config_file("${PROJECT_SOURCE_DIR}/harness/cmake/saga_harness-config.cmake.in"
                              "${PROJECT_BINARY_DIR}/generated/saga_harness-config.cmake"
                              INSTALL_DESTINATION "${SAGA_HARNESS_CONFIG_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/saga_harness-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/generated/saga_harness-config.cmake"
              "${PROJECT_BINARY_DIR}/generated/saga_harness-config-version.cmake"
        DESTINATION "${SAGA_HARNESS_CONFIG_DIR}" COMPONENT saga_harness_core)

file(GLOB saga_harness_scenario_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scenarios/*.json")
install(FILES ${saga_harness_scenario_files}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/saga_harness/scenarios" COMPONENT saga_harness_core)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT saga_harness_core)
