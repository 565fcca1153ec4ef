// Text in order: codes decide, and where they are equal, the objects of the run.
#include <algorithm>
#include <new>

#include "sorted_text.hpp"

namespace learnedidx::bindings {
namespace {

using Cursor = TextOrder::Cursor;

constexpr std::size_t kLeaves = 2;           // of a run that are read one by one before it is halved
constexpr std::size_t kCountedTies = 24;     // of one insertion
constexpr std::size_t kLeastToLearn = 512;   // texts from which on codes are chosen
constexpr std::size_t kTiesToLearn = 16;     // ties a text, after which they are
constexpr std::size_t kSampled = 8;          // of so many texts one is looked at, or less
constexpr std::size_t kLoadedFrom = 8;       // above an eighth of what is held all is loaded anew

bool is_past(PyObject* held, PyObject* text, bool right) {
  const int found = compare_text(held, text);
  return right ? found > 0 : found >= 0;
}

bool is_below(const TextItem& one, const TextItem& other) {
  return one.code != other.code ? one.code < other.code : compare_text(one.text, other.text) < 0;
}

// Some of `size` texts, evenly.
template <class TextAt> std::vector<PyObject*> sample_of(std::size_t size, TextAt&& text_at) {
  const std::size_t count = std::min((size + kSampled - 1) / kSampled, TextCodes::kSample);
  std::vector<PyObject*> sample(count);
  for (std::size_t i = 0; i < count; ++i) sample[i] = text_at(count == 1 ? 0 : i * (size - 1) / (count - 1));
  return sample;
}

}  // namespace

// Among the texts whose code is that of the first of them, all beside each other, the first that is not below `text`, or
// with `right` above it; else what is behind them.
TextOrder::Spot TextOrder::in_run(const Cursor& first, PyObject* text, bool right) const noexcept {
  const std::int64_t code = first.key();
  const auto not_past = [text, right](PyObject* held) { return !is_past(held, text, right); };
  Spot spot{first, 0};
  for (std::size_t leaves = 0; leaves < kLeaves; ++leaves) {
    const std::size_t left = spot.at.codes_left();
    const std::int64_t* const codes = spot.at.codes();
    const auto here = static_cast<std::size_t>(std::upper_bound(codes, codes + left, code) - codes);
    PyObject* const* const texts = spot.at.values();
    if (here < left || !not_past(texts[here - 1])) {
      const auto before = static_cast<unsigned>(std::partition_point(texts, texts + here, not_past) - texts);
      spot.at.skip(before);
      spot.before += before;
      return spot;
    }
    spot.before += here;
    spot.at.next_leaf();
    if (!spot.at || spot.at.key() != code) return spot;
  }
  const std::size_t begin = tree.rank_of(first);
  std::size_t low = begin + spot.before, high = tree.rank(code, true);
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (not_past(tree.cursor(middle).value())) low = middle + 1;
    else high = middle;
  }
  return {tree.cursor(low), low - begin};
}

std::size_t TextOrder::rank(PyObject* text, bool right) const noexcept {
  std::size_t below = 0;
  const std::int64_t code = codes_.code(text);
  const Cursor first = tree.locate(code, below);
  return first && first.key() == code ? below + in_run(first, text, right).before : below;
}

Cursor TextOrder::find(PyObject* text, std::size_t* below) const noexcept {
  const std::int64_t code = codes_.code(text);
  const Cursor first = below ? tree.locate(code, *below) : tree.seek(code);
  if (!first || first.key() != code) return {};
  const Spot spot = in_run(first, text, false);
  if (below) *below += spot.before;
  return spot.at && spot.at.key() == code && compare_text(spot.at.value(), text) == 0 ? spot.at : Cursor{};
}

bool TextOrder::insert(PyObject* text) noexcept {
  if (ties_ > kTiesToLearn * tree.size() && tree.size() >= kLeastToLearn) learn();
  Cursor first;
  const int done = tree.insert_alone(codes_.code(text), text, first);
  return done != 0 ? done > 0 : insert_beside(first, text);
}

