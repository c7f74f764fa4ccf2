// SPDX-License-Identifier: Apache-2.0

/// Messages within bounds; the oldest go. A pure value.
struct MessageRing: Sendable {
    let mostMessages: Int
    /// Of the messages as they were on the wire.
    let mostBytes: Int

    private var kept: [TraceLog.Message] = []
    /// Index of the oldest that is still there.
    private var first = 0
    private var bytes = 0

    init(mostMessages: Int, mostBytes: Int) {
        self.mostMessages = mostMessages
        self.mostBytes = mostBytes
    }

    /// The oldest first.
    var messages: ArraySlice<TraceLog.Message> { kept[first...] }

    mutating func append(_ message: TraceLog.Message) {
        kept.append(message)
        bytes += message.bytes.count
        while bytes > mostBytes || kept.count - first > mostMessages {
            bytes -= kept[first].bytes.count
            kept[first].bytes = []
            kept[first].callID = ""
            first += 1
        }
        // Moved up now and then, not for each.
        if first > mostMessages {
            kept.removeFirst(first)
            first = 0
        }
    }

    /// Those that fit, the oldest first; they are taken out.
    mutating func take(where fits: (TraceLog.Message) -> Bool) -> [TraceLog.Message] {
        let taken = messages.filter(fits)
        guard !taken.isEmpty else { return [] }
        kept = messages.filter { !fits($0) }
        first = 0
        bytes = kept.reduce(0) { $0 + $1.bytes.count }
        return taken
    }
}
