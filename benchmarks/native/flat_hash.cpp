// absl::flat_hash_map from views of strings, or pairs, to positions: it has no order.
#include <absl/container/flat_hash_map.h>

#include "counting.hpp"
#include "text.hpp"

namespace {

template <typename Keys>
class FlatHashMap : public rivals::Adapter {
 public:
  static constexpr const char* answer = "MATCH";
  using Key = typename Keys::Key;

  explicit FlatHashMap(const Keys& keys) : map_(keys.size, Hash(), std::equal_to<Key>(), Allocator(&bytes_)) {
    for (std::size_t i = 0; i < keys.size; ++i) {
      map_.emplace(keys.key(keys.first + i), static_cast<std::int64_t>(i));
    }
  }
  FlatHashMap(const FlatHashMap&) = delete;
  FlatHashMap& operator=(const FlatHashMap&) = delete;

  std::int64_t lookup(const Key& query) const {
    const auto found = map_.find(query);
    return found == map_.end() ? -1 : found->second;
  }
  std::size_t nbytes() const { return bytes_; }

 private:
  using Allocator = rivals::CountingAllocator<std::pair<const Key, std::int64_t>>;
  using Hash = absl::Hash<Key>;

  std::size_t bytes_ = 0;  // declared before the map, which counts into it until it is gone
  absl::flat_hash_map<Key, std::int64_t, Hash, std::equal_to<Key>, Allocator> map_;
};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  rivals::bind_keys<FlatHashMap, rivals::Texts, rivals::Pairs>(module, "absl::flat_hash_map");
}
