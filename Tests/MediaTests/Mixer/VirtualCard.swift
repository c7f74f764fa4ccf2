// SPDX-License-Identifier: Apache-2.0
import CLinux

@testable import Media

/// A sound card on a clock of its own, in virtual time: captures what `voice` says, keeps what is played.
final class VirtualCard {
    let sampleRate: Int
    let ppm: Double
    /// The pointer moves in steps of so many frames.
    let pointerStep: Int64
    var now: Int64 = 0
    var voice: ((Int64) -> Int16)?
    /// Errno to fail with, 0: works.
    var failure: Int32 = 0
    private(set) var played: [Int16] = []
    /// Writes that came when everything before had been played already.
    private(set) var underruns = 0
    private var read: Int64 = 0
    private var origin: Int64?
    /// When the card consumes (or captured) the frame with this number.
    func time(of frame: Int64) -> Int64 {
        (origin ?? 0) + Int64(Double(frame) * 1e9 / (Double(sampleRate) * (1 + ppm / 1e6)))
    }

    init(sampleRate: Int, ppm: Double = 0, pointerStep: Int64 = 8) {
        self.sampleRate = sampleRate
        self.ppm = ppm
        self.pointerStep = pointerStep
        played.reserveCapacity(sampleRate * 10)
    }

    private func exact(_ time: Int64) -> Double {
        let start = origin ?? time
        origin = start
        return Double(time - start) * Double(sampleRate) * (1 + ppm / 1e6) / 1e9
    }

    /// The pointer as the kernel shows it, and when it last moved.
    private func pointer(_ time: Int64) -> (frames: Int64, at: Int64) {
        let frames = Int64(exact(time)) / pointerStep * pointerStep
        return (frames, max(self.time(of: frames), origin ?? 0))
    }

    private static func card(_ context: UnsafeMutableRawPointer) -> VirtualCard {
        Unmanaged<VirtualCard>.fromOpaque(context).takeUnretainedValue()
    }

    var functions: CardFunctions {
        CardFunctions(
            context: Unmanaged.passUnretained(self).toOpaque(), sampleRate: sampleRate,
            capture: { context, target, count in
                let card = VirtualCard.card(context)
                if card.failure != 0 { return -card.failure }
                let ready = min(Int64(count), card.pointer(card.now).frames - card.read)
                for index in 0..<max(0, ready) { target[Int(index)] = card.voice?(card.read + index) ?? 0 }
                card.read += max(0, ready)
                return Int32(max(0, ready))
            },
            play: { context, source, count in
                let card = VirtualCard.card(context)
                if card.failure != 0 { return -card.failure }
                if Double(card.played.count) < card.exact(card.now), !card.played.isEmpty { card.underruns += 1 }
                card.played.append(contentsOf: UnsafeBufferPointer(start: source, count: Int(count)))
                return count
            },
            capturePosition: { context, now, position in
                let card = VirtualCard.card(context)
                if card.failure != 0 { return -card.failure }
                let pointer = card.pointer(now)
                position.pointee = CardPosition(
                    frames: pointer.frames, time_ns: pointer.at, queued: pointer.frames - card.read)
                return 0
            },
            playPosition: { context, now, position in
                let card = VirtualCard.card(context)
                if card.failure != 0 { return -card.failure }
                let pointer = card.pointer(now)
                position.pointee = CardPosition(
                    frames: pointer.frames, time_ns: pointer.at, queued: Int64(card.played.count) - pointer.frames)
                return 0
            })
    }
}
