// Memory in huge pages if the system provides them. A weight matrix is read from end to end once per step, and the
// processor's own prefetcher stops at the end of every page.
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

// A region large enough for a huge page is aligned to one; else its first and last pages would be small.
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

// In glibc every thread has a heap that keeps the most memory the thread ever needed. After the first large blocks are
// freed, later ones come from these heaps as well. So the memory of a process with many threads grows for hours,
// although nothing leaks.
void bk_return_freed_memory(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
}
