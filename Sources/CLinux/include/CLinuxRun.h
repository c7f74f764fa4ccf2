// SPDX-License-Identifier: Apache-2.0
#pragma once

/* Starts a helper program (looked for in the PATH of the calling process unless it has a slash): standard streams at /dev/null,
   every other descriptor closed, no signal blocked or ignored, in a process group of its own. 0 or an errno. */
int partyline_run(const char *program, char *const arguments[], char *const environment[], int *pid);
