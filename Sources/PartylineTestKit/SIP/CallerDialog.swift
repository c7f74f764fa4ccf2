// SPDX-License-Identifier: Apache-2.0

/// The dialog of a test caller: what RFC 3261 wants remembered.
struct CallerDialog {
    var phase = CallerPhase.idle
    var user = ""
    var callID = ""
    var localTag = ""
    var remoteTag: String?
    var remoteContact: String?
    var routes: [String] = []
    var sequence = 0
    var branch = 0
    var inviteBranch = ""
    var inviteSequence = 0
    /// The request that is sent again until something comes back (timer A, E).
    var pending: Pending?
    var sdpVersion = 0
    var hasOffered = true
    var direction = SessionText.Direction.sendrecv
    var answers: [Int] = []
    var answerSDP = ""
    var invitedAt: Int64 = 0
    var setupMilliseconds: Double?
    var remoteMedia: SocketAddress?
    var telephoneEvent: UInt8?

    struct Pending {
        var bytes: [UInt8]
        var method: String
        var due: Int64
        var interval: Int64
        var tries: Int
    }
}
