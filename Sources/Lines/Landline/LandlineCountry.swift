// SPDX-License-Identifier: Apache-2.0

import Signals
package import Telephony

/// The tones that a landline hears, and how calls are made, by its country's plan.
package struct LandlineCountry: Sendable, Hashable {
    package var dial: [ToneSegment]
    package var ringback: [ToneSegment]
    package var busy: [ToneSegment]
    package var congestion: [ToneSegment]
    package var specialInformation: [ToneSegment]
    package var redialPauseMilliseconds: Int64 = 5_000
    package var redialAttempts = 12
    package var redialRestMilliseconds: Int64 = 1_800_000
    /// Burst and pause of the bell in turn, ms.
    package var bell: [Int] = []
    /// Those of all countries that have a tone plan.
    package var bells: [String: [Int]] = [:]

    /// As most of Europe has it.
    package init() {
        let plan = TonePlan.standard
        self.init(
            dial: plan.dial, ringback: plan.ringback, busy: plan.busy, congestion: plan.reorder, specialInformation: [])
    }

    package init(
        dial: [ToneSegment], ringback: [ToneSegment], busy: [ToneSegment], congestion: [ToneSegment],
        specialInformation: [ToneSegment]
    ) {
        self.dial = dial
        self.ringback = ringback
        self.busy = busy
        self.congestion = congestion
        self.specialInformation = specialInformation
    }

    /// With the line's own disconnect tones.
    func patterns(learned: [[ToneSegment]]) -> [ProgressPattern] {
        let own = learned.map { (ProgressTone.disconnect, $0) }
        return
            ([
                (.dial, dial), (.ringback, ringback), (.busy, busy), (.congestion, congestion),
                (.specialInformation, specialInformation),
            ] + own).compactMap { ProgressPattern($0.0, $0.1.map(Tone.init)) }
    }
}

extension Tone {
    init(_ segment: ToneSegment) {
        self.init(
            segment.frequency1Hz, segment.frequency2Hz, levelDBm0: segment.levelDBm0, milliseconds: segment.milliseconds
        )
        modulationHz = segment.modulationHz
        isOnce = segment.isOnce
    }
}

extension ToneSegment {
    init(_ tone: Tone) {
        self.init(
            tone.frequency1Hz, tone.frequency2Hz, levelDBm0: tone.levelDBm0, milliseconds: tone.milliseconds)
        modulationHz = tone.modulationHz
        isOnce = tone.isOnce
    }

    /// "425 Hz 480 ms", "480 ms of silence".
    var words: String {
        guard frequency1Hz > 0 else { return "\(milliseconds) ms of silence" }
        let second = frequency2Hz > 0 ? "+\(Int(frequency2Hz))" : ""
        let modulation = modulationHz > 0 ? " modulated with \(Int(modulationHz)) Hz" : ""
        return "\(Int(frequency1Hz))\(second) Hz\(modulation) for \(milliseconds) ms"
    }
}
