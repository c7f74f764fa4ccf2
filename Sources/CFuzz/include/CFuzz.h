/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer, where the program is built with it (Scripts/fuzz does). */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef int (*cfuzz_target)(const uint8_t *bytes, size_t count);

/* Runs the fuzzer with its own arguments, of which the first is the program's name. Its exit code, or -1: built without. */
int cfuzz_run(int argc, char **argv, cfuzz_target target);
