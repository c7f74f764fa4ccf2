// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// CLOCK_MONOTONIC in nanoseconds, and how far the wall clock (which the kernel stamps packets with) is from it.
package enum MonotonicClock {
    package static var now: Int64 { partyline_now() }

    /// Add this to a CLOCK_REALTIME value; asked for at each use, since the wall clock may be stepped.
    static var fromRealTime: Int64 {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        return partyline_now() - (Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec))
    }
}
