// SPDX-License-Identifier: Apache-2.0
#pragma once

/* Nothing to call: alsa-lib finds the plugin's entry by its name, _snd_pcm_vline_open. */
