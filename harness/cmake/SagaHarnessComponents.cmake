# Which parts of the project are built, and why the others are not. A component is a set of targets (each names its own,
# see saga_harness_layer) that are installed together and found with find_package(saga_harness COMPONENTS ...).

set(SAGA_HARNESS_COMPONENTS core)  # core needs what the project cannot do without, and is always built
set(SAGA_HARNESS_LEFT_OUT)

# saga_harness_component(NAME SWITCH option [NEEDS component...] [REQUIRES variable name])
# Sets SAGA_HARNESS_HAS_<NAME> (upper case): whether it is switched on, what it needs of ours is built, and what it needs
# of others was found: the variable of REQUIRES is true. What is left out is remembered for the summary and the package's
# configuration file. For a developer it is an error if what is switched on is not found: no test goes missing unnoticed.
function(saga_harness_component name)
  cmake_parse_arguments(PARSE_ARGV 1 component "" "SWITCH" "NEEDS;REQUIRES")
  string(TOUPPER "${name}" upper)
  set(reason "")
  if(NOT ${component_SWITCH})
    set(reason "${component_SWITCH} is OFF")
  elseif(component_REQUIRES)
    list(GET component_REQUIRES 0 found)
    list(GET component_REQUIRES 1 what)
    if(NOT ${found})
      set(reason "${what} was not found")
    endif()
    if(SAGA_HARNESS_DEVELOPER AND NOT reason STREQUAL "")
      message(FATAL_ERROR "saga_harness: ${name} cannot be built: ${reason}. Install it, or say -D${component_SWITCH}=OFF.")
    endif()
  endif()
  if(reason STREQUAL "")
    foreach(other IN LISTS component_NEEDS)
      if(NOT other IN_LIST SAGA_HARNESS_COMPONENTS)
        set(reason "it needs ${other}, which is left out")
      endif()
    endforeach()
  endif()

  if(reason STREQUAL "")
    set(SAGA_HARNESS_HAS_${upper} TRUE PARENT_SCOPE)
    set(SAGA_HARNESS_COMPONENTS ${SAGA_HARNESS_COMPONENTS} ${name} PARENT_SCOPE)
    return()
  endif()
  set(SAGA_HARNESS_HAS_${upper} FALSE PARENT_SCOPE)
  set(SAGA_HARNESS_LEFT_OUT ${SAGA_HARNESS_LEFT_OUT} "${name}: ${reason}" PARENT_SCOPE)
endfunction()

# saga_harness_say_components(): the summary of a configuration.
function(saga_harness_say_components)
  list(JOIN SAGA_HARNESS_COMPONENTS ", " built)
  message(STATUS "saga_harness builds: ${built}")
  foreach(line IN LISTS SAGA_HARNESS_LEFT_OUT)
    message(STATUS "saga_harness leaves out ${line}")
  endforeach()
endfunction()
