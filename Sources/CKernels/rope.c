// Rotary positions: frequencies and angles in double precision. They use plain arithmetic and FMAs only, because the
// pow, sin and cos of C libraries may differ in the last bit.
#include <math.h>

#include "layout.h"

#pragma STDC FP_CONTRACT OFF

static double exponential(double x) {
    double n = rint(x * 1.44269504088896340736), r = fma(n, -0.69314718055994530942, x), s = 1;
    r = fma(n, -2.3190468138462996e-17, r);  // the rest of ln 2
    for (int k = 20; k >= 1; k--) s = 1 + s * r / k;
    return ldexp(s, (int)n);
}

void bk_rope_frequencies(double base, int32_t dim, double *out) {
    double l = bk_natural_log(base);
    for (int32_t i = 0; i < dim / 2; i++) out[i] = exponential(-2.0 * i / dim * l);
}

// The index of the pair of dimensions, as a real number, that turns `turns` times in `positions` positions.
static double yarn_pair(double turns, double positions, double base, int32_t dim) {
    return dim * bk_natural_log(positions / (turns * 6.28318530717958647693)) / (2 * bk_natural_log(base));
}

double bk_rope_yarn(const bk_yarn *y, double base, int32_t dim, double *frequencies) {
    double low = floor(yarn_pair(y->beta_fast, y->original, base, dim));
    double high = ceil(yarn_pair(y->beta_slow, y->original, base, dim));
    if (low < 0) low = 0;
    if (high > dim - 1) high = dim - 1;
    double width = high - low < 0.001 ? 0.001 : high - low;
    for (int32_t i = 0; i < dim / 2; i++) {
        double slowed = (i - low) / width;  // the weight of the slowed frequency
        slowed = slowed < 0 ? 0 : slowed > 1 ? 1 : slowed;
        frequencies[i] = fma(frequencies[i] / y->factor, slowed, frequencies[i] * (1 - slowed));
    }
    return 1 + 0.1 * bk_natural_log(y->factor);
}

// sin and cos of x >= 0: subtracts the nearest multiple of pi/2 in two steps, then uses Taylor series for |r| <= pi/4.
static void sine_cosine(double x, double *sine, double *cosine) {
    double n = rint(x * 0.63661977236758134308);
    double r = fma(n, -1.5707963267948965580, x);
    r = fma(n, -6.1232339957367660e-17, r);
    double r2 = r * r, s = 1, c = 1;
    for (int k = 19; k >= 3; k -= 2) s = 1 - s * r2 / (k * (k - 1));
    for (int k = 20; k >= 2; k -= 2) c = 1 - c * r2 / (k * (k - 1));
    s *= r;
    switch ((int64_t)n & 3) {
        case 0: *sine = s, *cosine = c; break;
        case 1: *sine = c, *cosine = -s; break;
        case 2: *sine = -s, *cosine = -c; break;
        default: *sine = -c, *cosine = s; break;
    }
}

typedef struct {
    const int32_t *positions;
    const double *frequencies;
    int32_t half;
    double magnitude;
    float *cosines, *sines;
} bk_angle_job;

static void angle_unit(void *context, int32_t row, int32_t thread) {
    (void)thread;
    const bk_angle_job *j = context;
    for (int32_t i = 0; i < j->half; i++) {
        double s, c;
        sine_cosine((double)j->positions[row] * j->frequencies[i], &s, &c);
        j->cosines[(size_t)row * j->half + i] = (float)(c * j->magnitude);
        j->sines[(size_t)row * j->half + i] = (float)(s * j->magnitude);
    }
}

void bk_rope_angles(const bk_engine *e, const int32_t *positions, int32_t rows, const double *frequencies, int32_t half,
                    double magnitude, float *cosines, float *sines) {
    bk_angle_job job = {positions, frequencies, half, magnitude, cosines, sines};
    bk_pool_run(e->pool, angle_unit, &job, rows);
}
