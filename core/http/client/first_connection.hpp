#pragma once
// FirstConnections: of the fetches that begin together on one origin, the first makes a connection
// and the others wait until it stands. With HTTP/2 they then go over it, where each would have made
// its own. Loop thread only; must outlive its fetches.

#include "core/coro/event.hpp"
#include "core/coro/task.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace trawl::http {

class FirstConnections {
 public:
  explicit FirstConnections(coro::Executor executor) : executor_(std::move(executor)) {}

  // A fetch's place among those of its origin, for as long as the fetch runs.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) = delete;
    ~Place();  // the others go on, connected or not: they would fail one after the other

    void on_connected();

   private:
    friend class FirstConnections;
    struct Origin;
    FirstConnections* owner_ = nullptr;
    std::shared_ptr<Origin> origin_;
    bool first_ = false;
  };

  // Returns at once for the first fetch, and while any other has a connection.
  coro::Task<Place> enter(std::string origin);

  std::size_t origins() const { return origins_.size(); }  // with fetches in flight

 private:
  coro::Executor executor_;
  std::map<std::string, std::shared_ptr<Place::Origin>, std::less<>> origins_;
};

}  // namespace trawl::http
