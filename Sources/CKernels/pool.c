// A pool of threads for work that takes microseconds. Between two turns a thread spins for a short time, then sleeps:
// an idle worker costs nothing, a busy one hands over in about a microsecond. A spinning thread yields every 256
// rounds, so that several workers on one machine do not block each other.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "layout.h"

enum { SPINS = 4000 };

// The units left for one thread: the low half is the first, the high half the end. Each has its own cache line.
typedef struct {
    _Alignas(64) _Atomic uint64_t range;
} bk_share;

struct bk_pool {
    int threads;
    pthread_t *handles;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int sleeping;  // under mutex
    // The current work: `turn` rises with each new one, `busy` counts the other threads that are not done.
    _Atomic uint64_t turn;
    _Atomic int32_t busy;
    bk_share *shares;  // [threads]
    _Atomic bool stopping;
    bk_unit unit;
    void *context;
};

typedef struct {
    bk_pool *pool;
    int index;
} bk_thread;

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Takes the first or the last unit of a share; -1 when it is empty.
static int32_t take(bk_share *share, bool first) {
    uint64_t range = atomic_load_explicit(&share->range, memory_order_relaxed);
    for (;;) {
        uint32_t begin = (uint32_t)range, end = (uint32_t)(range >> 32);
        if (begin >= end) return -1;
        uint64_t rest = first ? range + 1 : range - ((uint64_t)1 << 32);
        if (atomic_compare_exchange_weak_explicit(&share->range, &range, rest, memory_order_relaxed,
                                                  memory_order_relaxed))
            return (int32_t)(first ? begin : end - 1);
    }
}

// A thread does its share in order: units next to each other are neighbours in memory, so what it prefetches in one
// unit it needs in the next. When it is done it takes units from the ends of the others' shares.
static void work(bk_pool *p, int thread) {
    for (int32_t i; (i = take(&p->shares[thread], true)) >= 0;) p->unit(p->context, i, thread);
    for (int other = 1; other < p->threads; other++) {
        bk_share *share = &p->shares[(thread + other) % p->threads];
        for (int32_t i; (i = take(share, false)) >= 0;) p->unit(p->context, i, thread);
    }
}

static void await_turn(bk_pool *p, uint64_t seen) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&p->turn, memory_order_acquire) != seen) return;
        relax();
        if (i % 256 == 255) sched_yield();
    }
    pthread_mutex_lock(&p->mutex);
    p->sleeping++;
    while (atomic_load(&p->turn) == seen) pthread_cond_wait(&p->wake, &p->mutex);
    p->sleeping--;
    pthread_mutex_unlock(&p->mutex);
}

static void *serve(void *argument) {
    bk_thread me = *(bk_thread *)argument;
    free(argument);
    for (uint64_t seen = 0;; seen++) {
        await_turn(me.pool, seen);
        if (atomic_load(&me.pool->stopping)) return NULL;
        work(me.pool, me.index);
        atomic_fetch_sub_explicit(&me.pool->busy, 1, memory_order_release);
    }
}

static void next_turn(bk_pool *p) {
    pthread_mutex_lock(&p->mutex);
    atomic_fetch_add_explicit(&p->turn, 1, memory_order_release);
    if (p->sleeping) pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->mutex);
}

void bk_pool_run(bk_pool *p, bk_unit unit, void *context, int32_t units) {
    if (p->threads == 1 || units == 1) {
        for (int32_t i = 0; i < units; i++) unit(context, i, 0);
        return;
    }
    p->unit = unit, p->context = context;
    for (int t = 0; t < p->threads; t++) {
        uint64_t begin = (uint64_t)units * (uint64_t)t / (uint64_t)p->threads;
        uint64_t end = (uint64_t)units * (uint64_t)(t + 1) / (uint64_t)p->threads;
        atomic_store_explicit(&p->shares[t].range, end << 32 | begin, memory_order_relaxed);
    }
    atomic_store_explicit(&p->busy, p->threads - 1, memory_order_relaxed);
    next_turn(p);
    work(p, 0);
    for (int i = 0; atomic_load_explicit(&p->busy, memory_order_acquire) != 0; i++) {
        relax();
        if (i % 256 == 255) sched_yield();
    }
}

bk_pool *bk_pool_create(int threads) {
    if (threads < 1 || threads > 256) return NULL;
    bk_pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->threads = 1;
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->wake, NULL);
    p->handles = calloc((size_t)threads, sizeof *p->handles);
    p->shares = aligned_alloc(64, (size_t)threads * sizeof *p->shares);
    for (int i = 1; p->handles && p->shares && i < threads; i++) {
        bk_thread *t = malloc(sizeof *t);
        if (t) *t = (bk_thread){p, i};
        if (!t || pthread_create(&p->handles[i], NULL, serve, t) != 0) {
            free(t);
            break;
        }
        p->threads = i + 1;
    }
    if (p->threads == threads && p->handles && p->shares) return p;
    bk_pool_destroy(p);
    return NULL;
}

void bk_pool_destroy(bk_pool *p) {
    if (!p) return;
    atomic_store(&p->stopping, true);
    next_turn(p);
    for (int i = 1; i < p->threads; i++) pthread_join(p->handles[i], NULL);
    pthread_mutex_destroy(&p->mutex);
    pthread_cond_destroy(&p->wake);
    free(p->shares);
    free(p->handles);
    free(p);
}

int bk_pool_threads(const bk_pool *p) { return p->threads; }
