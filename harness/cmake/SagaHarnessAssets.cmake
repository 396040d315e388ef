# saga_harness_report_assets(TARGET DIRECTORY): builds report.css and report.js of DIRECTORY into TARGET, with their
# SHA-256, by which the page's Content-Security-Policy lets them in.
function(saga_harness_report_assets target directory)
  set(root "${PROJECT_SOURCE_DIR}/${directory}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${root}/report.css" "${root}/report.js")
  file(READ "${root}/report.css" style_text)
  file(READ "${root}/report.js" script_text)
  file(SHA256 "${root}/report.css" style_sha256)
  file(SHA256 "${root}/report.js" script_sha256)
  set(generated "${PROJECT_BINARY_DIR}/generated/reports/assets.cpp")
  configure_file("${PROJECT_SOURCE_DIR}/harness/cmake/report_assets.cpp.in" "${generated}" @ONLY)
  target_sources(${target} PRIVATE "${generated}")
endfunction()
