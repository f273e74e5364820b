// The end of a forward pass: the best candidates of a row of logits, and the log-sum-exp.
#include <math.h>
#include <stdlib.h>

#include "layout.h"

#pragma STDC FP_CONTRACT OFF

enum { SEGMENT = 4096, MAX_SEGMENTS = 1024 };

typedef struct {
    const bk_ops *ops;
    const float *logits;
    int32_t n;
    float maximum, maxima[MAX_SEGMENTS];
    double sums[MAX_SEGMENTS];
} bk_best_job;

static int32_t segment_length(const bk_best_job *j, int32_t i) {
    return j->n - i * SEGMENT < SEGMENT ? j->n - i * SEGMENT : SEGMENT;
}
static void maximum_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    bk_best_job *j = context;
    j->maxima[i] = j->ops->maximum(j->logits + (size_t)i * SEGMENT, segment_length(j, i));
}
static void sum_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    bk_best_job *j = context;
    j->sums[i] = j->ops->sum_exp(j->logits + (size_t)i * SEGMENT, segment_length(j, i), j->maximum);
}

// The best candidates so far form a heap with the worst on top. Worse is a lower logit, or the same with a higher id.
static bool worse(const float *values, const int32_t *ids, int32_t a, int32_t b) {
    return values[a] < values[b] || (values[a] == values[b] && ids[a] > ids[b]);
}
static void swap(float *values, int32_t *ids, int32_t a, int32_t b) {
    float v = values[a];
    int32_t i = ids[a];
    values[a] = values[b], ids[a] = ids[b];
    values[b] = v, ids[b] = i;
}
static void sift(float *values, int32_t *ids, int32_t at, int32_t n) {
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= n) return;
        if (child + 1 < n && worse(values, ids, child + 1, child)) child++;
        if (!worse(values, ids, child, at)) return;
        swap(values, ids, at, child);
        at = child;
    }
}

void bk_best(const bk_engine *e, const float *logits, int32_t n, int32_t top, int32_t *ids, float *values,
             float *log_sum_exp) {
    bk_best_job j = {.ops = e->ops, .logits = logits, .n = n};
    int32_t segments = (n + SEGMENT - 1) / SEGMENT;
    bk_pool_run(e->pool, maximum_unit, &j, segments);
    j.maximum = j.maxima[0];
    for (int32_t i = 1; i < segments; i++) j.maximum = j.maxima[i] > j.maximum ? j.maxima[i] : j.maximum;
    bk_pool_run(e->pool, sum_unit, &j, segments);
    double sum = 0;
    for (int32_t i = 0; i < segments; i++) sum += j.sums[i];
    *log_sum_exp = (float)((double)j.maximum + bk_natural_log(sum));
    if (top > n) top = n;
    if (top <= 0) return;
    for (int32_t i = 0; i < top; i++) values[i] = logits[i], ids[i] = i;
    for (int32_t i = top / 2 - 1; i >= 0; i--) sift(values, ids, i, top);
    for (int32_t s = 0; s < segments; s++) {
        if (j.maxima[s] < values[0]) continue;  // no logit of this segment can enter the heap
        int32_t end = s * SEGMENT + segment_length(&j, s), i = s * SEGMENT;
        for (i = i < top ? top : i; i < end; i++) {
            if (!(logits[i] > values[0])) continue;  // an equal one has a higher id, so it is worse
            values[0] = logits[i], ids[0] = i;
            sift(values, ids, 0, top);
        }
    }
    for (int32_t i = top - 1; i > 0; i--) {  // moves the worst to the end each time, so the best is first
        swap(values, ids, 0, i);
        sift(values, ids, 0, i);
    }
}
