// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A person with a SIP phone, for tests, the demo and the bench: calls, speaks what it is given, presses digits, and
/// keeps everything it hears with arrival times. Plain SIP over UDP (RFC 3261), RTP (RFC 3550), telephone-event
/// (RFC 4733); no registration, no authentication, IPv4 only.
///
/// Unchecked: everything mutable is guarded by its group's lock (`CallerThread`).
package final class SIPCaller: @unchecked Sendable {
    package let name: String
    package let codec: CallerCodec
    let server: SocketAddress
    let milliseconds: Int
    let signalling: UDPSocket
    let media: UDPSocket
    unowned let thread: CallerThread

    /// A bad network between this phone and the exchange; to be set before `call`. Its audio goes that way, and what is
    /// lost on the way back is reported (RTCP).
    package var relay: MediaRelay? {
        get { thread.locked { relayStore } }
        set { thread.locked { relayStore = newValue } }
    }
    var relayStore: MediaRelay?
    var dialog = CallerDialog()
    var sound: CallerSound

    init(
        name: String, server: SocketAddress, codec: CallerCodec, milliseconds: Int, rtpPort: UInt16,
        host: String, thread: CallerThread
    ) throws(CallerError) {
        self.name = name
        self.server = server
        self.codec = codec
        self.milliseconds = milliseconds
        self.thread = thread
        signalling = try UDPSocket(host: host)
        media = try UDPSocket(host: host, port: rtpPort)
        sound = CallerSound(codec: codec, milliseconds: milliseconds)
    }

    // MARK: a call's life

    /// Address and port, for people.
    package var serverText: String { server.description }

    /// Sends an INVITE to `user` at the server. With `offer` false the INVITE has no SDP and the ACK carries the answer.
    package func call(_ user: String, offer: Bool = true) {
        thread.locked { invite(user, offer: offer) }
    }

    /// Waits until answered.
    /// - Throws: `notAnswered` with how far it got.
    package func answered(within seconds: Double = 5) async throws(CallerError) {
        let isUp = await wait(seconds) { $0 == .up || $0.isOver }
        let phase = self.phase
        guard isUp, phase == .up else { throw .notAnswered(name: name, phase) }
    }

    /// Waits until the phase is such, at most so long. False when time is over.
    package func wait(_ seconds: Double, for condition: @Sendable (CallerPhase) -> Bool) async -> Bool {
        let end = MonotonicClock.now + Int64(seconds * 1e9)
        while !condition(phase) {
            if MonotonicClock.now > end { return false }
            try? await Task.sleep(nanoseconds: 5_000_000)
        }
        return true
    }

    package var phase: CallerPhase { thread.locked { dialog.phase } }
    /// From INVITE to its final answer, in milliseconds.
    package var setupMilliseconds: Double? { thread.locked { dialog.setupMilliseconds } }
    /// Every final answer to INVITEs, in order.
    package var answers: [Int] { thread.locked { dialog.answers } }
    /// The answer's session description, as it came.
    package var answerSDP: String { thread.locked { dialog.answerSDP } }

    package func hangUp() {
        thread.locked { sayBye() }
    }

    /// CANCEL for a call that is not answered yet.
    package func cancel() {
        thread.locked { sendCancel() }
    }

    /// A re-INVITE that puts the call on hold, or takes it back.
    package func hold(_ isHeld: Bool) {
        thread.locked { reinvite(isHeld ? .sendonly : .sendrecv) }
    }

    /// A digit by SIP INFO (application/dtmf-relay).
    package func info(_ digit: Character) {
        thread.locked { sendInfo(digit) }
    }

    // MARK: sound

    /// Speaks from the next packet on; looped or once, then faint noise. Empty: quiet at once.
    package func speak(_ samples: [Int16], loop: Bool = false) {
        thread.locked { sound.speak(samples, loop: loop) }
    }

    /// Presses digits (RFC 4733), 100 ms each and 80 ms apart.
    package func press(_ digits: String) {
        thread.locked { sound.press(digits) }
    }

    /// Waits until all digits are sent.
    package func pressed(within seconds: Double = 10) async {
        let end = MonotonicClock.now + Int64(seconds * 1e9)
        while thread.locked({ sound.isPressing }), MonotonicClock.now < end {
            try? await Task.sleep(nanoseconds: 10_000_000)
        }
    }

    /// Where this phone's packets lie: nanoseconds behind the full packet intervals of CLOCK_MONOTONIC. Before `call`.
    package func setPhase(nanoseconds: Int64) {
        thread.locked { sound.phase = nanoseconds }
    }

    /// The clock error of this phone, in parts per million. Before `call`.
    package func setClockError(ppm: Double) {
        thread.locked { sound.setClockError(ppm: ppm) }
    }

    package var heard: Recording { thread.locked { sound.heard } }
    package var sent: Recording { thread.locked { sound.sent } }
    /// Seconds of its speech that were said when the recordings were cleared.
    package var secondsSaidBefore: Double { thread.locked { Double(sound.speechAtClear) / Double(codec.rate) } }
    /// Telephone events that came in, as digits.
    package var heardDigits: String { thread.locked { sound.heardDigits } }
    /// Opus packets that brought a copy of the frame before them (FEC), and all.
    package var opusCopies: (with: Int, all: Int) { thread.locked { sound.opusCopies } }
    /// RTCP sender reports that came in.
    package var senderReports: Int { thread.locked { sound.reports.senderReports } }
    /// Comfort noise packets that came in.
    package var comfortNoisePackets: Int { thread.locked { sound.comfortNoisePackets } }
    /// Packets with a payload type that was not agreed on.
    package var strangePackets: Int { thread.locked { sound.strangePackets } }

    /// Forgets what was heard and sent so far; the time lines go on.
    package func clearRecordings() {
        thread.locked { sound.clear() }
    }

    // MARK: the thread's side, under the lock

    /// What is due now: resends and RTP. Returns when it wants to be called again.
    func work(_ now: Int64) -> Int64 {
        let resend = workSignalling(now)
        guard dialog.phase == .up, let remote = relayStore?.inside ?? dialog.remoteMedia else { return resend }
        if relayStore != nil { sound.report(now, from: media, to: remote) }
        return min(resend, sound.send(now, from: media, to: remote, events: dialog.telephoneEvent, thread: thread))
    }

    func drain(media isMedia: Bool) {
        for _ in 0..<64 {
            guard let datagram = (isMedia ? media : signalling).receive() else { return }
            if isMedia {
                sound.hear(datagram, events: dialog.telephoneEvent)
            } else if let text = SIPText(datagram.bytes) {
                receive(text, from: datagram.source)
            }
        }
    }
}
