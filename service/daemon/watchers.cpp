// One lock for the list and the calls: once a watch is destroyed, its function is called no more.
#include "service/daemon/watchers.hpp"

#include <utility>

namespace trawl::service {

class Watchers::Entry final : public Jobs::Watch {
 public:
  Entry(std::shared_ptr<State> state, std::uint64_t id) : state_(std::move(state)), id_(id) {}
  ~Entry() override {
    const std::lock_guard lock{state_->mutex};
    state_->all.erase(id_);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  std::shared_ptr<State> state_;
  std::uint64_t id_;
};

std::unique_ptr<Jobs::Watch> Watchers::add(std::function<void(const JobEvent&)> on_event) {
  const std::lock_guard lock{state_->mutex};
  const auto id = state_->next++;
  state_->all.emplace(id, std::move(on_event));
  return std::make_unique<Entry>(state_, id);
}

void Watchers::tell(const JobEvent& event) const {
  const std::lock_guard lock{state_->mutex};
  for (const auto& [id, on_event] : state_->all) on_event(event);
}

bool Watchers::anyone() const {
  const std::lock_guard lock{state_->mutex};
  return !state_->all.empty();
}

}  // namespace trawl::service
