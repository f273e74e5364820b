// Measures the limits of this machine, so that the speed of the kernels can be compared with them.
#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "layout.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

enum { READ_CHUNK = 1 << 20 };

typedef struct {
    const bk_ops *ops;
    const uint8_t *buffer;
    int64_t rounds;
    _Atomic uint64_t sink, count;
} bk_probe_job;

static void read_unit(void *context, int32_t i, int32_t thread) {
    (void)thread;
    bk_probe_job *j = context;
    j->sink ^= j->ops->probe_read(j->buffer + (size_t)i * READ_CHUNK, READ_CHUNK);
}

double bk_probe_read(const bk_engine *e, const void *buffer, size_t bytes, int repeats) {
    bk_probe_job job = {.ops = e->ops, .buffer = buffer};
    int32_t chunks = (int32_t)(bytes / READ_CHUNK);
    double best = 0;
    for (int i = 0; i < repeats; i++) {
        double start = now();
        bk_pool_run(e->pool, read_unit, &job, chunks);
        double rate = (double)chunks * READ_CHUNK / (now() - start);
        if (rate > best) best = rate;
    }
    return best;
}

static void int8_unit(void *context, int32_t i, int32_t thread) {
    (void)i, (void)thread;
    bk_probe_job *j = context;
    uint64_t n;
    j->sink ^= j->ops->probe_int8(j->rounds, &n);
    j->count += n;
}

double bk_probe_int8(const bk_engine *e, double seconds) {
    double best = 0;
    for (double start = now(); now() - start < seconds;) {
        bk_probe_job job = {.ops = e->ops, .rounds = 200000};
        double begin = now();
        bk_pool_run(e->pool, int8_unit, &job, 8 * bk_pool_threads(e->pool));
        double rate = (double)job.count / (now() - begin);
        if (rate > best) best = rate;
    }
    return best;
}
