// x86-64 with AVX2 and AVX-VNNI, which some processors without AVX-512 have: vpdpbusd adds 4 products per output.
#include "../layout.h"
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpsabi"
#endif
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)
#include "avx2_primitives.h"

#define SIGNED_OFFSET 128  // vpdpbusd takes unsigned weights: w + 128
#define PS_ADDS(bits, rows) ((rows) >= 4 ? 8 : 4)  // any number fits, but few rows need more chains

INLINE PS ps_add(PS s, VB w, const int8_t *a) { return _mm256_dpbusd_avx_epi32(s, w, four(a)); }
INLINE PS ps_first(VB w, const int8_t *a) { return ps_add(_mm256_setzero_si256(), w, a); }
INLINE PS ps_add_signed(PS s, VB w, const int8_t *a) {
    return ps_add(s, _mm256_xor_si256(w, _mm256_set1_epi8((char)0x80)), a);
}
INLINE PS ps_first_signed(VB w, const int8_t *a) { return ps_add_signed(_mm256_setzero_si256(), w, a); }
INLINE VI ps_sum(PS s) { return s; }
INLINE VI ps_scale(PS s, SC sc) { return _mm256_mullo_epi32(s, sc); }
INLINE SC sc_load_i8(const uint8_t *p) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)); }
INLINE SC sc_load_u8(const uint8_t *p) { return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)); }

static uint64_t op_probe_int8(int64_t rounds, uint64_t *multiply_adds) {
    enum { CHAINS = 12 };
    __m256i acc[CHAINS], w = _mm256_set1_epi8(3), a = _mm256_set1_epi8(5);
    for (int j = 0; j < CHAINS; j++) acc[j] = _mm256_setzero_si256();
    for (int64_t i = 0; i < rounds; i++) {
        __asm__ volatile("" : "+x"(w), "+x"(a));  // keeps the products inside the loop
        for (int j = 0; j < CHAINS; j++) acc[j] = _mm256_dpbusd_avx_epi32(acc[j], w, a);
    }
    for (int j = 1; j < CHAINS; j++) acc[0] = _mm256_add_epi32(acc[0], acc[j]);
    *multiply_adds = (uint64_t)rounds * CHAINS * 32;
    return (uint64_t)_mm256_extract_epi64(acc[0], 0);
}

#include "../matmul_tile.h"
BK_OPS(bk_ops_avxvnni, "avxvnni")
#pragma clang attribute pop
#endif
