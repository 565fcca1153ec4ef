// The training of models, for every key type.
#include "learnedidx/base/compiled.hpp"

#undef LIDX_COMPILE
#define LIDX_COMPILE LIDX_DEFINE

#include "learnedidx/training/extend_pgm.hpp"
#include "learnedidx/training/extend_spline.hpp"
#include "learnedidx/training/order_check.hpp"
