// SPDX-License-Identifier: Apache-2.0

package import Media
package import Telephony

/// What Lines needs of the media engine: ports over sound cards. Safe from any thread; every method returns at once.
package protocol CardPortProvider: Sendable {
    /// Takes over a card that runs. Nil: the engine is full. `onRelease` is called once, on some thread, when none of the
    /// card's functions will be called any more after `closeCardPort`.
    func openCardPort(_ card: CardFunctions, onRelease: @escaping @Sendable () -> Void) -> PortID?
    /// After `portFailed`: the card works again, both its streams were started anew.
    func resumeCardPort(_ port: PortID)
    func closeCardPort(_ port: PortID)
    /// Nil when the port is closed.
    func cardStatistics(_ port: PortID) -> CardStatistics?
}

/// What the media engine knows about a card.
package struct CardStatistics: Sendable, Hashable {
    /// The card's crystal against the machine's; positive: the card is fast.
    package var driftPPM: Double
    package var underruns: Int
    package var overruns: Int

    package init(driftPPM: Double, underruns: Int, overruns: Int) {
        self.driftPPM = driftPPM
        self.underruns = underruns
        self.overruns = overruns
    }
}
