// Sentences are templates with words put in: enough variety that pages differ in length and digest.
#include "service/demo/prose.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace trawl::service::demo {
namespace {

constexpr std::array<std::string_view, 10> verbs{"Mooring",   "Reading",   "Calibrating", "Joining",
                                                 "Replaying", "Smoothing", "Splitting",   "Naming",
                                                 "Comparing", "Archiving"};
constexpr std::array<std::string_view, 16> nouns{
    "gauge", "tide table", "buoy",  "pier",   "harbour chart", "current", "ebb",   "reading",
    "lock",  "log book",   "depth", "signal", "beacon",        "channel", "fleet", "forecast"};
constexpr std::array<std::string_view, 12> adjectives{"floating", "remote", "late",    "noisy",
                                                      "northern", "silent", "shared",  "dated",
                                                      "narrow",   "tidal",  "damaged", "spare"};
constexpr std::array<std::string_view, 6> reasons{
    "it keeps the order of arrival", "nothing may wait for a slow peer",
    "two observers can disagree",    "the sea does not stop for maintenance",
    "clocks drift apart at night",   "a missing value is not a zero"};

template <std::size_t n>
std::string_view pick(Dice& dice, const std::array<std::string_view, n>& words) {
  return words[dice.below(n)];
}

}  // namespace

std::uint64_t Dice::below(std::uint64_t bound) {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return (mixed ^ (mixed >> 31)) % bound;
}

std::string topic(Dice& dice) {
  const auto verb = pick(dice, verbs);
  const auto adjective = pick(dice, adjectives);
  return fmt::format("{} a {} {}", verb, adjective, pick(dice, nouns));
}

std::string sentence(Dice& dice) {
  const auto adjective = pick(dice, adjectives);
  const auto noun = pick(dice, nouns);
  const auto other = pick(dice, nouns);
  const auto reason = pick(dice, reasons);
  const auto number = 2 + dice.below(60);
  switch (dice.below(5)) {
    case 0:
      return fmt::format("A {} {} is joined to its {} because {}.", adjective, noun, other, reason);
    case 1:
      return fmt::format("After {} minutes the {} counts as {}.", number, noun, adjective);
    case 2:
      return fmt::format("Each {} has one {}, and never more than {} of them.", noun, other,
                         number);
    case 3:
      return fmt::format("When the {} is {}, read the {} again: {}.", noun, adjective, other,
                         reason);
    default:
      return fmt::format("The {} comes first, then the {} {}.", other, adjective, noun);
  }
}

std::string paragraph(Dice& dice) {
  const auto sentences = 3 + dice.below(4);
  std::string text;
  for (std::uint64_t i = 0; i < sentences; ++i) {
    if (i > 0) text += ' ';
    text += sentence(dice);
  }
  return text;
}

}  // namespace trawl::service::demo