bool TextOrder::insert_beside(const Cursor& first, PyObject* text) noexcept {
  Spot spot = in_run(first, text, true);
  const bool behind = !spot.at || spot.at.key() != first.key();
  if (behind) spot.at.backward();
  if (compare_text(spot.at.value(), text) != 0) ties_ += std::min(spot.before, kCountedTies);  // no code tells equals apart
  return tree.insert_beside(spot.at, behind, text);
}

void TextOrder::take_back(PyObject* text) noexcept {
  const std::int64_t code = codes_.code(text);
  Spot spot = in_run(tree.seek(code), text, true);
  spot.at.backward();
  tree.erase(spot.at);
}

bool TextOrder::insert_each(const TextItems& items, Cancellation cancellation) noexcept {
  SeldomPoll poll(cancellation);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (poll.may_continue(1) && insert(items[i].text)) continue;
    while (i-- > 0) take_back(items[i].text);
    return false;
  }
  return true;
}

// Loads what is held and items, which are in order, anew; all by these codes if they are others than before.
bool TextOrder::merge(const TextItems& items, const TextCodes& codes, bool anew, Cancellation cancellation) {
  std::vector<std::int64_t> all_codes;
  std::vector<PyObject*> all;
  all_codes.reserve(tree.size() + items.size());
  all.reserve(tree.size() + items.size());
  SeldomPoll poll(cancellation);
  bool may_continue = true;
  std::size_t next = 0;
  const auto take = [&](const TextItem& item) { all_codes.push_back(item.code), all.push_back(item.text); };
  tree.scan([&](const std::int64_t* keys, PyObject* const* texts, std::size_t count) {
    may_continue = may_continue && poll.may_continue(count);
    for (std::size_t i = 0; may_continue && i < count; ++i) {
      const TextItem own{anew ? codes.code(texts[i]) : keys[i], texts[i]};
      while (next < items.size() && is_below(items[next], own)) take(items[next++]);
      take(own);
    }
  });
  while (next < items.size()) take(items[next++]);
  return may_continue && tree.load(all_codes.data(), all.data(), all.size(), cancellation);
}

bool TextOrder::insert_all(TextItems& items, Cancellation cancellation) {
  if (items.size() <= tree.size() / kLoadedFrom) return insert_each(items, cancellation);
  const bool anew = items.size() > tree.size();
  TextCodes codes = anew ? TextCodes::of(sample_of(items.size(), [&](std::size_t i) { return items[i].text; })) : codes_;
  SeldomPoll poll(cancellation);
  for (TextItem& item : items) {
    if (!poll.may_continue(1)) return false;
    item.code = codes.code(item.text);
  }
  if (!std::is_sorted(items.begin(), items.end(), is_below)) std::stable_sort(items.begin(), items.end(), is_below);
  if (!merge(items, codes, anew, cancellation)) return false;
  if (!anew) return true;
  codes_ = std::move(codes);
  ties_ = 0;
  return true;
}

// Chooses codes for what is held, in one pass; without memory they stay as they are.
void TextOrder::learn() noexcept {
  ties_ = 0;
  try {
    const std::size_t size = tree.size();
    const TextCodes learned = TextCodes::of(sample_of(size, [&](std::size_t i) { return tree.cursor(i).value(); }));
    std::vector<std::int64_t> codes;
    std::vector<PyObject*> texts;
    codes.reserve(size);
    texts.reserve(size);
    tree.scan([&](const std::int64_t*, PyObject* const* held, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) codes.push_back(learned.code(held[i])), texts.push_back(held[i]);
    });
    if (tree.load(codes.data(), texts.data(), size, {})) codes_ = learned;
  } catch (const std::bad_alloc&) {
  }
}

const char* TextOrder::check() const noexcept {
  const char* wrong = tree.check();
  PyObject* before = nullptr;
  tree.scan([&](const std::int64_t* keys, PyObject* const* texts, std::size_t count) {
    for (std::size_t i = 0; i < count && !wrong; before = texts[i++]) {
      if (before && compare_text(before, texts[i]) > 0) wrong = "texts are not in order";
      if (codes_.code(texts[i]) != keys[i]) wrong = "a code is not that of its text";
    }
  });
  return wrong;
}

}  // namespace learnedidx::bindings
