// The names of states, as the API and the command line show them.
#include "service/daemon/jobs.hpp"

namespace trawl::service {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::invalid:
      return "invalid";
    case JobState::waiting:
      return "waiting";
    case JobState::running:
      return "running";
    case JobState::paused:
      return "paused";
    case JobState::stopping:
      return "stopping";
    case JobState::finished:
      return "finished";
    case JobState::limited:
      return "limited";
    case JobState::cancelled:
      return "cancelled";
    case JobState::failed:
      return "failed";
  }
  return "?";
}

}  // namespace trawl::service
