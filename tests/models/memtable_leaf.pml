/* A leaf of a memtable: what its writer does, store by store, against readers that find a key, and one that walks.
 *
 * Leaf 0 begins with keys 2 and 6 in four slots. The writer inserts 4 (it shifts), 8 (it appends), 5 (it divides the leaf,
 * then appends), 3 and 7 (it shifts in both leaves). Every interleaving is looked at. Stores come in the order in
 * which the program has them: that release and acquire keep it is not part of the model.
 *
 * -DSHIFT_UPWARDS, -DCUT_BEFORE_LINK, -DNO_SECOND_LOOK, -DNO_WAY_RIGHT, -DEVEN_WHILE_SHIFTING and -DNO_COMPARISON each
 * put a bug in. */
#define SLOTS 4
#define LAST 255

byte handle[8], code[8];         /* of leaf 0, of leaf 1; a handle is its key, 0 is none */
byte version[2], count[2], next; /* next: 1 when leaf 1 follows leaf 0 */
byte low1;                       /* the low of leaf 1 */
bool begun[9], done[9];

inline shift_handles(l, slot, key) {
#ifdef SHIFT_UPWARDS
  i = slot; old = key;
  do :: i <= count[l] -> moved = handle[l * SLOTS + i]; handle[l * SLOTS + i] = old; old = moved; i++ :: else -> break od
#else
  i = count[l];
  do :: i > slot -> handle[l * SLOTS + i] = handle[l * SLOTS + i - 1]; i-- :: else -> break od;
  handle[l * SLOTS + slot] = key
#endif
}

inline put(l, key) {
  slot = 0;
  do :: slot < count[l] && handle[l * SLOTS + slot] < key -> slot++ :: else -> break od;
  if
  :: slot == count[l] ->
    version[l]++;
    code[l * SLOTS + slot] = key; handle[l * SLOTS + slot] = key; count[l]++;
    version[l]++
  :: else ->
#ifndef EVEN_WHILE_SHIFTING
    version[l]++;
#endif
    shift_handles(l, slot, key);
    i = count[l];
    do :: i > slot -> code[l * SLOTS + i] = code[l * SLOTS + i - 1]; i-- :: else -> break od;
    code[l * SLOTS + slot] = key;
    count[l]++;
#ifndef EVEN_WHILE_SHIFTING
    version[l]++
#endif
  fi
}

inline cut_off() {
  i = SLOTS;
  do :: i > 2 -> i--; handle[i] = 0; code[i] = LAST :: else -> break od;
  count[0] = 2
}

inline divide() {
  d_step { handle[4] = handle[2]; handle[5] = handle[3]; code[4] = code[2]; code[5] = code[3]; count[1] = 2; low1 = handle[4] }
  version[0]++;
#ifdef CUT_BEFORE_LINK
  cut_off();
  next = 1;
#else
  next = 1;
  cut_off();
#endif
  version[0]++
}

inline insert(l, key) { begun[key] = true; put(l, key); done[key] = true }

proctype writer() {
  byte i, slot, old, moved;
  insert(0, 4);
  insert(0, 8);
  begun[5] = true;
  divide();
  put(0, 5);
  done[5] = true;
  insert(0, 3);
  insert(1, 7)
}

proctype finder() {
  byte q, l, v, n, c, i, h, tries;
  bool was, found;
  if :: q = 2 :: q = 3 :: q = 4 :: q = 5 :: q = 6 :: q = 7 :: q = 8 fi;
  was = done[q];
again:
  if :: tries == 2 -> goto slow :: else -> tries++; l = 0 fi;
leaf:
  v = version[l];
  if :: v % 2 == 1 -> goto again :: else fi;
  n = count[l]; c = 0; i = 0;
  do :: i < SLOTS -> if :: code[l * SLOTS + i] < q -> c++ :: else fi; i++ :: else -> break od;
  if
  :: c < n ->
    h = handle[l * SLOTS + c];
#ifndef NO_SECOND_LOOK
    if :: version[l] != v -> goto again :: else fi;
#endif
    found = (h == q);
    goto out
  :: else ->
    i = next;
    if
    :: version[l] != v -> goto again
#ifndef NO_WAY_RIGHT
    :: version[l] == v && l == 0 && i == 1 && low1 <= q -> l = 1; goto leaf
#endif
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
  assert(!found || begun[q])
}

/* Goes from 2 to the end on the slow way, and has to meet 6, in order, and all that was there when it began. */
proctype walker() {
  byte at = 2, l, i, h;
  bool was4, was8, met4, met6, met8, passed;
  was4 = done[4]; was8 = done[8];
step:
  l = 0; passed = false;
leaf:
  i = 0;
  do
  :: i < SLOTS ->
    h = handle[l * SLOTS + i];
    if
    :: h == 0 -> break
    :: h == at -> passed = true
#ifdef NO_COMPARISON
    :: h != 0 && h != at && passed -> goto met
#else
    :: h != 0 && h != at && passed && h > at -> goto met
    :: h != 0 && h != at && passed && h < at -> passed = false /* the entry has moved on */
#endif
    :: else
    fi;
    i++
  :: else -> break
  od;
  if
  :: l == 0 && next == 1 ->
    l = 1;
    goto leaf
  :: else -> goto end
  fi;
met:
  assert(h > at && begun[h]);
  if :: h == 4 -> met4 = true :: h == 6 -> met6 = true :: h == 8 -> met8 = true :: else fi;
  at = h;
  goto step;
end:
  assert(met6 && (met4 || !was4) && (met8 || !was8))
}

init {
  d_step {
    handle[0] = 2; handle[1] = 6; code[0] = 2; code[1] = 6; count[0] = 2;
    code[2] = LAST; code[3] = LAST; code[6] = LAST; code[7] = LAST;
    begun[2] = true; begun[6] = true; done[2] = true; done[6] = true
  }
  run writer();
#ifdef WALK
  run walker()
#else
  run finder()
#endif
}
