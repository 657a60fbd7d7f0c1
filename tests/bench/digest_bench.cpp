// The two digests of a WARC record, block and payload: one after the other, and both at once.
#include "core/web/digest.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace trawl::web {
namespace {

const std::string head(300, 'h');

void one_by_one(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'b');
  for (auto _ : state) {
    Hasher block{Hasher::Algorithm::sha256};
    block.update(head);
    block.update(body);
    benchmark::DoNotOptimize(block.hex());
    benchmark::DoNotOptimize(sha256_hex(body));
  }
  state.SetBytesProcessed(2 * state.range(0) * state.iterations());
}
BENCHMARK(one_by_one)->RangeMultiplier(4)->Range(256, 256 << 10);

void both_at_once(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'b');
  for (auto _ : state) benchmark::DoNotOptimize(sha256_of_block(head, body));
  state.SetBytesProcessed(2 * state.range(0) * state.iterations());
}
BENCHMARK(both_at_once)->RangeMultiplier(4)->Range(256, 256 << 10);

}  // namespace
}  // namespace trawl::web
