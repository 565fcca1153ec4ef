// absl::btree_set behind the loops of rival.hpp.
//
// The set holds no ranks, so a lookup answers with the key that lower_bound found. Beyond the last
// key there is none: then the answer is the last key, so that no value has to be reserved.
#include <absl/container/btree_set.h>

#include <functional>

#include "counting.hpp"
#include "rival.hpp"

namespace {

template <typename T>
class BTreeSet : public rivals::Adapter {
 public:
  static constexpr const char* answer = "SUCCESSOR";

  BTreeSet(const T* keys, std::size_t count) : set_(std::less<T>(), Allocator(&bytes_)) {
    // The hint makes an insertion at the end constant time and leaves full nodes behind.
    for (const T* key = keys; key != keys + count; ++key) set_.insert(set_.end(), *key);
    last_key_ = *set_.rbegin();
  }
  BTreeSet(const BTreeSet&) = delete;
  BTreeSet& operator=(const BTreeSet&) = delete;

  T lookup(T query) const {
    const auto found = set_.lower_bound(query);
    return found == set_.end() ? last_key_ : *found;
  }
  std::size_t nbytes() const { return bytes_; }

 private:
  using Allocator = rivals::CountingAllocator<T>;

  std::size_t bytes_ = 0;  // declared before the set, which counts into it until it is gone
  absl::btree_set<T, std::less<T>, Allocator> set_;
  T last_key_{};
};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  rivals::bind<BTreeSet, std::uint64_t, std::int64_t, double>(module, "absl::btree_set");
}
