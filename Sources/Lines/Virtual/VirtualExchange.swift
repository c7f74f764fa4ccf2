// SPDX-License-Identifier: Apache-2.0
import Foundation
import Signals
package import Telephony

/// The telephone network at the other end of a virtual landline: rings with caller-ID, gives dial tone, takes digits (tones
/// or pulses), rings somebody who answers, sends busy tone when he hangs up, and carries what he says. Everything happens in
/// the line's time.
package actor VirtualExchange {
    package nonisolated let line: VirtualLine
    private let country: LandlineCountry
    private let echoDB: Double?

    /// What the subscriber (the box) hears of the exchange.
    package enum Signal: Sendable, Equatable {
        case silence
        case dialTone
        case ringback
        case busy
        case tones([ToneSegment])
    }

    package private(set) var signal = Signal.silence
    /// What the box has dialled since it seized the line.
    package private(set) var dialled = ""
    /// The one who calls, or is called, is there.
    package private(set) var isConnected = false
    private var generator: ToneGenerator?
    private var speech: [Int16] = []
    private var spokenUpTo: Int64 = 0
    private var heardUpTo: Int64 = 0
    private var digits: DigitReceiver?
    private var isSeized = false
    private var seizedAt: Int64 = 0
    private var wasOffHook = false
    private var openedAt: Int64?
    private var pulseCount = 0
    private var recording: [Int16] = []
    private var isRinging = false
    private var ringing: Task<Void, Never>?
    private var clock: Task<Void, Never>?
    private static let longestRecording = 600 * 48_000

    /// `echoDB`: the line gives back what the box says, so much weaker, after 4 ms; nil: does not.
    package init(_ line: VirtualLine, country: LandlineCountry, echoDB: Double?) {
        self.line = line
        self.country = country
        self.echoDB = echoDB
        digits = DigitReceiver(sampleRate: line.sampleRate)
    }

    deinit {
        clock?.cancel()
        ringing?.cancel()
    }

    /// Begins to serve the line, until `stop`.
    package func start() {
        heardUpTo = line.frame
        clock = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(10))
                await self?.step()
            }
        }
    }

    package func stop() {
        clock?.cancel()
        ringing?.cancel()
    }

    // MARK: - The other subscriber

    /// Calls the box: bell with caller-ID after the first burst, until it answers or `hangUp`.
    package func call(from number: String, name: String) {
        guard !line.isOffHook, ringing == nil else { return }
        var caller = CallerID(kind: .v23)
        caller.number = number
        caller.name = name
        caller.absence = number.isEmpty ? .withheld : nil
        let message = CallerIDSender.samples(caller, .v23, isSingle: false, sampleRate: line.sampleRate)
        isRinging = true
        ringing = Task { [weak self] in
            var isFirst = true
            while !Task.isCancelled, await self?.burst(isFirst ? message : []) == true { isFirst = false }
        }
    }

    /// One second of bell and its pause; false when it is over.
    private func burst(_ message: [Int16]) async -> Bool {
        line.setRinging(true)
        await wait(1_000)
        line.setRinging(false)
        if !message.isEmpty, isRinging {
            await wait(500)
            if isRinging { speech = message }
        }
        await wait(message.isEmpty ? 4_000 : 3_500)
        return isRinging
    }

    private func wait(_ milliseconds: Int64) async {
        let end = line.frame + milliseconds * Int64(line.sampleRate) / 1000
        while line.frame < end, isRinging, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// The one who was called lifts.
    package func answer() {
        guard isSeized, !isConnected else { return }
        isConnected = true
        set(.silence)
    }

    /// The other one hangs up: the bell stops, or the box hears busy tone.
    package func hangUp(with last: Signal = .busy) {
        isRinging = false
        ringing?.cancel()
        ringing = nil
        line.setRinging(false)
        guard isSeized else { return }
        isConnected = false
        speech = []
        set(last)
    }

    /// Says samples at the line's rate, after what is being said.
    package func speak(_ samples: [Int16]) { speech += samples.prefix(60 * 48_000) }

    /// What the other one heard of the box since the line was seized.
    package func heard() -> [Int16] { recording }

    package func send(_ signal: Signal) { set(signal) }

    /// What `partyline line NAME …` asks of the other subscriber; nil: it is none of his.
    package func perform(_ action: String, digits: String) -> ControlOutcome? {
        switch action {
        case "call":
            guard !line.isOffHook, ringing == nil else { return .refused("the line is busy") }
            call(from: digits, name: "")
        case "dial":
            guard isConnected else { return .refused("nobody is connected on this line") }
            speak(
                digits.compactMap(DTMFDigit.init).prefix(64).flatMap {
                    HandsetSignals.dtmf($0, milliseconds: 100, pauseMilliseconds: 100, sampleRate: line.sampleRate)
                })
        case "answer":
            guard isSeized, !isConnected else { return .refused("nobody calls out by this line") }
            answer()
        case "hangup":
            guard isConnected || isRinging else { return .refused("there is no call on this line") }
            hangUp()
        default: return nil
        }
        return .done
    }

    // MARK: - The exchange

    private func set(_ next: Signal) {
        signal = next
        let segments: [ToneSegment]
        switch next {
        case .silence: segments = []
        case .dialTone: segments = country.dial
        case .ringback: segments = country.ringback
        case .busy: segments = country.busy
        case .tones(let own): segments = own
        }
        generator =
            segments.isEmpty ? nil : ToneGenerator(segments.map(Tone.init), repeats: true, sampleRate: line.sampleRate)
    }

    private func step() {
        let now = line.frame
        watchHook(now)
        listen(now)
        // 30 … 60 ms ahead of the card.
        let ahead = now + Int64(line.sampleRate) * 6 / 100
        spokenUpTo = max(spokenUpTo, now + Int64(line.sampleRate) * 3 / 100)
        let count = Int(ahead - spokenUpTo)
        guard count > 0 else { return }
        var samples = [Int16](repeating: 0, count: count)
        if let generator, isSeized {
            samples.withUnsafeMutableBufferPointer { buffer in
                if let base = buffer.baseAddress { _ = generator.fill(base, count: count) }
            }
        } else if !speech.isEmpty {
            let part = speech.prefix(count)
            for (index, sample) in part.enumerated() { samples[index] = sample }
            speech.removeFirst(part.count)
        }
        if isSeized, let echoDB { addEcho(echoDB, to: &samples, at: spokenUpTo) }
        line.inject(samples, at: spokenUpTo)
        spokenUpTo = ahead
    }

    /// The hybrid: what the box says, 64 ms later (this exchange works ahead of the card) and weaker.
    private func addEcho(_ loss: Double, to samples: inout [Int16], at frame: Int64) {
        let delay = Int64(line.sampleRate) * 64 / 1000
        let said = line.heard((frame - delay)..<(frame - delay + Int64(samples.count)))
        let gain = pow(10, -loss / 20)
        for index in 0..<min(said.count, samples.count) {
            samples[index] = Int16(max(-32_768, min(32_767, Double(samples[index]) + Double(said[index]) * gain)))
        }
    }

    private func watchHook(_ now: Int64) {
        let isOffHook = line.isOffHook
        defer { wasOffHook = isOffHook }
        let rate = Int64(line.sampleRate)
        if isOffHook, !wasOffHook {
            if let opened = openedAt, isSeized, now - opened < rate * 200 / 1000 {
                // A dialling pulse, or a flash of the same kind.
                pulseCount += 1
                openedAt = nil
                seizedAt = now
                return
            }
            seized(now)
        } else if !isOffHook, wasOffHook {
            openedAt = now
            line.setLoop(isClosed: false)
        }
        if isOffHook, pulseCount > 0, now - seizedAt > rate * 400 / 1000 {
            dialled += "\(pulseCount % 10)"
            pulseCount = 0
            if signal == .dialTone { set(.silence) }
        }
        if !isOffHook, let opened = openedAt, now - opened > rate * 200 / 1000 { released() }
    }

    private func seized(_ now: Int64) {
        isSeized = true
        seizedAt = now
        openedAt = nil
        dialled = ""
        recording = []
        speech = []
        line.setLoop(isClosed: true)
        if isRinging {
            isRinging = false
            ringing?.cancel()
            ringing = nil
            line.setRinging(false)
            isConnected = true
            set(.silence)
        } else {
            isConnected = false
            set(.dialTone)
        }
    }

    private func released() {
        isSeized = false
        isConnected = false
        openedAt = nil
        pulseCount = 0
        speech = []
        set(.silence)
    }

    private func listen(_ now: Int64) {
        let from = max(heardUpTo, now - Int64(VirtualLine.reach / 2))
        guard now > from else { return }
        var samples = line.heard(from..<now)
        heardUpTo = now
        guard isSeized else { return }
        if recording.count < Self.longestRecording { recording += samples }
        guard !isConnected, let digits else { return }
        let count = samples.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { digits.process($0, count: buffer.count, removes: false) } ?? 0
        }
        for index in 0..<count where digits.event(index).hasBegun {
            dialled.append(DTMFDigit(rawValue: digits.event(index).code)?.character ?? "?")
            if signal == .dialTone { set(.silence) }
        }
    }
}
