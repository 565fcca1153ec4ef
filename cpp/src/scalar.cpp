#include "learnedidx/rows/scalar.hpp"
