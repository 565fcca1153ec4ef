# The package for C++: headers and, if asked for, a library; a target for find_package and add_subdirectory, a file for pkg-config.
add_library(learnedidx INTERFACE)
add_library(learnedidx::learnedidx ALIAS learnedidx)
target_compile_features(learnedidx INTERFACE cxx_std_17)
# Bounds and epsilons were measured by the same floating-point steps that look up, so none may be fused.
target_compile_options(learnedidx INTERFACE "$<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang,IntelLLVM>:-ffp-contract=off>")

# With the Python package, all of it lies inside the folder of that package.
include(GNUInstallDirs)
set(root "${CMAKE_INSTALL_DATAROOTDIR}")
set(headers "${CMAKE_INSTALL_INCLUDEDIR}")
if(LEARNEDIDX_PYTHON)
  set(root learnedidx/share)
  set(headers learnedidx/include)
endif()
target_include_directories(learnedidx INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/cpp/include>" "$<INSTALL_INTERFACE:${headers}>")

if(LEARNEDIDX_INSTALL)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/cpp/include/" DESTINATION "${headers}"
    FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")

  install(TARGETS learnedidx EXPORT learnedidx)
  install(EXPORT learnedidx FILE learnedidxConfig.cmake NAMESPACE learnedidx:: DESTINATION "${root}/cmake/learnedidx")
  include(CMakePackageConfigHelpers)
  set(any_processor ARCH_INDEPENDENT)
  if(LEARNEDIDX_C OR LEARNEDIDX_LIBRARY)
    set(any_processor "")
  endif()
  write_basic_package_version_file(learnedidxConfigVersion.cmake COMPATIBILITY SameMinorVersion ${any_processor})
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/learnedidxConfigVersion.cmake" DESTINATION "${root}/cmake/learnedidx")

  # The folder of the headers, seen from the file: what was installed may be moved.
  file(RELATIVE_PATH headers_from_pc "/prefix/${root}/pkgconfig" "/prefix/${headers}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/learnedidx.pc.in" learnedidx.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/learnedidx.pc" DESTINATION "${root}/pkgconfig")
endif()
