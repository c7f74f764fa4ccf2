// SPDX-License-Identifier: Apache-2.0

/// A second opinion on digits: what the probe has read, hop by hop (2.5 ms), becomes "this digit has been there for 30 ms".
/// It takes what spandsp refuses: both tones off by up to 2.2 %, 10 dB of twist either way.
struct ToneWitness: BitwiseCopyable {
    /// The digit that has lasted long enough within this call, by code.
    var found: UInt8?
    /// Hops in a row without a digit, now and at most since the last digit began.
    private(set) var breakLength = 0
    var longestBreak = 0

    /// A clear pair of tones was there within the last 40 ms: then the witness alone decides.
    var isClear: Bool { sinceClear < 16 }

    /// The key that has been there, clear or not, for at least 30 ms; nil: none.
    var suspected: UInt8? {
        looseHops >= Self.enoughLooseHops && abs(looseRow) < Self.tolerance * Float(looseHops)
            && abs(looseColumn) < Self.tolerance * Float(looseHops) ? DTMFSignal.code(ofKey: looseKey) : nil
    }

    /// What `found` came out of something as loud (a chord, a voice): somebody else must have heard it as well.
    private(set) var isDoubtful = false
    /// Powers of the last hops, the newest last, negative where they were digits.
    private var powers = SIMD8<Float>(repeating: 0)
    private var sinceClear = 100
    private var looseKey = -1
    private var looseHops = 0
    private var looseRow: Float = 0
    private var looseColumn: Float = 0
    private var loudest: Float = 0
    private var faintest: Float = 0
    private var key = -1
    private var hops = 0
    private var likenesses: Float = 0
    private var rowErrors: Float = 0
    private var columnErrors: Float = 0

    /// 10 ms of the first window and 2.5 ms for each further hop: 27.5 ms. A tone of 23 ms has six or seven.
    private static let enoughHops = 8
    /// A break of 12 ms spoils 8 hops: that is bridged; one of 20 ms spoils more.
    static let longBreak = 9
    private static let clear: Float = 0.97
    private static let likeness: Float = 0.95
    private static let looseLikeness: Float = 0.6
    private static let enoughLooseHops = 11
    private static let leastLikeness: Float = 0.88
    private static let stayLikeness: Float = 0.85
    private static let tolerance: Float = 0.025

    /// - Parameter power: mean square of the window, which a digit keeps.
    mutating func hear(_ reading: TwoToneProbe.Reading, power: Float) {
        hearLoosely(reading)
        for lane in 0..<7 { powers[lane] = powers[lane + 1] }
        powers[7] = reading.likeness > Self.stayLikeness ? -power : power
        if reading.likeness < Self.stayLikeness {
            breakLength += 1
            longestBreak = max(longestBreak, breakLength)
        } else {
            breakLength = 0
        }
        sinceClear = reading.likeness > Self.clear ? 0 : min(sinceClear + 1, 100)
        guard reading.likeness > Self.leastLikeness, hops == 0 || reading.key == key else {
            hops = 0
            return
        }
        if hops == 0 {
            key = reading.key
            likenesses = 0
            loudest = power
            faintest = power
            // The window of five hops ago had nothing of this digit.
            isDoubtful = powers[2] > power * 0.25
            rowErrors = 0
            columnErrors = 0
        }
        hops += 1
        likenesses += reading.likeness
        loudest = max(loudest, power)
        faintest = min(faintest, power)
        rowErrors += reading.rowError
        columnErrors += reading.columnError
        let most = Self.tolerance * Float(hops)
        if hops >= Self.enoughHops, loudest < faintest * 2, likenesses > Self.likeness * Float(hops),
            abs(rowErrors) < most,
            abs(columnErrors) < most, !isOvertone
        {
            found = DTMFSignal.code(ofKey: key)
        }
    }

    /// A note and its octave, as instruments have it: keys C and 2 are 4 % off that.
    private var isOvertone: Bool {
        let ratio: Float = key == 11 ? 1633 / 852 : key == 1 ? 1336 / 697 : 0
        guard ratio > 0 else { return false }
        let heard = ratio * (1 + columnErrors / Float(hops)) / (1 + rowErrors / Float(hops))
        return abs(heard - 2) < 0.012
    }

    private mutating func hearLoosely(_ reading: TwoToneProbe.Reading) {
        guard reading.likeness > Self.looseLikeness, looseHops == 0 || reading.key == looseKey else {
            looseHops = 0
            return
        }
        if looseHops == 0 { (looseKey, looseRow, looseColumn) = (reading.key, 0, 0) }
        looseHops += 1
        looseRow += reading.rowError
        looseColumn += reading.columnError
    }
}
