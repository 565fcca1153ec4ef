// Checks of builds without NDEBUG, seen from outside: does a call end the process?
#pragma once

#if !defined(NDEBUG) && !defined(_WIN32)
#define LIDX_TEST_STOPS
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace tests {

// Calls f in a child; true if an assertion ended it.
template <class F> bool stops(F&& f) {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // doctest's own handler would report a failure
    close(STDERR_FILENO);
    f();
    _exit(0);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace tests
#endif
