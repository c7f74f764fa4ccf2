// SPDX-License-Identifier: Apache-2.0
import CLinux
import Media
import RealTime

/// The samples of a voice modem between the `lines` thread, which talks to it, and the mix thread, which takes it for a sound
/// card. What the modem sends is its clock in both directions.
final class ModemAudio: LineAudio, Sendable {
    /// Half a second each way.
    private static let capacity = 4_096
    private let incoming = SPSCQueue<Int16>(capacity: capacity)
    private let outgoing = SPSCQueue<Int16>(capacity: capacity)
    private let clock = ModemClock()
    let sampleRate = 8_000
    let periodMilliseconds = 20.0

    // MARK: - `lines` thread

    /// Samples from the modem, and as many for it. `missing`: how many of those are silence because nothing was there.
    func exchange(_ samples: [Int16], nanoseconds: Int64) -> (samples: [Int16], missing: Int, lost: Int) {
        var lost = 0
        for sample in samples where !incoming.push(sample) { lost += 1 }
        var answer: [Int16] = []
        answer.reserveCapacity(samples.count)
        while answer.count < samples.count, let sample = outgoing.pop() { answer.append(sample) }
        let missing = samples.count - answer.count
        if missing > 0 { answer += [Int16](repeating: 0, count: missing) }
        clock.advance(captured: Int64(samples.count - lost), played: Int64(answer.count - missing), time: nanoseconds)
        return (answer, missing, lost)
    }

    // MARK: - LineAudio

    func lend() throws(LineError) -> CardFunctions {
        clock.restart()
        while incoming.pop() != nil {}
        return CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: sampleRate, capture: Self.capture,
            play: Self.play, capturePosition: Self.capturePosition, playPosition: Self.playPosition)
    }

    func recover() throws(LineError) { clock.restart() }
    func stop() {}
    var xruns: (overruns: Int, underruns: Int) { (0, 0) }

    // MARK: - Mix thread

    private static func at(_ context: UnsafeMutableRawPointer) -> Unmanaged<ModemAudio> {
        Unmanaged<ModemAudio>.fromOpaque(context)
    }

    private static let capture: @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<Int16>, Int32) -> Int32 =
        {
            context, samples, count in
            at(context)._withUnsafeGuaranteedRef { audio in
                var taken: Int32 = 0
                while taken < count, let sample = audio.incoming.pop() {
                    samples[Int(taken)] = sample
                    taken &+= 1
                }
                return taken
            }
        }

    private static let play: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<Int16>, Int32) -> Int32 = {
        context, samples, count in
        at(context)._withUnsafeGuaranteedRef { audio in
            var taken: Int32 = 0
            while taken < count, audio.outgoing.push(samples[Int(taken)]) { taken &+= 1 }
            return taken
        }
    }

    private static let capturePosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, _, position in
            at(context)._withUnsafeGuaranteedRef { audio in
                let (frames, _, time) = audio.clock.read()
                position.pointee = CardPosition(frames: frames, time_ns: time, queued: 0)
                return 0
            }
        }

    private static let playPosition:
        @convention(c) (UnsafeMutableRawPointer, Int64, UnsafeMutablePointer<CardPosition>) -> Int32 = {
            context, _, position in
            at(context)._withUnsafeGuaranteedRef { audio in
                let (_, played, time) = audio.clock.read()
                position.pointee = CardPosition(frames: played, time_ns: time, queued: 0)
                return 0
            }
        }
}
