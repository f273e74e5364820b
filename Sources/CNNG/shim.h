// The parts of NNG that Swift needs, and inline shims for what Swift cannot import.
#ifndef BRIGADE_CNNG_SHIM_H
#define BRIGADE_CNNG_SHIM_H

#define NNG_ELIDE_DEPRECATED

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>
#include <nng/supplemental/util/platform.h>

// Swift imports the C union, but reading one of its members is simpler and safer here.
static inline uint16_t cnng_sockaddr_family(const nng_sockaddr *address) { return address->s_family; }

// The port in host byte order, or 0 if the address is neither IPv4 nor IPv6.
static inline uint16_t cnng_sockaddr_port(const nng_sockaddr *address) {
    uint16_t wire = 0;
    if (address->s_family == NNG_AF_INET) wire = address->s_in.sa_port;
    if (address->s_family == NNG_AF_INET6) wire = address->s_in6.sa_port;
    const uint8_t *bytes = (const uint8_t *)&wire;
    return (uint16_t)((bytes[0] << 8) | bytes[1]);
}

// Byte `index` of an IPv4 (0..3) or IPv6 (0..15) address in network order.
static inline uint8_t cnng_sockaddr_byte(const nng_sockaddr *address, int index) {
    if (address->s_family == NNG_AF_INET && index >= 0 && index < 4) {
        return ((const uint8_t *)&address->s_in.sa_addr)[index];
    }
    if (address->s_family == NNG_AF_INET6 && index >= 0 && index < 16) return address->s_in6.sa_addr[index];
    return 0;
}

#endif
