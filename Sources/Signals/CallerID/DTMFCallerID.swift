// SPDX-License-Identifier: Apache-2.0
// ETSI EN 300 659 (annex on DTMF) and the national variants: D or A number C, B code C, number '#'.

/// Collects the digits that an exchange sends before or between rings. Pure; time in ms.
struct DTMFCallerID {
    private var digits: [UInt8] = []
    private var last: Int64 = 0
    private static let longestPause: Int64 = 600

    init() { digits.reserveCapacity(40) }

    mutating func hear(_ code: UInt8, now: Int64) -> CallerID? {
        if now - last > Self.longestPause { digits.removeAll(keepingCapacity: true) }
        last = now
        guard digits.count < 40 else { return nil }
        // C or '#' ends it.
        if code == 14 || code == 11 { return finish(isMarked: true) }
        // A, B or D begins it.
        if code >= 12 { digits.removeAll(keepingCapacity: true) }
        digits.append(code)
        return nil
    }

    private mutating func finish(isMarked: Bool) -> CallerID? {
        defer { digits.removeAll(keepingCapacity: true) }
        guard let first = digits.first else { return nil }
        let rest = first >= 12 ? digits.dropFirst() : digits[...]
        guard !rest.isEmpty, rest.allSatisfy({ $0 <= 9 }) else { return nil }
        var caller = CallerID(kind: .dtmf)
        if first == 13 {
            // B: why there is no number. 1 or 10: withheld; 2, 3, 00: not to be had.
            caller.absence = rest.first == 1 ? .withheld : .unavailable
        } else {
            // Without a letter before it a short number may be somebody's dialling.
            guard first >= 12 || rest.count >= 3 else { return nil }
            caller.number = CallerID.number(rest.map { $0 + 0x30 })
        }
        return caller
    }
}
