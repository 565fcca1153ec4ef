// An ordered map of byte strings for one writer and many readers.
#pragma once

#include "learnedidx/memtable/memtable.hpp"
