// SPDX-License-Identifier: Apache-2.0
// ITU-T V.253 (voice commands: +FCLASS=8, +VSM, +VLS, +VTR, +VCID), V.250 (commands and result codes).

import Telephony

/// What is said to a voice modem and what it answers. Pure: bytes and time in, bytes and signals out.
///
///     start --commands--> onHook --seize--> takingLine --CONNECT--> talking
///                           ^                                          |
///                           +---- ATH, +VLS=0 <--- leaving <--- release
struct ModemDialogue: Sendable {
    enum State: Sendable, Equatable {
        case starting
        case onHook
        case takingLine
        /// Samples both ways.
        case talking
        case leaving
        case hangingUp
        /// It does not answer, or not as a voice modem.
        case failed(String)
    }

    enum Output: Sendable, Equatable {
        case send([UInt8])
        case signal(LineSignal)
        /// Bytes of samples that came in.
        case samples([UInt8])
        /// Duplex begins (true): for every sample that comes one is to be sent.
        case duplex(Bool)
        /// The modem ran out of what it was sent, or got too much.
        case underrun
        case overrun
    }

    private(set) var state = State.starting
    private(set) var format = ModemFormat.unsigned8
    private(set) var deadline: Int64?
    private var commands: [String] = []
    private var asked = ""
    private var stream = ShieldedStream()
    private var text = ""
    /// The line feed behind CONNECT is no sample.
    private var dropsLineFeed = false
    private var caller: (number: String, name: String)?
    private var callerDeadline: Int64?
    private var ringEnds: Int64?
    private var inUseEnds: Int64?
    private var wantsLine = false
    private let country: String?

    private static let answerMilliseconds: Int64 = 3_000
    /// From RING to what must be the pause behind it.
    private static let ringMilliseconds: Int64 = 2_500
    private static let callerMilliseconds: Int64 = 600
    private static let longestLine = 256
    /// So long after another phone was told of the line is held to be in use, where nothing is told of its end.
    private static let inUseMilliseconds: Int64 = 10_000
    /// V.253: no presumed hang-up in silence; whoever only listens is silent.
    private static let noSilence = "AT+VSD=128,0"
    /// Conexant: tells of a line in use, of an extension that is lifted, and of the far end's hanging up.
    private static let lineSense = "AT-STE=7"

    init(country: String?) { self.country = country }

    mutating func start(now: Int64) -> [Output] {
        commands = ["AT&F0", "ATE0V1"] + (country.map { ["AT+GCI=\($0)"] } ?? [])
        commands += ["AT+VCID=1", "AT+FCLASS=8", Self.noSilence, Self.lineSense, "AT+VSM=?"]
        return next(now: now)
    }

    /// Takes the line, or lets it go.
    mutating func seize(_ takes: Bool, now: Int64) -> [Output] {
        wantsLine = takes
        return follow(now: now)
    }

    /// When `expire` has something to do.
    var nextDeadline: Int64? { [deadline, callerDeadline, ringEnds, inUseEnds].compactMap { $0 }.min() }

    private mutating func follow(now: Int64) -> [Output] {
        switch (state, wantsLine) {
        case (.onHook, true):
            state = .takingLine
            commands = ["AT+FCLASS=8", format.selection, Self.noSilence, "AT+VLS=1", "AT+VTR"]
            return next(now: now)
        case (.talking, false):
            state = .leaving
            deadline = now &+ 1_000
            return [.duplex(false), .send(format.ending)]
        default: return []
        }
    }

    private mutating func next(now: Int64) -> [Output] {
        guard !commands.isEmpty else {
            deadline = nil
            switch state {
            case .starting, .hangingUp:
                state = .onHook
                return follow(now: now)
            default: return []
            }
        }
        asked = commands.removeFirst()
        deadline = now &+ Self.answerMilliseconds
        return [.send(Array((asked + "\r").utf8))]
    }

    // MARK: - What comes in

    mutating func take(_ bytes: [UInt8], now: Int64) -> [Output] {
        var outputs: [Output] = []
        var index = 0
        // CONNECT ends the text within a piece: what follows are samples.
        while index < bytes.count {
            var data: [UInt8] = []
            var codes: [UInt8] = []
            if state == .talking || state == .leaving {
                if dropsLineFeed, bytes[index] == 10 { index += 1 }
                dropsLineFeed = false
                let piece = bytes[index...]
                index = bytes.count
                stream.take(piece, data: &data, codes: &codes)
                if state == .talking, !data.isEmpty { outputs.append(.samples(data)) }
                for code in codes { outputs += heard(code, now: now) }
                if state == .hangingUp { break }
            } else {
                stream.take(bytes[index...index], data: &data, codes: &codes)
                index += 1
                for code in codes { outputs += heard(code, now: now) }
                for byte in data { outputs += typed(byte, now: now) }
            }
        }
        return outputs
    }

    /// A byte of a result: lines end with CR or LF, empty ones say nothing.
    private mutating func typed(_ byte: UInt8, now: Int64) -> [Output] {
        if byte != 13, byte != 10 {
            if text.utf8.count < Self.longestLine, byte >= 32, byte < 127 { text.unicodeScalars.append(.init(byte)) }
            return []
        }
        let line = text
        text = ""
        return line.isEmpty || line == asked ? [] : result(line, now: now)
    }

