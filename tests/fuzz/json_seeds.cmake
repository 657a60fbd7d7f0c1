# Writes the member FIELD of every object of the JSON list CASES into a file of its own in INTO:
# cases that tests read as one file, as seeds for a fuzz target. Objects without it are left out.
cmake_minimum_required(VERSION 3.25)
file(READ "${CASES}" cases)
string(JSON count LENGTH "${cases}")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON text ERROR_VARIABLE missing GET "${cases}" ${i} "${FIELD}")
  if(NOT missing)
    file(WRITE "${INTO}/${i}" "${text}\n")
  endif()
endforeach()
