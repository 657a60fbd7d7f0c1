// The parser says how much it took, which is the place of the fault.
#include "service/text/json_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace trawl::service {

namespace json = boost::json;

Result<json::value> parse_json(std::string_view text, std::size_t nesting_max) {
  json::parse_options options;
  options.max_depth = nesting_max;
  json::stream_parser parser{{}, options};
  boost::system::error_code error;
  const std::size_t taken = parser.write_some(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (!error && taken < text.size()) error = json::error::extra_data;
  if (!error) return parser.release();
  const std::string_view before = text.substr(0, taken);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1: the first line
  return fail(Errc::usage,
              fmt::format("line {}, column {}: {}", line, taken - begin + 1, error.message()));
}

}  // namespace trawl::service