    private mutating func result(_ line: String, now: Int64) -> [Output] {
        switch line {
        case "OK", "VCON": return next(now: now)
        case "CONNECT":
            guard state == .takingLine else { return [] }
            state = .talking
            dropsLineFeed = true
            deadline = nil
            return [.signal(.loop(isClosed: true)), .duplex(true)] + follow(now: now)
        case "ERROR": return refused(now: now)
        case "RING": return ring(now: now)
        case "NO CARRIER", "NO DIALTONE", "BUSY": return state == .takingLine ? giveUp(now: now) : []
        case "LINE IN USE": return state == .takingLine ? giveUp(isInUse: true, now: now) : []
        default: break
        }
        if asked == "AT+VSM=?", state == .starting { format = ModemFormat(offered: line) }
        if let number = Self.value("NMBR", in: line) { return learn(number: number, now: now) }
        if let name = Self.value("NAME", in: line) { return learn(name: name, now: now) }
        return []
    }

    /// "NMBR = 0301234": nil for another line.
    private static func value(_ key: String, in line: String) -> String? {
        guard line.hasPrefix(key), let equals = line.firstIndex(of: "=") else { return nil }
        let value = line[line.index(after: equals)...].drop { $0 == " " }
        return String(value.prefix(64))
    }

    private mutating func learn(number: String? = nil, name: String? = nil, now: Int64) -> [Output] {
        caller = (number ?? caller?.number ?? "", name ?? caller?.name ?? "")
        callerDeadline = now &+ Self.callerMilliseconds
        return []
    }

    private mutating func tellCaller() -> [Output] {
        callerDeadline = nil
        guard let told = caller else { return [] }
        caller = nil
        return [.signal(.callerID(number: told.number, name: told.name))]
    }

    private mutating func ring(now: Int64) -> [Output] {
        let isNew = ringEnds == nil
        ringEnds = now &+ Self.ringMilliseconds
        return tellCaller() + (isNew ? [.signal(.ring(true))] : [])
    }

    private mutating func refused(now: Int64) -> [Output] {
        // Not every modem knows countries or caller-ID; without voice it is no line.
        if asked.hasPrefix("AT+GCI") || asked.hasPrefix("AT+VCID") || asked == Self.noSilence || asked == Self.lineSense
            || asked == "AT+VSM=?" || state == .hangingUp
        {
            return next(now: now)
        }
        if state == .takingLine { return giveUp(now: now) }
        state = .failed("it answers \(asked) with ERROR: is it a voice modem?")
        deadline = nil
        return []
    }

    /// The line is not to be had. It is not asked for again before somebody wants it anew.
    private mutating func giveUp(isInUse: Bool = false, now: Int64) -> [Output] {
        wantsLine = false
        return [.signal(.notTaken(isInUse: isInUse))] + hangUp(now: now)
    }

    private mutating func hangUp(now: Int64) -> [Output] {
        state = .hangingUp
        commands = ["AT+VLS=0", "ATH"]
        return [.signal(.loop(isClosed: false))] + next(now: now)
    }

    private mutating func heard(_ code: UInt8, now: Int64) -> [Output] {
        switch Character(UnicodeScalar(code)) {
        case "b": return [.signal(.tone(.busy))]
        case "d": return [.signal(.tone(.dial))]
        case "r": return [.signal(.tone(.ringback))]
        case "q": return [.signal(.tone(.silence))]
        case "s": return [.signal(.tone(.hangUp))]
        // A reversal, or a gap in the loop current that is over when it is told: both are the far end's doing.
        case "l": return state == .talking ? [.signal(.polarity(isReversed: true))] : []
        case "P":
            inUseEnds = now &+ Self.inUseMilliseconds
            return [.signal(.lineInUse(true))]
        case "p":
            inUseEnds = nil
            return [.signal(.lineInUse(false))]
        case "R": return ring(now: now)
        case "u": return [.underrun]
        case "o": return [.overrun]
        case "\u{03}": return state == .leaving ? hangUp(now: now) : []
        // Small letters are calling and answer tones of data and fax.
        case let key: return key.isLowercase ? [] : DTMFDigit(key).map { [.signal(.key($0))] } ?? []
        }
    }

    mutating func expire(now: Int64) -> [Output] {
        var outputs: [Output] = []
        if let ringEnds, now >= ringEnds {
            self.ringEnds = nil
            outputs.append(.signal(.ring(false)))
        }
        if let callerDeadline, now >= callerDeadline { outputs += tellCaller() }
        if let inUseEnds, now >= inUseEnds {
            self.inUseEnds = nil
            outputs.append(.signal(.lineInUse(false)))
        }
        guard let deadline, now >= deadline else { return outputs }
        self.deadline = nil
        switch state {
        // Some say nothing more.
        case .leaving: outputs += hangUp(now: now)
        case .starting, .takingLine, .hangingUp: state = .failed("it does not answer \(asked)")
        case .onHook, .talking, .failed: break
        }
        return outputs
    }
}
