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
    /// The interface has a ring detector. Otherwise the bell is in the audio, and that is there on-hook when the box asks for it.
    private let tellsOfBell: Bool
    private var isBellHeard = false

    /// What the subscriber (the box) hears of the exchange.
    package enum Signal: Sendable, Equatable {
        case silence
        case dialTone
        case ringback
        case busy
        case tones([ToneSegment])
    }

    /// How an exchange lets the box know that the other one has hung up.
    package enum Release: String, Sendable, CaseIterable {
        case busyTone = "busy tone"
        case dialTone = "dial tone"
        case loopDrop = "loop drop"
        case polarity
    }

    package private(set) var signal = Signal.silence
    /// What the box has dialled since it seized the line.
    package private(set) var dialled = ""
    /// The one who calls, or is called, is there.
    package internal(set) var isConnected = false
    private var generator: ToneGenerator?
    var speech: [Int16] = []
    private var spokenUpTo: Int64 = 0
    private var heardUpTo: Int64 = 0
    private var digits: DigitReceiver?
    var isSeized = false
    private var seizedAt: Int64 = 0
    private var wasOffHook = false
    private var openedAt: Int64?
    private var pulseCount = 0
    private(set) var recording: [Int16] = []
    var isRinging = false
    /// Japan's way: short bursts of bell, until the box takes the line to be told this.
    var announcement: [Int16]?
    var isAnnouncing = false
    var isReversed = false
    var ringing: Task<Void, Never>?
    private var clock: Task<Void, Never>?
    private static let longestRecording = 600 * 48_000

    /// `echoDB`: the line gives back what the box says, so much weaker, after 4 ms; nil: does not. `tellsOfBell`: the
    /// line's control does; otherwise nothing but the audio.
    package init(_ line: VirtualLine, country: LandlineCountry, echoDB: Double?, tellsOfBell: Bool) {
        self.line = line
        self.tellsOfBell = tellsOfBell
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

    // MARK: - The exchange

    func set(_ next: Signal) {
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
        if !isSeized, !tellsOfBell { passOnHook(&samples, at: spokenUpTo) }
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

    /// The bell's current begins or ends.
    func sound(bell isOn: Bool) {
        guard tellsOfBell else {
            isBellHeard = isOn
            return
        }
        line.setRinging(isOn)
    }

    /// What comes through an interface that hears its bell: 25 Hz at -9 dBm0 over what is said; nothing as long as it is not asked for.
    private func passOnHook(_ samples: inout [Int16], at frame: Int64) {
        guard line.isHeardOnHook else {
            samples = [Int16](repeating: 0, count: samples.count)
            return
        }
        guard isBellHeard else { return }
        for index in samples.indices {
            let angle = 2 * Double.pi * 25 * Double(frame + Int64(index)) / Double(line.sampleRate)
            samples[index] = Int16(max(-32_768, min(32_767, Double(samples[index]) + 8_000 * sin(angle))))
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
        if let message = announcement {
            announcement = nil
            isAnnouncing = true
            stopBell()
            set(.silence)
            speech = [Int16](repeating: 0, count: line.sampleRate / 5) + message
        } else if isRinging {
            stopBell()
            isConnected = true
            set(.silence)
        } else {
            isConnected = false
            set(.dialTone)
        }
    }

    func stopBell() {
        isRinging = false
        ringing?.cancel()
        ringing = nil
        sound(bell: false)
    }

    private func released() {
        if isAnnouncing {
            isAnnouncing = false
            ringOrdinarily()
        }
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
