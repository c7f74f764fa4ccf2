// SPDX-License-Identifier: Apache-2.0

/// Who is at the end of a call, for reports and records.
struct CallEnd {
    /// As the box sees it.
    var direction: CallStateMachine.Direction
    var peer: String
    var callerNumber: String
    var callerName: String
    var destination: String
    /// Milliseconds of the exchange's clock.
    var beganAt: Int64
    var connectedAt: Int64?

    /// Of the one who is there.
    var number: String { direction == .incoming ? callerNumber : destination }
}

extension Call {
    var end: CallEnd {
        successor
            ?? CallEnd(
                direction: machine.direction, peer: peerName, callerNumber: info.callerNumber,
                callerName: info.callerName, destination: info.destination, beganAt: beganAt, connectedAt: connectedAt)
    }

    /// As it is now: with whom it has been given to talk to.
    var present: CallEnd {
        var end = end
        guard let talksTo else { return end }
        if end.direction == .incoming {
            end.destination = talksTo
        } else {
            end.callerNumber = talksTo
            end.callerName = ""
        }
        return end
    }
}
