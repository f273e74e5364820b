// Memory in huge pages where the system gives them: a weight matrix is read once per step from end to end, and with
// small pages the processor's own prefetching stops at every page's end.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <stdlib.h>
#include <sys/mman.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "layout.h"

enum { HUGE = 2 << 20 };

static void *map(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

// A region large enough for a huge page begins at the address of one, or its first and last pages would be small.
void *bk_alloc(size_t bytes) {
    if (bytes < HUGE) return map(bytes);
    if (bytes > SIZE_MAX - 2 * HUGE) return NULL;
    size_t whole = (bytes + 4095) & ~(size_t)4095;
    uint8_t *p = map(whole + HUGE);
    if (!p) return NULL;
    size_t before = (HUGE - (uintptr_t)p % HUGE) % HUGE;
    if (before) munmap(p, before);
    if (HUGE - before) munmap(p + before + whole, HUGE - before);
#ifdef MADV_HUGEPAGE
    madvise(p + before, whole, MADV_HUGEPAGE);
#endif
    return p + before;
}

void bk_free(void *p, size_t bytes) {
    if (p) munmap(p, bytes);
}

// glibc lets every thread keep the most that it ever needed, in a heap of its own, and once large blocks have come and
// gone takes such from these heaps as well: of a process with many threads the memory creeps up for hours, though
// nothing leaks.
void bk_keep_little(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
}
