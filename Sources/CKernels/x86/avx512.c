// x86-64 with AVX-512 F/BW/DQ/VL and VNNI: a vector is the 16 outputs of a panel; vpdpbusd adds 4 products to each.
#include "../layout.h"
#if defined(__x86_64__)
#include <immintrin.h>
#ifndef AVX512_TARGET  // the tests compile this file with an emulation of AVX-512
#define AVX512_TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"
#endif
#pragma clang attribute push(__attribute__((target(AVX512_TARGET))), apply_to = function)

#define VLOAD16(p) ((F)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p))))
#define VSTORE16(p, v) \
    _mm256_storeu_si256((__m256i *)(p), _mm512_cvtps_ph((__m512)(v), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
#define BK_ATTENTION_QUERIES 12
#define BK_ATTENTION_SUMS 24
#include "../vector_ops.h"

#define LANES 16
#define TILE_ROWS 8
#define SIGNED_OFFSET 128  // vpdpbusd takes unsigned weights: w + 128
#define PS_ADDS(bits, rows) ((rows) >= 4 ? 8 : 4)  // any number fits, but few rows need more chains
typedef __m512 VF;
typedef __m512i VI, VB, PS, SC, WP;

INLINE VF f_zero(void) { return _mm512_setzero_ps(); }
INLINE VF f_splat(float x) { return _mm512_set1_ps(x); }
INLINE VF f_fma(VF a, VF b, VF c) { return _mm512_fmadd_ps(a, b, c); }
INLINE VF f_mul(VF a, VF b) { return _mm512_mul_ps(a, b); }
INLINE VF f_neg(VF a) { return _mm512_xor_ps(a, _mm512_set1_ps(-0.0f)); }
INLINE VF f_from_i(VI a) { return _mm512_cvtepi32_ps(a); }
INLINE VF f_from_f16(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE VI i_add(VI a, VI b) { return _mm512_add_epi32(a, b); }
INLINE VI i_sub(VI a, VI b) { return _mm512_sub_epi32(a, b); }
INLINE VI i_splat(int32_t x) { return _mm512_set1_epi32(x); }
INLINE VI i_shift(VI a, int n) { return _mm512_slli_epi32(a, (unsigned)n); }
INLINE VI i_shift_by(VI a, const int32_t *n) { return _mm512_sllv_epi32(a, _mm512_set1_epi32(*n)); }
INLINE VB b_load(const uint8_t *p) { return _mm512_loadu_si512(p); }
INLINE VB b_low4(VB v) { return _mm512_and_si512(v, _mm512_set1_epi8(15)); }
INLINE VB b_high4(VB v) { return _mm512_and_si512(_mm512_srli_epi16(v, 4), _mm512_set1_epi8(15)); }
INLINE VB b_or(VB a, VB b) { return _mm512_or_si512(a, b); }
INLINE VB b_bit(VB v, int g) {
    return _mm512_and_si512(g < 4 ? _mm512_slli_epi16(v, (unsigned)(4 - g)) : _mm512_srli_epi16(v, (unsigned)(g - 4)),
                            _mm512_set1_epi8(16));
}
INLINE VB b_two(VB v, int c) {
    return _mm512_and_si512(c < 2 ? _mm512_slli_epi16(v, (unsigned)(4 - 2 * c))
                                  : _mm512_srli_epi16(v, (unsigned)(2 * c - 4)),
                            _mm512_set1_epi8(48));
}
INLINE __m512i four(const void *a) {
    int32_t x;
    memcpy(&x, a, 4);
    return _mm512_set1_epi32(x);
}
INLINE PS ps_first(VB w, const int8_t *a) { return _mm512_dpbusd_epi32(_mm512_setzero_si512(), w, four(a)); }
INLINE PS ps_add(PS s, VB w, const int8_t *a) { return _mm512_dpbusd_epi32(s, w, four(a)); }
INLINE PS ps_first_signed(VB w, const int8_t *a) {
    return ps_first(_mm512_xor_si512(w, _mm512_set1_epi8((char)0x80)), a);
}
INLINE PS ps_add_signed(PS s, VB w, const int8_t *a) {
    return ps_add(s, _mm512_xor_si512(w, _mm512_set1_epi8((char)0x80)), a);
}
INLINE VI ps_sum(PS s) { return s; }
INLINE VI ps_scale(PS s, SC sc) { return _mm512_mullo_epi32(s, sc); }
INLINE SC sc_load_i8(const uint8_t *p) { return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)); }
INLINE SC sc_load_u8(const uint8_t *p) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)); }
INLINE __m256i bytes_interleaved(const uint8_t *s0, const uint8_t *s1) {
    __m128i a = _mm_loadu_si128((const __m128i *)s0), b = _mm_loadu_si128((const __m128i *)s1);
    return _mm256_set_m128i(_mm_unpackhi_epi8(a, b), _mm_unpacklo_epi8(a, b));
}
INLINE WP wp_i8(const uint8_t *s0, const uint8_t *s1) { return _mm512_cvtepi8_epi16(bytes_interleaved(s0, s1)); }
INLINE WP wp_u8(const uint8_t *s0, const uint8_t *s1) { return _mm512_cvtepu8_epi16(bytes_interleaved(s0, s1)); }
INLINE VI wp_add(VI v, WP w, const int16_t *a) { return _mm512_dpwssd_epi32(v, w, four(a)); }
INLINE void f_store_row(VF v, const bk_product *p, int32_t row, int32_t output, int32_t n) {
    finish_row((F)v, p, row, output, n);
}

static uint64_t op_probe_int8(int64_t rounds, uint64_t *multiply_adds) {
    enum { CHAINS = 16 };
    __m512i acc[CHAINS], w = _mm512_set1_epi8(3), a = _mm512_set1_epi8(5);
    for (int j = 0; j < CHAINS; j++) acc[j] = _mm512_setzero_si512();
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+m"(w), "+m"(a));  // keeps the products inside the loop
        for (int j = 0; j < CHAINS; j++) acc[j] = _mm512_dpbusd_epi32(acc[j], w, a);
    }
    for (int j = 1; j < CHAINS; j++) acc[0] = _mm512_add_epi32(acc[0], acc[j]);
    *multiply_adds = (uint64_t)rounds * CHAINS * 64;
    return (uint64_t)_mm512_reduce_add_epi32(acc[0]);
}

#include "../matmul_tile.h"
BK_OPS(bk_ops_avx512, "avx512")
#pragma clang attribute pop
#endif
