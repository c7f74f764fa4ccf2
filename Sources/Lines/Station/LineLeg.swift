// SPDX-License-Identifier: Apache-2.0
import Synchronization
package import Telephony

/// One use of a line as the switchboard sees it: the station called somebody (incoming leg), or is being called.
package final class LineLeg: Leg {
    package let id: LegID
    package var technology: String { "line" }
    package let outsideLine: String?
    package let tellsOfKeys: Bool

    private struct State {
        var port: PortID?
        /// Answered, or over: no ringback tone any more.
        var isSettled = false
        var isConnected = false
        /// Its port serves another call of the telephone.
        var isHeld = false
        /// With what the station was called, while it lasts.
        var request: DialRequest?
    }

    private let state: Mutex<State>
    private let tones: StationTones
    private let ringback: [ToneSegment]
    private let post: @Sendable (LineRequest) -> Void

    init(
        id: LegID, port: PortID?, tones: StationTones, ringback: [ToneSegment], outsideLine: String? = nil,
        tellsOfKeys: Bool = false, post: @escaping @Sendable (LineRequest) -> Void
    ) {
        self.id = id
        state = Mutex(State(port: port))
        self.tones = tones
        self.ringback = ringback
        self.outsideLine = outsideLine
        self.tellsOfKeys = tellsOfKeys
        self.post = post
    }

    package var port: PortID? { state.withLock { $0.port } }

    /// Both sides talk, or could.
    var isConnected: Bool { state.withLock { $0.isConnected } }

    /// The station was lifted, or comes back to this call. True: it was held.
    @discardableResult
    func adopt(_ port: PortID) -> Bool {
        state.withLock { state in
            defer { state.isHeld = false }
            state.port = port
            state.isConnected = true
            return state.isHeld
        }
    }

    /// The station turns to another call.
    func hold() {
        state.withLock { state in
            state.port = nil
            state.isHeld = true
        }
    }

    /// The station is called: it gets no ringback tone, and whatever tone it hears is not this leg's.
    func isCalled(with request: DialRequest) {
        state.withLock { state in
            state.isSettled = true
            state.request = request
        }
    }

    /// Nil: the station has called.
    var request: DialRequest? { state.withLock { $0.request } }

    /// The leg is over; its port with it.
    func end() {
        state.withLock { state in
            state.isSettled = true
            state.port = nil
            state.request = nil
        }
    }

    package func ring(_ headers: [HeaderField]) {
        state.withLock { state in
            guard !state.isSettled, let port = state.port else { return }
            tones.play(ringback, on: port)
        }
    }

    package func startEarlyMedia(_ headers: [HeaderField]) { settle() }

    package func answer(_ headers: [HeaderField]) {
        settle()
        state.withLock { $0.isConnected = true }
        post(.answered(id))
    }

    package func reject(status: Int, _ headers: [HeaderField]) {
        settle()
        post(.release(id, HangupCause(sipStatus: status)))
    }

    package func hangUp(_ cause: HangupCause, _ headers: [HeaderField]) {
        settle()
        post(.release(id, cause))
    }

    package func refuseConference() { post(.conferenceRefused(id)) }

    /// A telephone has nowhere to show them.
    package func sendInfo(contentType: String, body: String, _ headers: [HeaderField]) {}
    package func sendMessage(_ text: String) {}

    private func settle() {
        state.withLock { state in
            guard !state.isSettled else { return }
            state.isSettled = true
            tones.stop()
        }
    }
}

/// What is asked of a station, in order, on the `lines` thread.
enum LineRequest: Sendable {
    case call(LineLeg, DialRequest)
    case answered(LegID)
    case release(LegID, HangupCause)
    /// The switchboard does not connect this call with the one that the telephone holds.
    case conferenceRefused(LegID)
    case digit(PortID, DTMFDigit)
    case portFailed(PortID, String)
    /// The mix thread gave the card back; the number says which use of it.
    case cardReleased(Int)
    /// Messages wait for this telephone, or no more.
    case messageWaiting(Bool)
    /// From the command line; the answer is called once.
    case question(LandlineQuestion, @Sendable (ControlOutcome) -> Void)
}
