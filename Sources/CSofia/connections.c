/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On a wildcard address the library listens on every address of the machine, and when it looks for the connection of a phone
 * that came in by TCP or TLS, it asks the first of these only: a phone that registered on another one could not be called.
 * The look-up is a dynamic symbol, and the program's own definition comes first (as in names.c): this one asks all of them.
 */
#include "internal.h"

#include <dlfcn.h>
#include <sofia-sip/tport.h>
#include <string.h>

typedef tport_t *look_up(tport_t const *, tp_name_t const *);

tport_t *tport_by_name(tport_t const *self, tp_name_t const *name) {
    static look_up *library;
    if (!library) *(void **)&library = dlsym(RTLD_NEXT, "tport_by_name");
    if (!library) return NULL;
    if (self && name && name->tpn_proto && strcasecmp(name->tpn_proto, "udp") != 0 && !name->tpn_ident) {
        for (tport_t *primary = tport_primaries(self); primary; primary = tport_next(primary)) {
            tp_name_t const *own = tport_name(primary);
            if (!own || !own->tpn_proto || strcasecmp(own->tpn_proto, name->tpn_proto) != 0) continue;
            tport_t *found = library(primary, name);
            if (found && tport_is_secondary(found)) return found;
        }
    }
    return library(self, name);
}
