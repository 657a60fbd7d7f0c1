# What is installed, and the Debian package of it: `./dev package`. Manual page and completions come
# from the program itself, so that they know what it knows.
include(GNUInstallDirs)

set(made ${CMAKE_BINARY_DIR}/package)
function(trawl_made file)
  cmake_parse_arguments(ARG "" "" "COMMAND;DEPENDS" ${ARGN})
  add_custom_command(OUTPUT ${made}/${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
    COMMAND ${ARG_COMMAND} > ${made}/${file}
    DEPENDS ${ARG_DEPENDS} VERBATIM)
endfunction()
trawl_made(trawl.bash COMMAND trawl completion bash DEPENDS trawl)
trawl_made(_trawl COMMAND trawl completion zsh DEPENDS trawl)
trawl_made(trawl.fish COMMAND trawl completion fish DEPENDS trawl)
trawl_made(trawl.1 COMMAND trawl man DEPENDS trawl)
trawl_made(trawl.1.gz COMMAND gzip -9nc ${made}/trawl.1 DEPENDS ${made}/trawl.1)
set(changelog ${PROJECT_SOURCE_DIR}/packaging/debian/changelog)
trawl_made(changelog.Debian.gz COMMAND gzip -9nc ${changelog} DEPENDS ${changelog})
add_custom_target(trawl_package_files DEPENDS
  trawl ${made}/trawl.bash ${made}/_trawl ${made}/trawl.fish ${made}/trawl.1.gz
  ${made}/changelog.Debian.gz)

install(TARGETS trawl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${made}/trawl.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/trawl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME trawl)
install(FILES ${made}/_trawl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${made}/trawl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES packaging/debian/copyright ${made}/changelog.Debian.gz
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/trawl)
file(GLOB examples ${PROJECT_SOURCE_DIR}/config/examples/*.toml)
install(FILES ${examples} docker/prometheus/alerts.yml docker/grafana/dashboards/trawl.json
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/trawl/examples)
install(FILES packaging/trawl.service DESTINATION lib/systemd/system)
install(FILES packaging/trawl.toml DESTINATION /etc/trawl)
install(DIRECTORY DESTINATION /etc/trawl/jobs)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME trawl)
set(CPACK_PACKAGE_CONTACT "trawl developers <trawl@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "polite, crash-proof web crawler and fetcher")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"trawl fetches URLs as fast as politeness allows, follows links within a
scope, keeps one record per URL in an SQLite database and streams bodies to
WARC archives or plain files. It can be stopped at any instant and continues
where it was.
.
It runs as a command, or as a service that is fed with job files, watched in
a browser and in Prometheus, and steered without a restart.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script postinst prerm postrm)
  configure_file(packaging/debian/control-${script} ${made}/${script} COPYONLY)
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${made}/postinst ${made}/prerm ${made}/postrm
    ${PROJECT_SOURCE_DIR}/packaging/debian/conffiles)
include(CPack)
