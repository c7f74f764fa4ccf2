// SPDX-License-Identifier: Apache-2.0

import CSpeexDSP
import Foundation
import Glibc
import Testing

@testable import Signals

/// The mix thread writes nothing, whatever the line does: speexdsp would, when its filter has gone astray.
@Suite(.serialized) struct EchoSilenceTests {
    /// What is played and what comes back, so that the filter is wrong all of a sudden.
    enum Upset: String, CaseIterable {
        case upsideDown = "an echo that turns upside down and grows"
        case tone = "an echo of noise, then of a tone from elsewhere"
        case gone = "an echo that is gone"
        case deafening = "square waves as loud as can be"
        case shrill = "a line that shrieks as loud as can be"
    }

    private static let second = 8_000

    private func scene(_ upset: Upset) -> (far: [Int16], near: [Int16]) {
        var generator = SeededGenerator(state: 12)
        let count = Self.second * 12
        var far = (0..<count).map { _ in Int16.random(in: -6_000...6_000, using: &generator) }
        var near = [Int16](repeating: 0, count: count)
        for index in 0..<count {
            // Three seconds to learn, then every second another way.
            let isUpset = index > 3 * Self.second && (index / Self.second) % 2 == 1
            if isUpset, upset == .tone { far[index] = Int16(8_000 * sin(2 * .pi * 425 * Double(index) / 8_000)) }
            if isUpset, upset == .deafening { far[index] = index % 2 == 0 ? 32_767 : -32_768 }
            let echo = index >= 40 ? Double(far[index - 40]) * 0.5 : 0
            let heard: Double =
                switch upset {
                case .upsideDown: isUpset ? -2.5 * echo : echo
                case .tone: isUpset ? -2 * echo : echo
                case .gone: isUpset ? 0 : echo
                case .deafening: echo
                case .shrill: isUpset ? (index % 2 == 0 ? 32_767 : -32_768) : echo
                }
            near[index] = Int16(max(-32_768, min(32_767, heard)))
        }
        return (far, near)
    }

    /// How many lines of the library's are written to standard error meanwhile.
    private func complaints(_ body: () throws -> Void) rethrows -> Int {
        let path = NSTemporaryDirectory() + "complaints-\(UUID().uuidString)"
        defer { unlink(path) }
        let (kept, file) = (dup(2), open(path, O_RDWR | O_CREAT, 0o600))
        dup2(file, 2)
        defer {
            close(kept)
            close(file)
        }
        do {
            defer { dup2(kept, 2) }
            try body()
        }
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        return text.components(separatedBy: "acting funny").count - 1
    }

    @Test func `what makes the library complain makes ours begin anew in silence`() throws {
        var (theirs, resets) = (0, 0)
        for upset in Upset.allCases {
            let (far, near) = scene(upset)
            let alone = complaints {
                guard let state = speex_echo_state_init(20, 256) else { return }
                defer { speex_echo_state_destroy(state) }
                var rate: Int32 = 8_000
                speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
                var left = [Int16](repeating: 0, count: 20)
                near.withUnsafeBufferPointer { near in
                    far.withUnsafeBufferPointer { far in
                        guard let a = near.baseAddress, let b = far.baseAddress else { return }
                        for start in stride(from: 0, to: near.count - 20, by: 20) {
                            speex_echo_cancellation(state, a + start, b + start, &left)
                        }
                    }
                }
            }
            let canceller = try #require(EchoCanceller(sampleRate: 8_000, tailMilliseconds: 32))
            var left = near
            let ours = complaints {
                left.withUnsafeMutableBufferPointer { left in
                    far.withUnsafeBufferPointer { far in
                        guard let a = left.baseAddress, let b = far.baseAddress else { return }
                        for start in stride(from: 0, to: far.count - canceller.block, by: canceller.block) {
                            canceller.process(a + start, far: b + start)
                        }
                    }
                }
            }
            print("\(upset.rawValue): speexdsp complains \(alone) times, ours \(ours); resets: \(canceller.resets)")
            #expect(ours == 0, "\(upset.rawValue)")
            theirs += alone
            resets += canceller.resets
        }
        // Otherwise this test shows nothing.
        #expect(theirs > 0)
        #expect(resets > 0)
    }
}
