// x86-64 with AVX2: vpmaddubsw multiplies unsigned weight bytes with signed activations and adds pairs in 16 bits. With
// 4-bit weights 8 of these can be added before they must be widened: 8 * 2 * 15 * 127 = 30480 < 32768.
#include "../layout.h"
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpsabi"
#endif
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "avx2_primitives.h"

#define SIGNED_OFFSET 0
#define PS_ADDS(bits, rows) ((bits) == 4 ? 8 : (bits) == 5 ? 4 : (bits) == 6 ? 2 : 1)

INLINE PS ps_first(VB w, const int8_t *a) { return _mm256_maddubs_epi16(w, four(a)); }
INLINE PS ps_add(PS s, VB w, const int8_t *a) { return _mm256_add_epi16(s, _mm256_maddubs_epi16(w, four(a))); }
INLINE PS ps_first_signed(VB w, const int8_t *a) {
    return _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(four(a), w));
}
INLINE PS ps_add_signed(PS s, VB w, const int8_t *a) { return _mm256_add_epi16(s, ps_first_signed(w, a)); }
INLINE VI ps_sum(PS s) { return _mm256_madd_epi16(s, _mm256_set1_epi16(1)); }
INLINE VI ps_scale(PS s, SC sc) { return _mm256_madd_epi16(s, sc); }
// Both 16-bit sums of an output have the same scale, so each byte is doubled, then widened.
INLINE SC sc_load_i8(const uint8_t *p) {
    __m128i v = _mm_loadl_epi64((const __m128i *)p);
    return _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(v, v));
}
INLINE SC sc_load_u8(const uint8_t *p) {
    __m128i v = _mm_loadl_epi64((const __m128i *)p);
    return _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(v, v));
}

// The shortest exact sequence that adds 32 int8 products into int32: vpmaddubsw, vpmaddwd, vpaddd.
static uint64_t op_probe_int8(int64_t rounds, uint64_t *multiply_adds) {
    enum { CHAINS = 10 };
    __m256i acc[CHAINS], w = _mm256_set1_epi8(3), a = _mm256_set1_epi8(5), one = _mm256_set1_epi16(1);
    for (int j = 0; j < CHAINS; j++) acc[j] = _mm256_setzero_si256();
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+x"(w), "+x"(a));  // keeps the products inside the loop
        for (int j = 0; j < CHAINS; j++) {
            __m256i t;
            __asm__ volatile("vpmaddubsw %1, %2, %0" : "=x"(t) : "x"(a), "x"(w));
            acc[j] = _mm256_add_epi32(acc[j], _mm256_madd_epi16(t, one));
        }
    }
    for (int j = 1; j < CHAINS; j++) acc[0] = _mm256_add_epi32(acc[0], acc[j]);
    *multiply_adds = (uint64_t)rounds * CHAINS * 32;
    return (uint64_t)_mm256_extract_epi64(acc[0], 0);
}

#include "../matmul_tile.h"
BK_OPS(bk_ops_avx2, "avx2")
#pragma clang attribute pop
#endif
