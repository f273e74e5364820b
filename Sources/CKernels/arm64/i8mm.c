// arm64 with the matrix multiply instruction (Armv8.6 i8mm): smmla multiplies 8 inputs of two rows with those of two
// outputs. Two or more rows are multiplied in pairs; a single row uses the tile of matmul_tile.h with sdot.
#include "../layout.h"
#if defined(__aarch64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("i8mm,dotprod"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+i8mm+dotprod")
#endif
#include "neon_primitives.h"

INLINE PS ps_add(PS s, VB w, const int8_t *a) { return vdotq_s32(s, w, four(a)); }
#include "../matmul_tile.h"
#include "../matmul_pairs.h"

static uint64_t op_probe_pairs(int64_t rounds, uint64_t *multiply_adds) {
    enum { CHAINS = 12 };
    int32x4_t acc[CHAINS];
    int8x16_t w = vdupq_n_s8(3), a = vdupq_n_s8(5);
    for (int j = 0; j < CHAINS; j++) acc[j] = vdupq_n_s32(0);
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+w"(w), "+w"(a));  // keeps the products inside the loop
        UNROLLED for (int j = 0; j < CHAINS; j++)
            acc[j] = vmmlaq_s32(acc[j], a, w);
    }
    for (int j = 1; j < CHAINS; j++) acc[0] = vaddq_s32(acc[0], acc[j]);
    *multiply_adds = (uint64_t)rounds * CHAINS * 32;
    return (uint64_t)vaddvq_s32(acc[0]);
}

const bk_ops bk_ops_i8mm = {"i8mm",     op_matmul_pairs, op_rmsnorm,   op_quantize,       op_silu,
                            op_rope,    op_store_kv,     op_attention, op_attention_join, op_maximum,
                            op_sum_exp, op_probe_pairs,  op_probe_read};
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
