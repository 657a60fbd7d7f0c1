// Payload and environment say the same with the same words.
#include "service/hooks/event.hpp"

#include "core/web/digest.hpp"
#include "service/text/json_writer.hpp"
#include "service/text/time_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace trawl::service {

std::string_view to_string(HookKind kind) {
  switch (kind) {
    case HookKind::finish:
      return "finish";
    case HookKind::error:
      return "error";
    case HookKind::host_blocked:
      break;
  }
  return "host_blocked";
}

std::string hook_id(const HookEvent& event) {
  const std::string facts = fmt::format("{}\n{}\n{}\n{}\n{}", to_string(event.kind), event.job,
                                        event.dir, event.host, event.at.time_since_epoch().count());
  return web::sha256_hex(facts).substr(0, 32);
}

std::string hook_payload(const HookEvent& event) {
  std::string text;
  JsonWriter json{text};
  json.begin_object();
  json.key("id").text(hook_id(event));
  json.key("event").text(to_string(event.kind));
  json.key("at").text(format_rfc3339(event.at));
  json.key("job").text(event.job);
  json.key("dir").text(event.dir);
  if (!event.end.empty()) json.key("end").text(event.end);
  if (!event.detail.empty()) json.key("detail").text(event.detail);
  if (!event.host.empty()) json.key("host").text(event.host);
  if (event.until) json.key("until").text(format_rfc3339(*event.until));
  if (event.totals) {
    json.key("totals").begin_object();
    json.key("queued").count(event.totals->queued);
    json.key("fetched").count(event.totals->fetched);
    json.key("failed").count(event.totals->failed);
    json.key("excluded").count(event.totals->excluded);
    json.key("bytes_wire").count(event.totals->bytes_wire);
    json.end_object();
  }
  json.end_object();
  return text;
}

std::optional<HookEvent> read_hook_payload(std::string_view payload) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(payload, error);
  const auto* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) return std::nullopt;
  const auto text = [object](std::string_view key) -> std::string {
    const auto* value = object->if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
  };
  const auto time = [&text](std::string_view key) -> std::optional<Wall> {
    const auto read = read_since(text(key), Wall{});
    return read ? std::optional{*read} : std::nullopt;
  };
  HookEvent event{.job = text("job"),
                  .dir = text("dir"),
                  .at = time("at").value_or(Wall{}),
                  .end = text("end"),
                  .detail = text("detail"),
                  .host = text("host"),
                  .until = time("until")};
  for (const HookKind kind : {HookKind::error, HookKind::host_blocked})
    if (text("event") == to_string(kind)) event.kind = kind;
  if (const auto* totals = object->if_contains("totals");
      totals != nullptr && totals->is_object()) {
    const auto count = [&](std::string_view key) -> std::uint64_t {
      const auto* value = totals->as_object().if_contains(key);
      boost::system::error_code none;
      return value != nullptr ? value->to_number<std::uint64_t>(none) : 0;
    };
    event.totals = {.queued = count("queued"),
                    .fetched = count("fetched"),
                    .failed = count("failed"),
                    .excluded = count("excluded"),
                    .bytes_wire = count("bytes_wire")};
  }
  return hook_id(event) == text("id") ? std::optional{std::move(event)} : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> hook_environment(const HookEvent& event) {
  std::vector<std::pair<std::string, std::string>> variables;
  const auto put = [&](std::string_view name, std::string value) {
    std::erase(value, '\0');
    if (!value.empty()) variables.emplace_back(fmt::format("TRAWL_{}", name), std::move(value));
  };
  put("EVENT", std::string{to_string(event.kind)});
  put("EVENT_ID", hook_id(event));
  put("AT", format_rfc3339(event.at));
  put("JOB", event.job);
  put("DIR", event.dir);
  put("END", event.end);
  put("DETAIL", event.detail);
  put("HOST", event.host);
  if (event.until) put("UNTIL", format_rfc3339(*event.until));
  if (!event.totals) return variables;
  put("QUEUED", fmt::format("{}", event.totals->queued));
  put("FETCHED", fmt::format("{}", event.totals->fetched));
  put("FAILED", fmt::format("{}", event.totals->failed));
  put("EXCLUDED", fmt::format("{}", event.totals->excluded));
  put("BYTES_WIRE", fmt::format("{}", event.totals->bytes_wire));
  return variables;
}

}  // namespace trawl::service
