// Everything but the quantized matrix product, written once with 16-lane vectors and compiled once per instruction set,
// which the including file chooses. Each lane is IEEE 754 single precision with explicit FMAs and no contraction. So it
// makes no difference whether the compiler uses one register for a vector or sixteen scalars.
// The including file defines:
//   VLOAD16(p)            16 f16 -> F
//   VSTORE16(p, v)        F -> 16 f16
//   BK_ATTENTION_SUMS     how many sums of type F the registers hold (7 or 24)
//   BK_ATTENTION_QUERIES  how many queries are computed together over a block
#include <math.h>

#if defined(__clang__)  // no ABI matters: functions that take vectors are always inlined
#pragma clang diagnostic ignored "-Wpsabi"
#endif

#if defined(__clang__)
#define ROLLED _Pragma("clang loop unroll(disable)")
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define ROLLED
#define UNROLLED _Pragma("GCC unroll 16")
#endif

#pragma STDC FP_CONTRACT OFF

typedef float F __attribute__((vector_size(64)));
typedef int32_t I __attribute__((vector_size(64)));
typedef F FU __attribute__((aligned(4)));  // the same vector at any float's address

#define INLINE static inline __attribute__((always_inline, unused))

INLINE F v_splat(float x) { return (F){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
INLINE F v_load(const float *p) { return *(const FU *)p; }
INLINE void v_store(float *p, F v) { *(FU *)p = v; }
#if defined(__clang__)
INLINE F v_fma(F a, F b, F c) { return __builtin_elementwise_fma(a, b, c); }
#else
INLINE F v_fma(F a, F b, F c) {
    F r;
    for (int i = 0; i < 16; i++) r[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return r;
}
#endif
INLINE F v_select(I mask, F a, F b) { return (F)((mask & (I)a) | (~mask & (I)b)); }
INLINE F v_max(F a, F b) { return v_select(a > b, a, b); }

// Halves of a vector, for sums along it.
typedef float F8 __attribute__((vector_size(32)));
typedef float F4 __attribute__((vector_size(16)));
INLINE F8 v_low8(F v) { return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7); }
INLINE F8 v_high8(F v) { return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15); }
INLINE F4 v_low4(F8 v) { return __builtin_shufflevector(v, v, 0, 1, 2, 3); }
INLINE F4 v_high4(F8 v) { return __builtin_shufflevector(v, v, 4, 5, 6, 7); }

// The fixed tree of every sum: lanes i and i+8, then i and i+4, then i+2, then i+1.
INLINE float v_sum(F v) {
    F8 e = v_low8(v) + v_high8(v);
    F4 f = v_low4(e) + v_high4(e);
    return (f[0] + f[2]) + (f[1] + f[3]);
}
INLINE float v_greatest(F v) {  // the same tree
    v = v_max(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    v = v_max(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    v = v_max(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    v = v_max(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    return v[0];
}

// e^x with x = n ln 2 + r, |r| <= ln 2 / 2: the Taylor polynomial of degree 7 for e^r (relative error below 1e-8),
// times 2^n by adding n to the exponent. Below -87.3 the result is 0, above 88.3 it is e^88.3.
INLINE F v_exp(F x) {
    I tiny = x < v_splat(-87.3f);
    x = v_select(x > v_splat(88.3f), v_splat(88.3f), x);
    x = v_select(tiny, v_splat(-87.3f), x);
    F magic = v_splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer, ties to even
    F n = v_fma(x, v_splat(1.44269504f), magic);
    I e = (I)n - (I)magic;
    n = n - magic;
    F r = v_fma(n, v_splat(-0.693359375f), x);
    r = v_fma(n, v_splat(2.12194440e-4f), r);
    F p = v_splat(1.9841270e-4f);
    p = v_fma(p, r, v_splat(1.3888889e-3f));
    p = v_fma(p, r, v_splat(8.3333333e-3f));
    p = v_fma(p, r, v_splat(4.1666667e-2f));
    p = v_fma(p, r, v_splat(1.6666667e-1f));
    p = v_fma(p, r, v_splat(0.5f));
    p = v_fma(p, r, v_splat(1.0f));
    p = v_fma(p, r, v_splat(1.0f));
    F y = (F)((I)p + (e << 23));
    return v_select(tiny, v_splat(0.0f), y);
}

// Loads and stores the last vector of a row, which may have fewer than 16 values; `fill` takes the place of the others.
INLINE F v_load_tail(const float *p, int32_t count, float fill) {
    if (count >= 16) return v_load(p);
    F v = v_splat(fill);
    for (int i = 0; i < count; i++) v[i] = p[i];
    return v;
}
INLINE void v_store_tail(float *p, F v, int32_t count) {
    if (count >= 16) {
        v_store(p, v);
        return;
    }
    for (int i = 0; i < count; i++) p[i] = v[i];
}

// out = x / sqrt(mean(x^2) + eps) * w; out may be x.
static void op_rmsnorm(const float *x, const float *w, float eps, float *out, int32_t n) {
    F s = v_splat(0.0f);
    for (int32_t i = 0; i < n; i += 16) {
        F v = v_load_tail(x + i, n - i, 0.0f);
        s = v_fma(v, v, s);
    }
    F scale = v_splat(1.0f / sqrtf(v_sum(s) / (float)n + eps));
    for (int32_t i = 0; i < n; i += 16)
        v_store_tail(out + i, v_load_tail(x + i, n - i, 0.0f) * scale * v_load_tail(w + i, n - i, 0.0f), n - i);
}

#include "quantize_activations.h"

// out = gate / (1 + e^-gate) * up
static void op_silu(const float *gate, const float *up, float *out, int32_t n) {
    for (int32_t i = 0; i < n; i += 16) {
        F g = v_load_tail(gate + i, n - i, 0.0f);
        F s = g / (v_splat(1.0f) + v_exp(-g));
        v_store_tail(out + i, s * v_load_tail(up + i, n - i, 0.0f), n - i);
    }
}

// Rotates the neighbours 2i and 2i+1, as op_rope does with halves. Half a head must be a multiple of 16.
INLINE void rope_pairs(float *x, const float *cosines, const float *sines, int32_t half) {
    for (int32_t i = 0; i < half; i += 16) {
        F u = v_load(x + 2 * i), v = v_load(x + 2 * i + 16), c = v_load(cosines + i), s = v_load(sines + i);
        F a = __builtin_shufflevector(u, v, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        F b = __builtin_shufflevector(u, v, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
        F p = v_fma(a, c, -(b * s)), q = v_fma(b, c, a * s);
        v_store(x + 2 * i, __builtin_shufflevector(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
        v_store(x + 2 * i + 16,
                __builtin_shufflevector(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
    }
}

// Rotates (a, b) to (a c - b s, b c + a s). a and b are the two halves of each head, or neighbours with `pairs`.
static void op_rope(float *x, const float *cosines, const float *sines, int32_t heads, int32_t head_dim, bool pairs) {
    int32_t half = head_dim / 2;
    for (int32_t h = 0; h < heads; h++, x += head_dim) {
        if (pairs) {
            rope_pairs(x, cosines, sines, half);
            continue;
        }
        for (int32_t i = 0; i < half; i += 16) {
            int32_t n = half - i;
            F a = v_load_tail(x + i, n, 0), b = v_load_tail(x + half + i, n, 0);
            F c = v_load_tail(cosines + i, n, 0), s = v_load_tail(sines + i, n, 0);
            v_store_tail(x + i, v_fma(a, c, -(b * s)), n);
            v_store_tail(x + half + i, v_fma(b, c, a * s), n);
        }
    }
}

INLINE F v_from_bytes(const int8_t *p) {
    B16 bytes;
    memcpy(&bytes, p, 16);
    return __builtin_convertvector(__builtin_convertvector(bytes, I), F);
}
#define VLOAD8S(p) v_from_bytes(p)

// Rounds 32 values to bytes times one f16 scale, which is returned.
INLINE uint16_t quantize_kv32(const float *x, int8_t *q) {
    uint16_t d = bk_f32_to_f16(block_greatest(x) / 127.0f);
    float scale = bk_f16_to_f32(d), inverse = scale > 0 ? 1.0f / scale : 0.0f;
    F limit = v_splat(127.0f), magic = v_splat(12582912.0f);
    for (int i = 0; i < 32; i += 16) {
        F v = v_load(x + i) * v_splat(inverse);
        v = v_max(v_select(v > limit, limit, v), -limit);  // can be beyond 127, as the scale was rounded
        B16 bytes = __builtin_convertvector((I)(v + magic) - (I)magic, B16);
        memcpy(q + i, &bytes, 16);
    }
    return d;
}

// Writes the key and value of one position and one KV head to its block.
static void op_store_kv(const bk_kv *kv, uint8_t *head, int32_t position, const float *k, const float *v) {
    int32_t dim = kv->head_dim;
    uint8_t *values = head + bk_kv_block_bytes(kv) / (size_t)kv->kv_heads / 2;
    if (kv->type == BK_KV_F16) {
        uint16_t *keys = (uint16_t *)head + position, part[16];
        for (int32_t d = 0; d < dim; d += 16) {
            VSTORE16(part, v_load(k + d));
            for (int32_t i = 0; i < 16; i++) keys[(size_t)(d + i) * BK_KV_TOKENS] = part[i];
            VSTORE16((uint16_t *)values + (size_t)position * dim + d, v_load(v + d));
        }
        return;
    }
    uint16_t *key_scales = (uint16_t *)(head + (size_t)dim * BK_KV_TOKENS) + position;
    uint16_t *value_scales = (uint16_t *)(values + (size_t)dim * BK_KV_TOKENS) + (size_t)position * (dim / 32);
    for (int32_t d = 0; d < dim; d += 32) {
        int8_t q[32];
        key_scales[(size_t)(d / 32) * BK_KV_TOKENS] = quantize_kv32(k + d, q);
        for (int32_t i = 0; i < 32; i++) head[(size_t)(d + i) * BK_KV_TOKENS + position] = (uint8_t)q[i];
        value_scales[d / 32] = quantize_kv32(v + d, (int8_t *)values + (size_t)position * dim + d);
    }
}

static float op_maximum(const float *x, int32_t n) {
    F m = v_splat(-INFINITY);
    for (int32_t i = 0; i < n; i += 16) m = v_max(v_load_tail(x + i, n - i, -INFINITY), m);
    return v_greatest(m);
}

static double op_sum_exp(const float *x, int32_t n, float maximum) {
    F s = v_splat(0.0f), m = v_splat(maximum);
    for (int32_t i = 0; i < n; i += 16) s += v_exp(v_load_tail(x + i, n - i, -INFINITY) - m);
    return (double)v_sum(s);
}

static uint64_t op_probe_read(const void *p, size_t bytes) {
    typedef uint64_t U __attribute__((vector_size(64)));
    const U *v = p;
    U a = v[0], b = a, c = a, d = a;
    for (size_t i = 0; i + 4 <= bytes / 64; i += 4) a ^= v[i], b ^= v[i + 1], c ^= v[i + 2], d ^= v[i + 3];
    a = a ^ b ^ c ^ d;
    return a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] ^ a[5] ^ a[6] ^ a[7];
}

#include "attention.h"
#include "float_matmul.h"
