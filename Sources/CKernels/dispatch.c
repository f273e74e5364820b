// Chooses the kernels: those that BRIGADE_CPU names, or the best that both the processor (cpuid) and the operating
// system (XCR0, the register state it saves) support.
#include <stdio.h>
#include <stdlib.h>

#include "layout.h"

#if defined(__x86_64__)
#include <cpuid.h>

typedef struct {
    bool avx2, avxvnni, avx512;
} bk_x86;

static bk_x86 x86(void) {
    unsigned a, b, c, d;
    bk_x86 f = {false, false, false};
    if (!__get_cpuid(1, &a, &b, &c, &d)) return f;
    bool fma = c >> 12 & 1, osxsave = c >> 27 & 1, f16c = c >> 29 & 1;
    if (!osxsave) return f;
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return f;
    f.avx2 = (low & 6) == 6 && fma && f16c && (b >> 5 & 1);
    f.avx512 = f.avx2 && (low & 0xe6) == 0xe6 && (b >> 16 & 1) && (b >> 17 & 1) && (b >> 30 & 1) && (b >> 31 & 1)
        && (c >> 11 & 1);
    if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) f.avxvnni = f.avx2 && (a >> 4 & 1);
    return f;
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
static bool dotprod(void) { return getauxval(AT_HWCAP) >> 20 & 1; }
static bool i8mm(void) { return dotprod() && (getauxval(AT_HWCAP2) >> 13 & 1); }
#elif defined(__aarch64__)
static bool dotprod(void) { return true; }  // every Apple arm64 processor has it
#if defined(__APPLE__)
#include <sys/sysctl.h>
static bool i8mm(void) {
    int has = 0;
    size_t size = sizeof has;
    return sysctlbyname("hw.optional.arm.FEAT_I8MM", &has, &size, NULL, 0) == 0 && has != 0;
}
#else
static bool i8mm(void) { return false; }
#endif
#endif

const bk_ops *bk_cpu_named(const char *name) {
    if (strcmp(name, "portable") == 0) return &bk_ops_portable;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0 && x86().avx2) return &bk_ops_avx2;
    if (strcmp(name, "avxvnni") == 0 && x86().avxvnni) return &bk_ops_avxvnni;
    if (strcmp(name, "avx512") == 0 && x86().avx512) return &bk_ops_avx512;
#elif defined(__aarch64__)
    if (strcmp(name, "neon") == 0) return &bk_ops_neon;
    if (strcmp(name, "dotprod") == 0 && dotprod()) return &bk_ops_dotprod;
    if (strcmp(name, "i8mm") == 0 && i8mm()) return &bk_ops_i8mm;
#endif
    return NULL;
}

// Measured on Zen 5. Few rows pass over the weights faster than many.
bk_prefetching bk_prefetch = {.bytes = {0, 7168, 7168, 16384, 16384, 16384, 16384, 16384, 16384}};

#if defined(__x86_64__)
// Zen 4, and Zen 3, which has the same family number but was not measured. A prefetch into the first-level cache
// occupies one of its few miss buffers until memory answers. With one or two rows, the processor's own prefetcher,
// which fills the second-level cache, keeps up with the memory while activations come from the first-level cache.
// Otherwise it is too late, and an early prefetch into the second-level cache hides almost all of the memory's latency:
// four rows over 35 groups read 24.6 GB/s instead of 16.5. From the cache they read 25.3 GB/s.
static const bk_prefetching zen4 = {
    .bytes = {0, 0, 6144, 8192, 8192, 8192, 8192, 8192, 8192}, .wide_only = 2, .second = true};

static void choose_prefetch(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(0, &a, &b, &c, &d) || b != signature_AMD_ebx) return;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return;
    if ((a >> 8 & 15) + (a >> 20 & 255) == 0x19) bk_prefetch = zen4;
}
#else
static void choose_prefetch(void) {}
#endif

static const bk_ops *chosen;
static char problem[256];

// Runs before main, so that no thread can see a choice half made.
__attribute__((constructor)) static void choose(void) {
    // avxvnni is used only when it is named: on Zen 5 it is faster at 4 and 8 rows and slower at 1 and 512.
    static const char *const best[] = {"avx512", "avx2", "i8mm", "dotprod", "neon", "portable"};
    choose_prefetch();
    const char *forced = getenv("BRIGADE_CPU");
    if (forced && *forced) {
        chosen = bk_cpu_named(forced);
        if (!chosen)
            snprintf(problem, sizeof problem,
                     "BRIGADE_CPU is \"%.40s\", which this machine or build does not have; it has: portable %s. "
                     "Unset it to use the best.",
                     forced, bk_cpu_features());
        return;
    }
    for (size_t i = 0; !chosen && i < sizeof best / sizeof *best; i++) chosen = bk_cpu_named(best[i]);
}

const bk_ops *bk_cpu(void) { return chosen; }
const char *bk_cpu_name(void) { return chosen ? chosen->name : ""; }
const char *bk_cpu_problem(void) { return problem; }

const char *bk_cpu_features(void) {
#if defined(__x86_64__)
    bk_x86 f = x86();
    static const char *const words[] = {"", "avx2", "avx2 avxvnni", "avx2 avx512", "avx2 avxvnni avx512"};
    return words[f.avx512 ? 3 + f.avxvnni : f.avxvnni ? 2 : f.avx2];
#elif defined(__aarch64__)
    return i8mm() ? "neon dotprod i8mm" : dotprod() ? "neon dotprod" : "neon";
#else
    return "";
#endif
}
