// SIGPIPE is ignored as in the program itself; everything else is GoogleTest's own main.
#include <gmock/gmock.h>

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
