// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "realtime.h"
#include "card.h"
#include "net.h"
#include "memory.h"
#include "CLinuxSpawn.h"
#include "CLinuxRun.h"
#include "devices.h"
#include "lookup.h"
