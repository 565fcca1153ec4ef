#include "learnedidx/kernels/scalar.hpp"
