// Indexes that own themselves, for every key type: what makes their models, and what opens and saves them.
#include "learnedidx/base/compiled.hpp"
#include "learnedidx/lookup/direct_index.hpp"
#include "learnedidx/text/build.hpp"
#include "learnedidx/text/index.hpp"
#include "learnedidx/training/extend_pgm.hpp"
#include "learnedidx/training/extend_spline.hpp"
#include "learnedidx/training/order_check.hpp"

#undef LIDX_COMPILE
#define LIDX_COMPILE LIDX_DEFINE

#include "learnedidx/index.hpp"
