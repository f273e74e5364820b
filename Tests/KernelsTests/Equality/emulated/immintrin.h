// The AVX-512 intrinsics that avx512.c uses, written in plain C and AVX2, so that its logic can be tested on a machine
// without AVX-512. Only results matter here, not speed.
#ifndef BRIGADE_EMULATED_IMMINTRIN_H
#define BRIGADE_EMULATED_IMMINTRIN_H
#include_next <immintrin.h>
#pragma clang diagnostic ignored "-Wpsabi"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define EMU static inline __attribute__((always_inline, unused))
typedef int8_t emu_i8 __attribute__((vector_size(64)));
typedef uint8_t emu_u8 __attribute__((vector_size(64)));
typedef int16_t emu_i16 __attribute__((vector_size(64)));
typedef uint16_t emu_u16 __attribute__((vector_size(64)));
typedef int32_t emu_i32 __attribute__((vector_size(64)));

EMU __m512 emu_setzero_ps(void) { return (__m512){0}; }
EMU __m512i emu_setzero(void) { return (__m512i){0}; }
EMU __m512 emu_set1_ps(float x) {
    __m512 r;
    for (int i = 0; i < 16; i++) r[i] = x;
    return r;
}
EMU __m512i emu_set1_epi32(int32_t x) { return (__m512i)((emu_i32){0} + x); }
EMU __m512i emu_set1_epi8(int x) { return (__m512i)((emu_i8){0} + (int8_t)x); }
EMU __m512 emu_fmadd(__m512 a, __m512 b, __m512 c) {
    __m512 r;
    for (int i = 0; i < 16; i++) r[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return r;
}
EMU __m512 emu_mul(__m512 a, __m512 b) { return a * b; }
EMU __m512 emu_xor_ps(__m512 a, __m512 b) { return (__m512)((__m512i)a ^ (__m512i)b); }
EMU __m512 emu_cvtepi32_ps(__m512i a) { return __builtin_convertvector((emu_i32)a, __m512); }
EMU __m512 emu_cvtph_ps(__m256i h) {
    union {
        __m128i h[2];
        __m256i v;
    } u = {.v = h};
    union {
        __m256 f[2];
        __m512 v;
    } r;
    for (int i = 0; i < 2; i++) r.f[i] = _mm256_cvtph_ps(u.h[i]);
    return r.v;
}
EMU __m256i emu_cvtps_ph(__m512 a) {
    union {
        __m256 f[2];
        __m512 v;
    } u = {.v = a};
    union {
        __m128i h[2];
        __m256i v;
    } r;
    for (int i = 0; i < 2; i++) r.h[i] = _mm256_cvtps_ph(u.f[i], _MM_FROUND_TO_NEAREST_INT);
    return r.v;
}
EMU __m512i emu_cvtepu8_epi32(__m128i a) {
    union {
        __m128i v;
        uint8_t b[16];
    } u = {a};
    emu_i32 r;
    for (int i = 0; i < 16; i++) r[i] = u.b[i];
    return (__m512i)r;
}
EMU __m512i emu_cvtepi8_epi32(__m128i a) {
    union {
        __m128i v;
        int8_t b[16];
    } u = {a};
    emu_i32 r;
    for (int i = 0; i < 16; i++) r[i] = u.b[i];
    return (__m512i)r;
}
EMU __m512i emu_cvtepi8_epi16(__m256i a) {
    union {
        __m256i v;
        int8_t b[32];
    } u = {a};
    emu_i16 r;
    for (int i = 0; i < 32; i++) r[i] = u.b[i];
    return (__m512i)r;
}
EMU __m512i emu_cvtepu8_epi16(__m256i a) {
    union {
        __m256i v;
        uint8_t b[32];
    } u = {a};
    emu_i16 r;
    for (int i = 0; i < 32; i++) r[i] = u.b[i];
    return (__m512i)r;
}
EMU __m512i emu_add(__m512i a, __m512i b) { return (__m512i)((emu_i32)a + (emu_i32)b); }
EMU __m512i emu_sub(__m512i a, __m512i b) { return (__m512i)((emu_i32)a - (emu_i32)b); }
EMU __m512i emu_mullo(__m512i a, __m512i b) { return (__m512i)((emu_i32)a * (emu_i32)b); }
EMU __m512i emu_slli32(__m512i a, unsigned n) { return (__m512i)((emu_i32)a << (int32_t)n); }
EMU __m512i emu_slli16(__m512i a, unsigned n) { return (__m512i)((emu_u16)a << (uint16_t)n); }
EMU __m512i emu_srli16(__m512i a, unsigned n) { return (__m512i)((emu_u16)a >> (uint16_t)n); }
EMU __m512i emu_and(__m512i a, __m512i b) { return a & b; }
EMU __m512i emu_or(__m512i a, __m512i b) { return a | b; }
EMU __m512i emu_xor(__m512i a, __m512i b) { return a ^ b; }
EMU __m512i emu_loadu(const void *p) {
    __m512i r;
    __builtin_memcpy(&r, p, 64);
    return r;
}
// Not inlined, because the kernels unroll hundreds of these.
#define EMU_CALL static __attribute__((noinline, unused))
EMU_CALL __m512i emu_sllv(__m512i a, __m512i n) { return (__m512i)((emu_i32)a << (emu_i32)n); }
EMU_CALL __m512i emu_dpwssd(__m512i s, __m512i a, __m512i b) {
    emu_i32 r = (emu_i32)s;
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 2; j++) r[i] += ((emu_i16)a)[2 * i + j] * ((emu_i16)b)[2 * i + j];
    return (__m512i)r;
}
EMU_CALL __m512i emu_dpbusd(__m512i s, __m512i a, __m512i b) {
    emu_i32 r = (emu_i32)s;
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 4; j++) r[i] += (int32_t)((emu_u8)a)[4 * i + j] * ((emu_i8)b)[4 * i + j];
    return (__m512i)r;
}
EMU int emu_reduce(__m512i a) {
    int s = 0;
    for (int i = 0; i < 16; i++) s += ((emu_i32)a)[i];
    return s;
}

