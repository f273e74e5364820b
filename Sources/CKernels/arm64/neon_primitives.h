// arm64: 4 outputs per vector. Included by neon.c, dotprod.c and i8mm.c, which differ in how they add products.
#include <arm_neon.h>

typedef float F_NEON __attribute__((vector_size(64)));
static inline __attribute__((always_inline)) F_NEON neon_load16(const uint16_t *p) {
    union {
        float32x4_t h[4];
        F_NEON v;
    } u;
    for (int i = 0; i < 4; i++) u.h[i] = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p + 4 * i)));
    return u.v;
}
static inline __attribute__((always_inline)) void neon_store16(uint16_t *p, F_NEON v) {
    union {
        float32x4_t h[4];
        F_NEON v;
    } u = {.v = v};
    for (int i = 0; i < 4; i++) vst1_u16(p + 4 * i, vreinterpret_u16_f16(vcvt_f16_f32(u.h[i])));
}
#define VLOAD16(p) neon_load16(p)
#define VSTORE16(p, v) neon_store16(p, v)
#define BK_ATTENTION_QUERIES 7
#define BK_ATTENTION_SUMS 7
#include "../vector_ops.h"

#define LANES 4
#define TILE_ROWS 4
#define SIGNED_OFFSET 0
#define PS_ADDS(bits, rows) 4  // any number fits in 32 bits
typedef float32x4_t VF;
typedef int32x4_t VI, PS, SC;
typedef struct {
    int16x4_t first, second;
} WP;
typedef int8x16_t VB;  // quants are at most 63, or signed already

INLINE VF f_zero(void) { return vdupq_n_f32(0); }
INLINE VF f_splat(float x) { return vdupq_n_f32(x); }
INLINE VF f_fma(VF a, VF b, VF c) { return vfmaq_f32(c, a, b); }
INLINE VF f_mul(VF a, VF b) { return vmulq_f32(a, b); }
INLINE VF f_neg(VF a) { return vnegq_f32(a); }
INLINE VF f_from_i(VI a) { return vcvtq_f32_s32(a); }
INLINE VF f_from_f16(const uint8_t *p) {
    uint16x4_t h;
    memcpy(&h, p, 8);
    return vcvt_f32_f16(vreinterpret_f16_u16(h));
}
INLINE uint8x8_t bytes4(const uint8_t *p) {
    uint32_t x;
    memcpy(&x, p, 4);
    return vreinterpret_u8_u32(vdup_n_u32(x));
}
INLINE int16x4_t wide_i8(const uint8_t *p) { return vget_low_s16(vmovl_s8(vreinterpret_s8_u8(bytes4(p)))); }
INLINE int16x4_t wide_u8(const uint8_t *p) { return vreinterpret_s16_u16(vget_low_u16(vmovl_u8(bytes4(p)))); }
INLINE VI i_add(VI a, VI b) { return vaddq_s32(a, b); }
INLINE VI i_sub(VI a, VI b) { return vsubq_s32(a, b); }
INLINE VI i_splat(int32_t x) { return vdupq_n_s32(x); }
INLINE VI i_shift(VI a, int n) { return vshlq_s32(a, vdupq_n_s32(n)); }
INLINE VI i_shift_by(VI a, const int32_t *n) { return vshlq_s32(a, vdupq_n_s32(*n)); }
INLINE VB b_load(const uint8_t *p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }
INLINE VB b_low4(VB v) { return vandq_s8(v, vdupq_n_s8(15)); }
INLINE VB b_high4(VB v) { return vreinterpretq_s8_u8(vshrq_n_u8(vreinterpretq_u8_s8(v), 4)); }
INLINE VB b_or(VB a, VB b) { return vorrq_s8(a, b); }
INLINE uint8x16_t b_moved(VB v, int left) { return vshlq_u8(vreinterpretq_u8_s8(v), vdupq_n_s8((int8_t)left)); }
INLINE VB b_bit(VB v, int g) { return vreinterpretq_s8_u8(vandq_u8(b_moved(v, 4 - g), vdupq_n_u8(16))); }
INLINE VB b_two(VB v, int c) { return vreinterpretq_s8_u8(vandq_u8(b_moved(v, 4 - 2 * c), vdupq_n_u8(48))); }
INLINE int8x16_t four(const int8_t *a) {
    int32_t x;
    memcpy(&x, a, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(x));
}
INLINE PS ps_add(PS s, VB w, const int8_t *a);
INLINE PS ps_first(VB w, const int8_t *a) { return ps_add(vdupq_n_s32(0), w, a); }
INLINE PS ps_first_signed(VB w, const int8_t *a) { return ps_first(w, a); }
INLINE PS ps_add_signed(PS s, VB w, const int8_t *a) { return ps_add(s, w, a); }
INLINE VI ps_sum(PS s) { return s; }
INLINE VI ps_scale(PS s, SC sc) { return vmulq_s32(s, sc); }
INLINE SC sc_load_i8(const uint8_t *p) { return vmovl_s16(wide_i8(p)); }
INLINE SC sc_load_u8(const uint8_t *p) { return vmovl_s16(wide_u8(p)); }
INLINE WP wp_i8(const uint8_t *s0, const uint8_t *s1) { return (WP){wide_i8(s0), wide_i8(s1)}; }
INLINE WP wp_u8(const uint8_t *s0, const uint8_t *s1) { return (WP){wide_u8(s0), wide_u8(s1)}; }
INLINE VI wp_add(VI v, WP w, const int16_t *a) { return vmlal_n_s16(vmlal_n_s16(v, w.first, a[0]), w.second, a[1]); }
INLINE void f_store_row(VF v, const bk_product *p, int32_t row, int32_t output, int32_t n) {
    float lanes[4], *out = p->out + (size_t)row * p->stride + output;
    vst1q_f32(lanes, v);
    for (int32_t i = 0; i < LANES && i < n - output; i++) {
        float x = lanes[i];
        if (p->bias) x = x + p->bias[output + i];
        out[i] = p->add ? out[i] + x : x;
    }
}

// Unused in i8mm.c, which measures a faster instruction.
static __attribute__((unused)) uint64_t op_probe_int8(int64_t rounds, uint64_t *multiply_adds) {
    enum { CHAINS = 12 };
    int32x4_t acc[CHAINS];
    int8_t a[4] = {5, 5, 5, 5};
    int8x16_t w = vdupq_n_s8(3);
    for (int j = 0; j < CHAINS; j++) acc[j] = vdupq_n_s32(0);
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+w"(w) : : "memory");  // keeps the products inside the loop
        for (int j = 0; j < CHAINS; j++) acc[j] = ps_add(acc[j], w, a);
    }
    for (int j = 1; j < CHAINS; j++) acc[0] = vaddq_s32(acc[0], acc[j]);
    *multiply_adds = (uint64_t)rounds * CHAINS * 16;
    return (uint64_t)vaddvq_s32(acc[0]);
}
