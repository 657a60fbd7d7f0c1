#pragma once
// Lays the four layers of a job over each other and keeps account of origins and errors.

#include "config/job.hpp"
#include "config/key.hpp"
#include "config/pattern_count.hpp"

#include <toml++/toml.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace trawl::config {

class Layers {
 public:
  explicit Layers(std::string default_name);

  // In this order.
  void add_document(const toml::table& document, const std::string& file);
  void add_environment(const std::map<std::string, std::string>& variables);
  void add_option(const Override& option);

  // Checks keys against each other and hands out the job, or everything that was wrong. With a
  // file's name, a job without seeds is that file's error.
  Loaded<LoadedJob> finish(const std::string& seeds_required_in) &&;

 private:
  // What one layer gives for one key.
  struct Given {
    std::string_view path;
    const toml::node& node;
    Origin origin;
  };

  // A key of a file, or what stands where a section should be.
  struct Entry {
    std::string path;
    bool in_section;
    std::reference_wrapper<const toml::key> name;
    std::reference_wrapper<const toml::node> node;
  };

  // [[site]], [[priority]].
  void add_tables(const toml::table& document, const std::string& file);
  void add_entry(const Entry& entry, const std::string& file);
  void add_from_text(const std::string& path, const std::string& value, bool literal,
                     const Origin& origin);
  bool is_unusable(const Given& given);
  void refuse_unknown(const Given& given);

  Problems read(const Key& key, std::string_view entry, const Given& given);
  Problems read_table(const Key& key, const Given& given);
  void accept(const Key& key, const Given& given);
  // For a pattern too many: nothing is read from there on.
  void stop(const PatternCount::OneTooMany& pattern, const Origin& origin);
  void take_list_defaults();
  bool has_room();  // for one more error; counts the error when there is none
  void refuse(const Given& given, const Problems& problems);
  void refuse(const Origin& origin, std::string_view key, std::string message);

  LoadedJob job_;
  std::vector<ConfigError> errors_;
  std::size_t errors_left_out_ = 0;
  PatternCount patterns_;  // of all layers
  bool stopped_ = false;
  std::set<std::string, std::less<>> wrong_;  // keys with errors: rules don't judge them again
};

// Rules across keys (rules.cpp). Each appends to errors; keys in `wrong` are left alone.
void check_rules(const LoadedJob& job, const std::set<std::string, std::less<>>& wrong,
                 const std::string& seeds_required_in, std::vector<ConfigError>& errors);

}  // namespace trawl::config
