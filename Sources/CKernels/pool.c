// A pool of threads for work measured in microseconds. Between two pieces of work a thread spins for a short while, then
// sleeps: an idle worker costs nothing, a busy one hands over in about a microsecond. With more threads than
// processors a spinning thread yields, so that several workers on one machine do not stand in each other's way.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "layout.h"

enum { SPINS = 4000 };

struct bk_pool {
    int threads;
    pthread_t *handles;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int sleeping;  // under mutex
    // The work at hand. `turn` rises when there is a new one; `next` hands out its units; `busy` counts threads not done.
    _Atomic uint64_t turn;
    _Atomic int32_t next, busy;
    _Atomic bool stopping;
    bk_unit unit;
    void *context;
    int32_t units;
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

static void work(bk_pool *p, int thread) {
    for (;;) {
        int32_t i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
        if (i >= p->units) return;
        p->unit(p->context, i, thread);
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
    p->unit = unit, p->context = context, p->units = units;
    atomic_store_explicit(&p->next, 0, memory_order_relaxed);
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
    for (int i = 1; p->handles && i < threads; i++) {
        bk_thread *t = malloc(sizeof *t);
        if (t) *t = (bk_thread){p, i};
        if (!t || pthread_create(&p->handles[i], NULL, serve, t) != 0) {
            free(t);
            break;
        }
        p->threads = i + 1;
    }
    if (p->threads == threads && p->handles) return p;
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
    free(p->handles);
    free(p);
}

int bk_pool_threads(const bk_pool *p) { return p->threads; }
