// SPDX-License-Identifier: Apache-2.0

/// Samples and nanoseconds of one rate, exact to a nanosecond and far from overflow for a year-long call.
package enum SampleClock {
    package static func nanoseconds(_ samples: Int64, rate: Int) -> Int64 {
        let rate = Int64(max(rate, 1))
        let (seconds, rest) = samples.quotientAndRemainder(dividingBy: rate)
        return seconds &* 1_000_000_000 &+ rest &* 1_000_000_000 / rate
    }

    /// Rounded towards the past.
    package static func samples(_ nanoseconds: Int64, rate: Int) -> Int64 {
        let rate = Int64(max(rate, 1))
        var (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest < 0 {
            seconds &-= 1
            rest &+= 1_000_000_000
        }
        return seconds &* rate &+ rest &* rate / 1_000_000_000
    }
}
