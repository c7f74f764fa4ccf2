/* SPDX-License-Identifier: Apache-2.0 */
#include "CFuzz.h"

extern int LLVMFuzzerRunDriver(int *argc, char ***argv, cfuzz_target target) __attribute__((weak));

int cfuzz_run(int argc, char **argv, cfuzz_target target) {
    return LLVMFuzzerRunDriver ? LLVMFuzzerRunDriver(&argc, &argv, target) : -1;
}

/* The fuzzer's own main, which is not ours, wants one of this name. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    (void)bytes, (void)count;
    return 0;
}
