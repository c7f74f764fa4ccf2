// SPDX-License-Identifier: Apache-2.0
// ITU-T V.253 (voice commands: +FCLASS=8, +VSM, +VLS, +VTR, +VCID), V.250 (commands and result codes).

import Telephony

/// What is said to a voice modem and what it answers. Pure: bytes and time in, bytes and signals out.
///
///     start --commands--> onHook --seize--> takingLine --CONNECT--> talking
///                           ^                                          |
///                           +---- ATH, +VLS=0 <--- leaving <--- release, or the modem's own DLE ETX or NO CARRIER
///
/// A modem of which nothing is known is told to leave the duplex mode and to hang up before all else: who had it may have died in
/// a call. In a call samples come all the time; two seconds without are the end of the modem.
struct ModemDialogue: Sendable {
    enum State: Sendable, Equatable {
        /// First a pause for what it may still have to say, then the commands.
        case starting
        case onHook
        case takingLine
        /// Samples both ways.
        case talking
        /// The duplex mode is ending, or has ended (`hasLeft`) and its result is waited for.
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
    /// Leaving: it sends text now, and takes text.
    private(set) var hasLeft = false
    /// Leaving: it was asked in every maker's way.
    private var isAskedAgain = false
    private var commands: [String] = []
    /// Empty: it is left in peace before the first command.
    private var asked = ""
    private var stream = ShieldedStream()
    private var farewell = ModemFarewell()
    private var text = ""
    /// The line feed behind CONNECT is no sample.
    private var dropsLineFeed = false
    private var caller = ModemCaller()
    private var ringEnds: Int64?
    private var inUseEnds: Int64?
    private var wantsLine = false
    private let country: String?

    private static let answerMilliseconds: Int64 = 3_000
    /// From RING to what must be the pause behind it.
    private static let ringMilliseconds: Int64 = 2_500
    /// To leave the duplex mode, each time it is asked.
    private static let leaveMilliseconds: Int64 = 500
    /// Behind the end of the duplex mode, for a result and the rest of the samples.
    private static let pauseMilliseconds: Int64 = 300
    /// Without a sample in a call.
    private static let silentMilliseconds: Int64 = 2_000
    private static let longestLine = 256
    /// So long after another phone was told of the line is held to be in use, where nothing is told of its end.
    private static let inUseMilliseconds: Int64 = 10_000
    /// V.253: no presumed hang-up in silence; whoever only listens is silent.
    private static let noSilence = "AT+VSD=128,0"
    /// Conexant: tells of a line in use, of an extension that is lifted, and of the far end's hanging up.
    private static let lineSense = "AT-STE=7"

    private static let onHook = ["AT+VLS=0", "ATH"]

    init(country: String?) { self.country = country }

    mutating func start(now: Int64) -> [Output] {
        // Another program may have left it with results as numbers, or without any.
        commands = ["ATE0Q0V1"] + Self.onHook + ["AT&F0", "ATE0V1"] + (country.map { ["AT+GCI=\($0)"] } ?? [])
        commands += ["AT+VCID=1", "AT+FCLASS=8", Self.noSilence, Self.lineSense, "AT+VSM=?"]
        deadline = now &+ Self.pauseMilliseconds
        return [.send(ModemFormat.endings)]
    }

    /// Takes the line, or lets it go.
    mutating func seize(_ takes: Bool, now: Int64) -> [Output] {
        wantsLine = takes
        return follow(now: now)
    }

    /// When `expire` has something to do.
    var nextDeadline: Int64? { [deadline, caller.deadline, ringEnds, inUseEnds].compactMap { $0 }.min() }

    /// Another phone was told of, not long ago.
    var isLineInUse: Bool { inUseEnds != nil }

    private mutating func follow(now: Int64) -> [Output] {
        switch (state, wantsLine) {
        case (.onHook, true):
            state = .takingLine
            commands = ["AT+FCLASS=8", format.selection, Self.noSilence, "AT+VLS=1", "AT+VTR"]
            return next(now: now)
        case (.talking, false):
            leave(hasLeft: false, now: now)
            return [.duplex(false), .send(format.ending)]
        default: return []
        }
    }

    private mutating func leave(hasLeft: Bool, now: Int64) {
        state = .leaving
        self.hasLeft = hasLeft
        isAskedAgain = false
        deadline = now &+ (hasLeft ? Self.pauseMilliseconds : Self.leaveMilliseconds)
    }

    private mutating func next(now: Int64) -> [Output] {
        guard !commands.isEmpty else {
            // Taking the line ends with CONNECT, by the deadline of the last command.
            guard state == .starting || state == .hangingUp else { return [] }
            deadline = nil
            state = .onHook
            return follow(now: now)
        }
        asked = commands.removeFirst()
        deadline = now &+ Self.answerMilliseconds
        return [.send(Array((asked + "\r").utf8))]
    }

    // MARK: - What comes in

    mutating func take(_ bytes: [UInt8], now: Int64) -> [Output] {
        var outputs: [Output] = []
        var rest = bytes[...]
        // CONNECT ends the text within a piece, and a code the samples.
        while !rest.isEmpty { outputs += sendsSamples ? takeSamples(&rest, now: now) : takeText(&rest, now: now) }
        return outputs
    }

    private var sendsSamples: Bool { state == .talking || state == .leaving && !hasLeft }

