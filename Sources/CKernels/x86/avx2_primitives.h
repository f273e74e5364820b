// x86-64 with AVX2, FMA and F16C: 8 outputs per vector. Included by avx2.c and avxvnni.c, which differ only in how they
// add products of bytes.
#include <immintrin.h>

#define VLOAD16(p) avx2_load16(p)
#define VSTORE16(p, v) avx2_store16(p, v)
typedef float F_AVX2 __attribute__((vector_size(64)));
static inline __attribute__((always_inline)) F_AVX2 avx2_load16(const uint16_t *p) {
    union {
        __m256 h[2];
        F_AVX2 v;
    } u;
    u.h[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
    u.h[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 8)));
    return u.v;
}
static inline __attribute__((always_inline)) void avx2_store16(uint16_t *p, F_AVX2 v) {
    union {
        __m256 h[2];
        F_AVX2 v;
    } u = {.v = v};
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(u.h[0], _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((__m128i *)(p + 8), _mm256_cvtps_ph(u.h[1], _MM_FROUND_TO_NEAREST_INT));
}
#define BK_ATTENTION_QUERIES 7
#define BK_ATTENTION_SUMS 7
#include "../vector_ops.h"

#define LANES 8
#define TILE_ROWS 4
typedef __m256 VF;
typedef __m256i VI, VB, PS, SC, WP;

INLINE VF f_zero(void) { return _mm256_setzero_ps(); }
INLINE VF f_splat(float x) { return _mm256_set1_ps(x); }
INLINE VF f_fma(VF a, VF b, VF c) { return _mm256_fmadd_ps(a, b, c); }
INLINE VF f_mul(VF a, VF b) { return _mm256_mul_ps(a, b); }
INLINE VF f_neg(VF a) { return _mm256_xor_ps(a, _mm256_set1_ps(-0.0f)); }
INLINE VF f_from_i(VI a) { return _mm256_cvtepi32_ps(a); }
INLINE VF f_from_f16(const uint8_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
INLINE VI i_add(VI a, VI b) { return _mm256_add_epi32(a, b); }
INLINE VI i_sub(VI a, VI b) { return _mm256_sub_epi32(a, b); }
INLINE VI i_splat(int32_t x) { return _mm256_set1_epi32(x); }
INLINE VI i_shift(VI a, int n) { return _mm256_slli_epi32(a, n); }
INLINE VI i_shift_by(VI a, const int32_t *n) { return _mm256_sllv_epi32(a, _mm256_set1_epi32(*n)); }
INLINE VB b_load(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE VB b_low4(VB v) { return _mm256_and_si256(v, _mm256_set1_epi8(15)); }
INLINE VB b_high4(VB v) { return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15)); }
INLINE VB b_or(VB a, VB b) { return _mm256_or_si256(a, b); }
INLINE VB b_bit(VB v, int g) {
    return _mm256_and_si256(g < 4 ? _mm256_slli_epi16(v, 4 - g) : _mm256_srli_epi16(v, g - 4), _mm256_set1_epi8(16));
}
INLINE VB b_two(VB v, int c) {
    return _mm256_and_si256(c < 2 ? _mm256_slli_epi16(v, 4 - 2 * c) : _mm256_srli_epi16(v, 2 * c - 4),
                            _mm256_set1_epi8(48));
}
INLINE __m256i four(const int8_t *a) {
    int32_t x;
    memcpy(&x, a, 4);
    return _mm256_set1_epi32(x);
}
INLINE __m256i two(const int16_t *a) {
    int32_t x;
    memcpy(&x, a, 4);
    return _mm256_set1_epi32(x);
}
INLINE __m128i bytes_interleaved(const uint8_t *a, const uint8_t *b) {
    return _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)a), _mm_loadl_epi64((const __m128i *)b));
}
INLINE WP wp_i8(const uint8_t *s0, const uint8_t *s1) { return _mm256_cvtepi8_epi16(bytes_interleaved(s0, s1)); }
INLINE WP wp_u8(const uint8_t *s0, const uint8_t *s1) { return _mm256_cvtepu8_epi16(bytes_interleaved(s0, s1)); }
INLINE VI wp_add(VI v, WP w, const int16_t *a) { return _mm256_add_epi32(v, _mm256_madd_epi16(w, two(a))); }
INLINE void f_store_row(VF v, const bk_product *p, int32_t row, int32_t output, int32_t n) {
    if (output >= n) return;
    float *out = p->out + (size_t)row * p->stride + output;
    if (n - output >= LANES) {
        if (p->bias) v = _mm256_add_ps(v, _mm256_loadu_ps(p->bias + output));
        if (p->add) v = _mm256_add_ps(_mm256_loadu_ps(out), v);
        _mm256_storeu_ps(out, v);
        return;
    }
    float lanes[LANES];
    _mm256_storeu_ps(lanes, v);
    for (int32_t i = 0; i < n - output; i++) {
        float x = lanes[i];
        if (p->bias) x = x + p->bias[output + i];
        out[i] = p->add ? out[i] + x : x;
    }
}
