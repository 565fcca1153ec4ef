/* Two writers of a memtable, store by store, and a reader that finds a key twice.
 *
 * Leaf 0 begins with keys 2 and 6 in four slots. One writer inserts 4 and 7, the other 4, 5 and 8: one 4 is refused, and who
 * comes to a full leaf divides it, while the other inserts into one of its halves (beside a reader, 8 is left out). A writer looks for its place without a lock, locks
 * the leaf, and looks again if the version is another one; while it is at a leaf whose right neighbour is for its key it locks that.
 *
 * Nothing that was there before a call, or that a call before saw, is missed; nothing is found before it is begun; at the end
 * each key is there once, in order. Every interleaving is looked at. Stores come in the order in which the program has them.
 *
 * -DNO_LOCK, -DNO_SECOND_LOOK, -DNO_WAY_RIGHT, -DRIGHT_NOT_LOCKED, -DUNLOCK_BEFORE_PUT, -DCUT_BEFORE_LINK and
 * -DAPPEND_WITHOUT_VERSION each put a bug in. */
#define SLOTS 4

byte handle[8];                  /* of leaf 0, of leaf 1; a handle is its key, 0 is none */
byte version[2], count[2], next; /* next: 1 when leaf 1 follows leaf 0 */
byte low1;                       /* the low of leaf 1 */
bool held[2];
byte taken[9], refused, ended;
bool begun[9], done[9], seen[9];

inline lock(l) {
#ifdef NO_LOCK
  skip
#else
  atomic { !held[l] -> held[l] = true }
#endif
}
inline unlock(l) {
#ifdef NO_LOCK
  skip
#else
  held[l] = false
#endif
}

/* In one step: what a search under a version finds, if the version stays. */
inline place(l, key) {
  d_step {
    slot = 0; equal = false;
    do :: slot < count[l] && handle[l * SLOTS + slot] < key -> slot++ :: else -> break od;
    if :: slot < count[l] && handle[l * SLOTS + slot] == key -> equal = true :: else fi
  }
}

inline put(l, key) {
#ifdef APPEND_WITHOUT_VERSION
  if
  :: slot == count[l] -> handle[l * SLOTS + slot] = key; count[l]++
  :: else ->
#endif
    version[l]++;
    i = count[l];
    do :: i > slot -> handle[l * SLOTS + i] = handle[l * SLOTS + i - 1]; i-- :: else -> break od;
    handle[l * SLOTS + slot] = key;
    count[l]++;
    version[l]++
#ifdef APPEND_WITHOUT_VERSION
  fi
#endif
}

inline cut_off() {
  i = SLOTS;
  do :: i > 2 -> i--; handle[i] = 0 :: else -> break od;
  count[0] = 2
}

/* The right half stays locked until the key is in. */
inline divide(key) {
  d_step { handle[4] = handle[2]; handle[5] = handle[3]; count[1] = 2; low1 = handle[4] }
#ifndef RIGHT_NOT_LOCKED
  lock(1);
#endif
  version[0]++;
#ifdef CUT_BEFORE_LINK
  cut_off();
  next = 1;
#else
  next = 1;
  cut_off();
#endif
  version[0]++;
  if
  :: slot > 2 -> slot = slot - 2; put(1, key)
  :: else -> put(0, key)
  fi;
#ifndef RIGHT_NOT_LOCKED
  unlock(1)
#endif
}

inline insert(key) {
  begun[key] = true;
  l = 0;
  if :: next == 1 && low1 <= key -> l = 1 :: else fi;
  v = version[l];
  place(l, key);
  if :: v != version[l] -> v = 1 :: else fi; /* the place is not known */
  lock(l);
#ifndef NO_SECOND_LOOK
  if
  :: v % 2 == 1 || version[l] != v || (l == 0 && next == 1 && low1 <= key) ->
#ifndef NO_WAY_RIGHT
    if
    :: l == 0 && next == 1 && low1 <= key -> lock(1); unlock(0); l = 1
    :: else
    fi;
#endif
    place(l, key)
  :: else
  fi;
#endif
#ifdef UNLOCK_BEFORE_PUT
  unlock(l);
#endif
  if
  :: equal -> refused++
  :: !equal && count[l] == SLOTS -> divide(key); taken[key]++
  :: else -> put(l, key); taken[key]++
  fi;
#ifndef UNLOCK_BEFORE_PUT
  unlock(l);
#endif
  done[key] = true
}

proctype writer(bool first) {
  byte i, l, v, slot;
  bool equal;
  insert(4);
  if
  :: first -> insert(7)
  :: else ->
    insert(5);
#ifndef FIND
    insert(8)
#endif
  fi;
  ended++
}

proctype finder() {
  byte q, l, v, n, c, i, h, tries, times;
  bool was, found;
  if :: q = 2 :: q = 4 :: q = 5 :: q = 7 fi;
call:
  was = done[q] || seen[q];
  tries = 0;
again:
  if :: tries == 1 -> goto slow :: else -> tries++; l = 0 fi;
leaf:
  v = version[l];
  if :: v % 2 == 1 -> goto again :: else fi;
  n = count[l]; c = 0;
  do :: c < n -> h = handle[l * SLOTS + c]; if :: h < q -> c++ :: else -> break fi :: else -> break od;
  if
  :: c < n ->
    if :: version[l] != v -> goto again :: else fi;
    found = (h == q);
    goto out
  :: else ->
    i = next;
    if
    :: version[l] != v -> goto again
    :: version[l] == v && l == 0 && i == 1 && low1 <= q -> l = 1; goto leaf
    :: else -> found = false; goto out
    fi
  fi;
slow:
  l = 0;
  if :: next == 1 && low1 <= q -> l = 1 :: else fi;
upwards:
  i = 0;
  do
  :: i < SLOTS ->
    h = handle[l * SLOTS + i];
    if :: h == 0 -> break :: h >= q -> found = (h == q); goto out :: else fi;
    i++
  :: else -> break
  od;
  if :: l == 0 && next == 1 -> l = 1; goto upwards :: else -> found = false fi;
out:
  assert(!was || found);
  assert(!found || begun[q]);
  if :: found -> seen[q] = true :: else fi;
  if :: times == 0 -> times = 1; goto call :: else fi
}

/* When both writers are done. */
proctype judge() {
  byte i;
  ended == 2;
  d_step {
    assert(refused == 1 && taken[4] == 1 && taken[5] == 1 && taken[7] == 1 && taken[8] == 1);
    assert(next == 1 && count[0] + count[1] == 6);
    i = 1;
    do :: i < count[0] -> assert(handle[i - 1] < handle[i]); i++ :: else -> break od;
    assert(handle[count[0] - 1] < low1 && handle[4] == low1);
    i = 1;
    do :: i < count[1] -> assert(handle[4 + i - 1] < handle[4 + i]); i++ :: else -> break od
  }
}

init {
  d_step {
    handle[0] = 2; handle[1] = 6; count[0] = 2;
    begun[2] = true; begun[6] = true; done[2] = true; done[6] = true
  }
  atomic {
    run writer(true);
    run writer(false);
#ifdef FIND
    run finder();
#else
    run judge()
#endif
  }
}
