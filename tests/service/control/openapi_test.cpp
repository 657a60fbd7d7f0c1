// docs/openapi.yaml describes what the table of routes has, and nothing else.
#include "service/control/routes.hpp"
#include "tests/support/subprocess.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace trawl::service::control {
namespace {

// "METHOD /path parameters | media" a line, as the document has them; what it refers to must be
// there, and each operation needs its answers.
constexpr std::string_view reader = R"py(
import sys, yaml
doc = yaml.safe_load(open(sys.argv[1]))
def find(ref):
    node = doc
    for part in ref.removeprefix('#/').split('/'):
        node = node[part]
    return node
def check(node):
    if isinstance(node, dict):
        if '$ref' in node: find(node['$ref'])
        for value in node.values(): check(value)
    if isinstance(node, list):
        for value in node: check(value)
check(doc)
assert doc['openapi'].startswith('3.'), doc['openapi']
assert doc['security'] and doc['components']['securitySchemes']
for path, item in doc['paths'].items():
    shared = item.get('parameters', [])
    for method, op in item.items():
        if method == 'parameters': continue
        assert op['operationId'] and op['summary'], (path, method)
        assert any(s.startswith('2') for s in op['responses']), (path, method)
        # Any may have a parameter that is unknown.
        if op.get('security') != []: assert {'400', '401'} <= set(op['responses']), (path, method)
        params = [find(p['$ref']) if '$ref' in p else p for p in shared + op.get('parameters', [])]
        names = sorted(p['name'] for p in params if p['in'] == 'query')
        media = sorted(op.get('requestBody', {}).get('content', {}))
        auth = 'open' if op.get('security') == [] else 'token'
        print(method.upper(), path, ' '.join(names), '|', ' '.join(media), '|', auth)
)py";

std::string sorted_words(std::string_view list) {
  std::istringstream words{std::string{list}};
  std::vector<std::string> all;
  for (std::string word; words >> word;)
    if (word != "-") all.push_back(word);
  std::ranges::sort(all);
  return fmt::format("{}", fmt::join(all, " "));
}

TEST(OpenApi, DescribesExactlyTheRoutesThatAreThere) {
  support::Subprocess python{
      {.args = {"python3", "-c", std::string{reader}, TRAWL_SOURCE_DIR "/docs/openapi.yaml"}}};
  ASSERT_EQ(python.wait().exit_code, 0) << python.err();
  std::vector<std::string> described, there;
  std::istringstream lines{python.out()};
  for (std::string line; std::getline(lines, line);) described.push_back(line);
  for (const Route& route : routes())
    there.push_back(fmt::format("{} {} {} | {} | {}", route.method, route.pattern,
                                sorted_words(route.parameters), sorted_words(route.media),
                                route.access == Access::open ? "open" : "token"));
  there.push_back("GET /{file}  |  | open");  // the dashboard, for whatever path is left
  EXPECT_THAT(described, testing::UnorderedElementsAreArray(there));
}

}  // namespace
}  // namespace trawl::service::control
