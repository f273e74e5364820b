// The natural logarithm with the same bits on every machine; C libraries may differ in the last bit.
#include <math.h>

#include "layout.h"

#pragma STDC FP_CONTRACT OFF

// x = m * 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 atanh((m-1)/(m+1)) as a series in plain double arithmetic.
double bk_natural_log(double x) {
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752440) m *= 2, e--;
    double t = (m - 1) / (m + 1), t2 = t * t, s = 0;
    for (int k = 41; k >= 1; k -= 2) s = s * t2 + 1.0 / k;
    return 2 * t * s + e * 0.69314718055994530942;
}
