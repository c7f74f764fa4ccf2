// SPDX-License-Identifier: Apache-2.0
import CVirtualLine
import Glibc

/// The telephone's side of a virtual line: hook switch, bell, and the audio of both directions by absolute frames of the
/// card's clock (which runs since the line was made, and never backwards). Any thread.
///
///     telephone --inject(at:)--> capture of the PCM --> box
///     telephone <---heard()---- playback of the PCM <-- box
package final class VirtualLine: @unchecked Sendable {
    package let name: String
    package let sampleRate: Int
    /// The clock moves by `advance` only.
    package let isManual: Bool
    /// How many frames of past and future can be addressed.
    package static let reach = Int(VLINE_RING_FRAMES)

    // Made and freed with this object; its functions lock for themselves.
    private let owner: OpaquePointer

    /// Rates: 8000, 16000, 48000. `socket` is the file that the ALSA plugins connect to (107 characters at most).
    init(name: String, socket: String, sampleRate: Int, isManual: Bool) throws(LineError) {
        guard let owner = vline_owner_create(socket, Int32(clamping: sampleRate), isManual ? 1 : 0) else {
            throw LineError(
                code: errno, device: name, stage: "make a virtual line at \(socket)",
                remedy: "the folder must exist, be writable and its path short (107 characters with the name)")
        }
        self.owner = owner
        self.name = name
        self.sampleRate = sampleRate
        self.isManual = isManual
    }

    deinit { vline_owner_destroy(owner) }

    /// Readable when `serve` has something to do.
    var descriptor: Int32 { vline_owner_descriptor(owner) }

    func serve() { _ = vline_owner_serve(owner) }

    // MARK: - Hook and bell

    package var isOffHook: Bool {
        get { vline_owner_control(owner, VLINE_OFF_HOOK) != 0 }
        set { vline_owner_set_control(owner, VLINE_OFF_HOOK, newValue ? 1 : 0) }
    }

    /// The bell rings at this moment (off in the pauses of the cadence).
    package var isRinging: Bool { vline_owner_control(owner, VLINE_RING) != 0 }

    // What only a landline has, set by the exchange at its other end.

    /// The bell's current is on the line.
    package func setRinging(_ rings: Bool) { vline_owner_set_control(owner, VLINE_RING, rings ? 1 : 0) }
    package func setLoop(isClosed: Bool) { vline_owner_set_control(owner, VLINE_LOOP, isClosed ? 1 : 0) }
    package var isLoopClosed: Bool { vline_owner_control(owner, VLINE_LOOP) != 0 }
    package func setPolarity(isReversed: Bool) { vline_owner_set_control(owner, VLINE_POLARITY, isReversed ? 1 : 0) }
    /// Another telephone on the same pair is off-hook.
    package func setInUse(_ isInUse: Bool) { vline_owner_set_control(owner, VLINE_IN_USE, isInUse ? 1 : 0) }
    /// The box has asked for the audio of the line on-hook, as interfaces want it whose bell is heard.
    /// To be set where it stands for an interface that always passes it.
    package var isHeardOnHook: Bool {
        get { vline_owner_control(owner, VLINE_CALLER_ID) != 0 }
        set { vline_owner_set_control(owner, VLINE_CALLER_ID, newValue ? 1 : 0) }
    }

    /// Takes the card away, as if it were pulled out: who has it open gets POLLHUP and ENODEV at once.
    package func unplug() { _ = vline_owner_plug(owner, 0) }

    /// The card is back; what was open stays dead and has to be opened again.
    package func replug() throws(LineError) {
        let result = vline_owner_plug(owner, 1)
        guard result == 0 else {
            throw LineError(
                code: result, device: name, stage: "plug the virtual line in again", remedy: "see its folder")
        }
    }

    // MARK: - Clock

    /// The frame that the card's clock has come to.
    package var frame: Int64 { vline_owner_frame(owner) }

    /// How much faster than the machine's the card's crystal is.
    package func setPPM(_ ppm: Double) { vline_owner_set_ppm(owner, max(-100_000, min(100_000, ppm))) }

    /// The card's clock stands still for so long (a USB hiccup).
    package func stall(milliseconds: Int) {
        vline_owner_stall(owner, Int64(max(0, min(milliseconds, 60_000))) * 1_000_000)
    }

    /// Manual lines: moves the clock on.
    package func advance(frames: Int64) {
        advance(ticks: frames * (VLINE_TICKS_PER_SECOND / Int64(sampleRate)))
    }

    /// Manual lines: moves the clock on by a time as the machine's clock counts it, for a crystal that is off by `ppm`.
    /// What is left over of a tick is the caller's to carry: it is less than 21 ns.
    package func advance(nanoseconds: Int64, ppm: Double) {
        advance(ticks: Int64(Double(nanoseconds) * 0.048 * (1 + ppm * 1e-6)))
    }

    /// In 1/48000000 s.
    package func advance(ticks: Int64) { vline_owner_advance(owner, max(0, ticks)) }

    // MARK: - Audio

    /// Puts samples on the line towards the box, so that they are captured at that frame and after it. Up to `reach` frames
    /// ahead; what lies in the past is not heard any more.
    package func inject(_ samples: [Int16], at frame: Int64) {
        samples.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            vline_owner_inject(owner, max(0, frame), base, Int64(min(buffer.count, Self.reach)))
        }
    }

    /// What the box has played towards the telephone at these frames; silence where it played nothing.
    package func heard(_ frames: Range<Int64>) -> [Int16] { listen(VLINE_FROM_BOX, frames) }

    /// What the telephone has said at these frames.
    package func spoken(_ frames: Range<Int64>) -> [Int16] { listen(VLINE_TO_BOX, frames) }

    private func listen(_ direction: vline_direction, _ frames: Range<Int64>) -> [Int16] {
        let count = min(frames.count, Self.reach)
        return [Int16](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            vline_owner_listen(owner, direction, frames.lowerBound, base, Int64(count))
            initialized = count
        }
    }

    /// The telephone's mouth at its ear: what the box plays comes back so many frames later. Nil: off.
    package func loopBack(after frames: Int?) {
        vline_owner_set_loop(owner, frames.map { Int32(clamping: max(0, $0)) } ?? -1)
    }

    // MARK: - What the box does

    package struct Stream: Sendable, Hashable {
        package var isRunning: Bool
        package var periodFrames: Int
        package var bufferFrames: Int
        package var starts: Int
        package var xruns: Int
        /// Absolute frame at which it started last, and up to which the box has read or written.
        package var start: Int64
        package var end: Int64
    }

    package var capture: Stream { stream(VLINE_TO_BOX) }
    package var playback: Stream { stream(VLINE_FROM_BOX) }
    /// How many programs have the controls open.
    package var controlClients: Int { Int(vline_owner_client_count(owner, VLINE_CLIENT_CONTROL)) }

    private func stream(_ direction: vline_direction) -> Stream {
        let state = vline_owner_stream(owner, direction)
        return Stream(
            isRunning: state.is_running != 0, periodFrames: Int(state.period_frames),
            bufferFrames: Int(state.buffer_frames),
            starts: Int(state.starts), xruns: Int(state.xruns), start: state.start, end: state.end)
    }
}