    private mutating func takeSamples(_ bytes: inout ArraySlice<UInt8>, now: Int64) -> [Output] {
        let isHeard = state == .talking
        var data: [UInt8] = []
        var told: [Output] = []
        while sendsSamples, let byte = bytes.popFirst() {
            defer { dropsLineFeed = false }
            if dropsLineFeed, byte == 10 { continue }
            var codes: [UInt8] = []
            stream.take(CollectionOfOne(byte), data: &data, codes: &codes)
            for code in codes { told += heard(code, now: now) }
            if farewell.take(byte) { told += ended(now: now) }
        }
        guard isHeard, !data.isEmpty else { return told }
        if state == .talking { deadline = now &+ Self.silentMilliseconds }
        return [.samples(data)] + told
    }

    private mutating func takeText(_ bytes: inout ArraySlice<UInt8>, now: Int64) -> [Output] {
        var outputs: [Output] = []
        while !sendsSamples, let byte = bytes.popFirst() {
            var data: [UInt8] = []
            var codes: [UInt8] = []
            stream.take(CollectionOfOne(byte), data: &data, codes: &codes)
            for code in codes { outputs += heard(code, now: now) }
            for byte in data { outputs += typed(byte, now: now) }
        }
        return outputs
    }

    /// The modem has left the duplex mode: by itself it lets the line go as well, or is to.
    private mutating func ended(now: Int64) -> [Output] {
        let isOurDoing = state == .leaving
        leave(hasLeft: true, now: now)
        text = ""
        guard !isOurDoing else { return [] }
        wantsLine = false
        // Samples that were on their way to it are no command.
        return [.duplex(false), .signal(.ended), .send([13])]
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
        case "OK", "VCON": return accepted(now: now)
        case "CONNECT":
            guard state == .takingLine else { return [] }
            state = .talking
            dropsLineFeed = true
            farewell = ModemFarewell()
            deadline = now &+ Self.silentMilliseconds
            return [.signal(.loop(isClosed: true)), .duplex(true)] + follow(now: now)
        case "ERROR": return refused(now: now)
        case "RING": return ring(now: now)
        case "NO CARRIER", "NO DIALTONE", "BUSY": return state == .takingLine ? giveUp(now: now) : []
        case "LINE IN USE": return state == .takingLine ? giveUp(isInUse: true, now: now) : []
        default: break
        }
        if asked == "AT+VSM=?", state == .starting { format = ModemFormat(offered: line) }
        caller.take(line, now: now)
        return []
    }

    private mutating func accepted(now: Int64) -> [Output] {
        switch state {
        case .starting: asked.isEmpty ? [] : next(now: now)
        case .leaving: hangUp(now: now)
        case .takingLine, .hangingUp: next(now: now)
        case .onHook, .talking, .failed: []
        }
    }

    private mutating func tellCaller() -> [Output] { caller.told().map { [.signal($0)] } ?? [] }

    private mutating func ring(now: Int64) -> [Output] {
        let isNew = ringEnds == nil
        ringEnds = now &+ Self.ringMilliseconds
        return tellCaller() + (isNew ? [.signal(.ring(true))] : [])
    }

    private mutating func refused(now: Int64) -> [Output] {
        switch state {
        case .takingLine: return isOptional ? next(now: now) : giveUp(now: now)
        case .hangingUp: return next(now: now)
        case .starting:
            if asked.isEmpty { return [] }
            if isOptional { return next(now: now) }
            state = .failed("it answers \(asked) with ERROR: is it a voice modem?")
            deadline = nil
            return []
        // To the rest of samples, for it no command.
        case .onHook, .talking, .leaving, .failed: return []
        }
    }

    /// Not every modem knows countries or caller-ID, or hangs up what it has not taken; without voice it is no line.
    private var isOptional: Bool {
        asked.hasPrefix("AT+GCI") || asked.hasPrefix("AT+VCID") || Self.onHook.contains(asked)
            || [Self.noSilence, Self.lineSense, "AT+VSM=?"].contains(asked)
    }

    /// The line is not to be had. It is not asked for again before somebody wants it anew.
    private mutating func giveUp(isInUse: Bool = false, now: Int64) -> [Output] {
        wantsLine = false
        return [.signal(.notTaken(isInUse: isInUse))] + hangUp(now: now)
    }

    private mutating func hangUp(now: Int64) -> [Output] {
        state = .hangingUp
        commands = Self.onHook
        return [.signal(.loop(isClosed: false))] + next(now: now)
    }

    private mutating func heard(_ code: UInt8, now: Int64) -> [Output] {
        if state == .starting {
            if code == ShieldedStream.endOfText, asked.isEmpty { deadline = now &+ Self.pauseMilliseconds }
            // The others are of a call that is none of ours.
            guard code == UInt8(ascii: "P") || code == UInt8(ascii: "p") else { return [] }
        }
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
        case "\u{03}": return state == .leaving || state == .talking ? ended(now: now) : []
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
        if let due = caller.deadline, now >= due { outputs += tellCaller() }
        if let inUseEnds, now >= inUseEnds {
            self.inUseEnds = nil
            outputs.append(.signal(.lineInUse(false)))
        }
        guard let deadline, now >= deadline else { return outputs }
        self.deadline = nil
        switch state {
        case .starting where asked.isEmpty: outputs += next(now: now)
        // Another maker's, or the end was lost.
        case .leaving where !hasLeft && !isAskedAgain:
            isAskedAgain = true
            self.deadline = now &+ Self.leaveMilliseconds
            outputs.append(.send(ModemFormat.endings))
        // Some say nothing more.
        case .leaving: outputs += hangUp(now: now)
        case .talking: state = .failed("it sends no sound any more")
        case .starting, .takingLine, .hangingUp: state = .failed("it does not answer \(asked)")
        case .onHook, .failed: break
        }
        return outputs
    }
}
