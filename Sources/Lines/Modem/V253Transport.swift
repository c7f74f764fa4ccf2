// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Telephony

/// A voice modem on its serial line: seizing, ring, caller-ID, tones and samples. `lines` thread.
final class V253Transport: LineTransport {
    let line = ModemAudio()
    var audio: (any LineAudio)? { line }
    private let file: DeviceFile
    private var dialogue: ModemDialogue
    private var isDuplex = false
    private var rest: [UInt8] = []
    /// What the serial line did not take at once, since when it has taken nothing of it, and when it is tried again.
    private var backlog: [UInt8] = []
    private var blockedSince: Int64 = 0
    private var nextTry: Int64 = 0
    /// Of the call that is being served.
    private var now: Int64 = 0
    private(set) var counters = Counters()
    private var isStarted = false
    private var isGivenUp = false

    struct Counters: Sendable, Hashable {
        /// Samples that were silence because the mixer had none, and that the mixer did not take.
        var missing = 0
        var lost = 0
        /// Samples that the serial line had no room for.
        var unsent = 0
        /// Of the modem's own telling.
        var underruns = 0
        var overruns = 0
    }

    /// With a quarter of a second of samples waiting no more are added: whole pieces are left out, so that the modem loses neither
    /// half a sample nor half a code.
    private static let mostBacklog = 4_096
    private static let tryMilliseconds: Int64 = 10
    /// Nothing taken for so long: it takes nothing any more.
    private static let blockedMilliseconds: Int64 = 1_000

    init(path: String, country: String?) throws(LineError) {
        file = try DeviceFile(path, listing: "ls -l /dev/ttyACM*")
        let result = partyline_serial_raw(file.descriptor)
        guard result >= 0 else {
            throw .device(result, path, stage: "use it as a serial line", listing: "ls -l /dev/ttyACM*")
        }
        // What came for somebody else, be it the rest of a call.
        tcflush(file.descriptor, TCIFLUSH)
        dialogue = ModemDialogue(country: country)
    }

    deinit {
        // A daemon that ends, or gives the modem up, must not hold the line, whatever the modem was doing. Samples that wait would be
        // in the way.
        guard dialogue.state != .onHook else { return }
        // Closing a serial line waits for what it has not sent, half a minute where the modem takes nothing: it gets nothing more then,
        // and hears to leave when it is opened anew.
        let isStuck = isGivenUp && partyline_serial_unsent(file.descriptor) > 0
        tcflush(file.descriptor, TCOFLUSH)
        guard !isStuck else { return }
        file.write(ModemFormat.endings + Array("AT+VLS=0\rATH\r".utf8))
    }

    var descriptors: [Int32] { [file.descriptor] }
    var deadline: Int64? {
        guard isStarted else { return 0 }
        guard !backlog.isEmpty else { return dialogue.nextDeadline }
        return min(nextTry, dialogue.nextDeadline ?? nextTry)
    }
    var state: ModemDialogue.State { dialogue.state }
    /// It has answered all questions.
    var isReady: Bool {
        switch dialogue.state {
        case .starting, .failed: false
        case .onHook, .takingLine, .talking, .leaving, .hangingUp: true
        }
    }
    func isOffHook() throws(LineError) -> Bool? { dialogue.isLineInUse ? true : nil }

    func read(now: Int64) throws(LineError) -> [LineSignal] {
        self.now = now
        var signals: [LineSignal] = []
        for _ in 0..<16 {
            let bytes = try file.read(most: 4_096)
            guard !bytes.isEmpty else { break }
            signals += try perform(dialogue.take(bytes, now: now))
        }
        return signals
    }

    func expire(now: Int64) throws(LineError) -> [LineSignal] {
        self.now = now
        if now >= nextTry { send([]) }
        guard backlog.isEmpty || now &- blockedSince < Self.blockedMilliseconds else {
            throw fault("it takes nothing that it is sent")
        }
        guard isStarted else {
            isStarted = true
            return try perform(dialogue.start(now: now))
        }
        // This thread may have been held up: what came meanwhile came in time.
        let heard = try read(now: now)
        return heard + (try perform(dialogue.expire(now: now)))
    }

    func perform(_ order: LineOrder, now: Int64) {
        guard case .seize(let takes) = order else { return }
        self.now = now
        for output in dialogue.seize(takes, now: now) { _ = perform(output) }
    }

    private func perform(_ outputs: [ModemDialogue.Output]) throws(LineError) -> [LineSignal] {
        let signals = outputs.compactMap { perform($0) }
        if case .failed(let words) = dialogue.state { throw fault(words) }
        return signals
    }

    private func fault(_ words: String) -> LineError {
        isGivenUp = true
        return LineError(
            code: EPROTO, device: file.path, stage: "use it as a voice modem (\(words))",
            remedy: "unplug it and plug it in again, or take another serial line")
    }

    private func perform(_ output: ModemDialogue.Output) -> LineSignal? {
        switch output {
        case .send(let bytes): send(bytes)
        case .signal(let signal): return signal
        case .samples(let data): exchange(data)
        case .duplex(let begins):
            isDuplex = begins
            line.setDuplex(begins, nanoseconds: partyline_now())
            rest = []
            // Samples are of no use to a modem that has left; where we end it, they are whole before the code that does.
            if !begins, dialogue.hasLeft { backlog = [] }
        case .underrun: counters.underruns += 1
        case .overrun: counters.overruns += 1
        }
        return nil
    }

    /// One sample out for each that came in: the modem's crystal is the clock of both directions.
    private func exchange(_ data: [UInt8]) {
        guard isDuplex else { return }
        let samples = dialogue.format.samples(data, rest: &rest)
        let result = line.exchange(samples, nanoseconds: partyline_now())
        counters.missing += result.missing
        counters.lost += result.lost
        guard backlog.count < Self.mostBacklog else {
            counters.unsent += result.samples.count
            return
        }
        send(ShieldedStream.shielded(dialogue.format.bytes(result.samples)))
    }

    private func send(_ bytes: [UInt8]) {
        if backlog.isEmpty { blockedSince = now }
        backlog += bytes
        guard !backlog.isEmpty else { return }
        nextTry = now &+ Self.tryMilliseconds
        let taken = file.write(backlog)
        guard taken > 0 else { return }
        backlog.removeFirst(min(taken, backlog.count))
        blockedSince = now
    }

    /// For a modem whose owner died, maybe in the middle of a call: both makers' ways out of the duplex mode, then on-hook.
    /// Takes a second, at most two.
    static func putOnHook(path: String) throws(LineError) {
        let file = try DeviceFile(path, listing: "ls -l /dev/ttyACM*")
        let result = partyline_serial_raw(file.descriptor)
        guard result >= 0 else {
            throw .device(result, path, stage: "use it as a serial line", listing: "ls -l /dev/ttyACM*")
        }
        tcflush(file.descriptor, TCOFLUSH)
        file.write(ModemFormat.endings)
        for command in ["", "AT+VLS=0", "ATH"] {
            usleep(200_000)
            // Samples and answers that wait would stop the modem's sending.
            for _ in 0..<64 where try file.read(most: 4_096).isEmpty { break }
            file.write(Array((command + "\r").utf8))
        }
        usleep(200_000)
        let answer = try file.read(most: 4_096)
        guard String(decoding: answer, as: UTF8.self).contains("OK") else {
            throw LineError(
                code: EPROTO, device: path, stage: "put it on-hook (it does not answer)",
                remedy: "unplug it and plug it in again")
        }
    }
}