#pragma clang attribute pop

#undef _mm512_cvtps_ph
#undef _mm512_slli_epi32
#undef _mm512_slli_epi16
#undef _mm512_srli_epi16
#define _mm512_setzero_ps emu_setzero_ps
#define _mm512_setzero_si512 emu_setzero
#define _mm512_set1_ps emu_set1_ps
#define _mm512_set1_epi32 emu_set1_epi32
#define _mm512_set1_epi8 emu_set1_epi8
#define _mm512_fmadd_ps emu_fmadd
#define _mm512_mul_ps emu_mul
#define _mm512_xor_ps emu_xor_ps
#define _mm512_cvtepi32_ps emu_cvtepi32_ps
#define _mm512_cvtph_ps emu_cvtph_ps
#define _mm512_cvtps_ph(a, mode) emu_cvtps_ph(a)
#define _mm512_cvtepu8_epi32 emu_cvtepu8_epi32
#define _mm512_cvtepi8_epi32 emu_cvtepi8_epi32
#define _mm512_cvtepi8_epi16 emu_cvtepi8_epi16
#define _mm512_cvtepu8_epi16 emu_cvtepu8_epi16
#define _mm512_add_epi32 emu_add
#define _mm512_sub_epi32 emu_sub
#define _mm512_mullo_epi32 emu_mullo
#define _mm512_slli_epi32 emu_slli32
#define _mm512_slli_epi16 emu_slli16
#define _mm512_srli_epi16 emu_srli16
#define _mm512_and_si512 emu_and
#define _mm512_or_si512 emu_or
#define _mm512_xor_si512 emu_xor
#define _mm512_loadu_si512 emu_loadu
#define _mm512_dpbusd_epi32 emu_dpbusd
#define _mm512_dpwssd_epi32 emu_dpwssd
#define _mm512_sllv_epi32 emu_sllv
#define _mm512_reduce_add_epi32 emu_reduce
#endif
