// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Processor time that this thread spends in `work`: a bound on it holds on a busy machine as well.
func processorTime(_ work: () -> Void) -> Duration {
    func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    let start = now()
    work()
    return now() - start
}
