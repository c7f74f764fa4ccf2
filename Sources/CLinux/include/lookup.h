/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLINUX_LOOKUP_H
#define CLINUX_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

/* An SRV record (order is its priority, preference its weight) or a NAPTR record (then with flags and service). */
typedef struct clinux_record {
    uint16_t order;
    uint16_t preference;
    uint16_t port;
    uint32_t seconds;
    char flags[4];
    char service[32];
    char target[256];
} clinux_record;

/* Asks for the SRV or NAPTR records of a name; waits for up to some seconds. `server`: a numeric IPv4 address to ask, with its
   port; NULL: as the system is set. How many were found, 0: the name server says that there is none, -1: no answer. */
int clinux_lookup(const char *server, uint16_t port, const char *name, bool naptr, clinux_record *records, int most);

/* What a name server answered to that question; also how many, or -1. */
int clinux_records_in(const unsigned char *answer, int length, bool naptr, clinux_record *records, int most);
/* The same of A or AAAA records: adds to `count` addresses that are there, returns how many there are then. */
int clinux_addresses_in(const unsigned char *answer, int length, bool ipv6, char (*texts)[48], int count, int most);

/* The numeric addresses of a name; waits. As above. */
int clinux_addresses(const char *name, char (*texts)[48], int most);

/* The same (A and AAAA records) asked of that name server alone. */
int clinux_addresses_by(const char *server, uint16_t port, const char *name, char (*texts)[48], int most);

#endif
