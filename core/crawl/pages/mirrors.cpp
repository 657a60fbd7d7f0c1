// The decisions of a race, without its sockets.
#include "core/crawl/pages/mirrors.hpp"

#include "core/crawl/hosts/retry.hpp"

namespace trawl::crawl {

http::Continuation MirrorRace::on_answer(std::size_t contender, int status,
                                         http::Continuation meaning) {
  if (winner) return *winner == contender ? meaning : http::Continuation::refused;
  if (status != 200 && meaning != http::Continuation::append) return meaning;
  winner = contender;
  decided.set();
  return meaning;
}

const Error* telling_error(const std::vector<MirrorSource>& sources) {
  const Error* told = nullptr;
  for (const MirrorSource& source : sources) {
    if (!source.error) continue;
    const auto kind = retry_class(source.error->code);
    if (told == nullptr || kind > retry_class(told->code)) told = &*source.error;
  }
  return told;
}

}  // namespace trawl::crawl
