// SPDX-License-Identifier: Apache-2.0

import Telephony

/// What the landlines of a box have dialled in vain: one list for all of them, since the network counts the calls of a
/// subscriber, and the second line must not go on where the first has to wait. On the `lines` thread.
final class RedialBook {
    var rule: RedialGuard

    init(_ country: LandlineCountry) {
        rule = RedialGuard(
            pause: country.redialPauseMilliseconds, attempts: country.redialAttempts,
            rest: country.redialRestMilliseconds)
    }
}
