// SPDX-License-Identifier: Apache-2.0

/// A second opinion on digits: what the probe has read, hop by hop (2.5 ms), becomes "this digit has been there for 30 ms".
/// It takes what spandsp refuses: both tones off by up to 2.2 %, 10 dB of twist either way.
struct ToneWitness: BitwiseCopyable {
    /// The digit that has lasted long enough within this call, by code.
    var found: UInt8?
    /// Hops in a row without a digit, now and at most since the last digit began.
    private(set) var breakLength = 0
    var longestBreak = 0

    private var key = -1
    private var hops = 0
    private var rowErrors: Float = 0
    private var columnErrors: Float = 0

    /// 10 ms of the first window and 2.5 ms for each further hop: 30 ms.
    private static let enoughHops = 9
    /// A break of 10 ms spoils 8 hops: that is bridged.
    static let longBreak = 10
    private static let likeness: Float = 0.93
    private static let stayLikeness: Float = 0.85
    private static let tolerance: Float = 0.024

    mutating func hear(_ reading: TwoToneProbe.Reading) {
        if reading.likeness < Self.stayLikeness {
            breakLength += 1
            longestBreak = max(longestBreak, breakLength)
        } else {
            breakLength = 0
        }
        guard reading.likeness > Self.likeness, hops == 0 || reading.key == key else {
            hops = 0
            return
        }
        if hops == 0 {
            key = reading.key
            rowErrors = 0
            columnErrors = 0
        }
        hops += 1
        rowErrors += reading.rowError
        columnErrors += reading.columnError
        let most = Self.tolerance * Float(hops)
        if hops >= Self.enoughHops, abs(rowErrors) < most, abs(columnErrors) < most {
            found = DTMFSignal.code(ofKey: key)
        }
    }
}
