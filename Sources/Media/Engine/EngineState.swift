// SPDX-License-Identifier: Apache-2.0
import Telephony

/// What the control side knows of the mix thread's tables: which slots are free, and who is in them. Under the engine's lock.
struct EngineState {
    var portSlots: SlotAllocator
    var mixSlots: SlotAllocator
    var playerSlots: SlotAllocator
    var ports: [PortID: MixPort] = [:]
    var players: [PlayerID: PreparedPlayer] = [:]
    /// The sound that was looked at last, for whoever plays it next.
    var ahead: SoundAhead?
    var shares = SoundShares()
    var recorderSlots: SlotAllocator
    var recorders: [RecorderID: EngineRecorder] = [:]
    /// Commands that found the queue full, in order.
    private var backlog: [MixCommand] = []

    init(options: MixOptions, recorders: Int) {
        recorderSlots = SlotAllocator(capacity: recorders)
        portSlots = SlotAllocator(capacity: options.ports)
        mixSlots = SlotAllocator(capacity: options.mixes)
        playerSlots = SlotAllocator(capacity: options.players)
    }

    mutating func send(_ command: MixCommand, into queues: MixQueues) {
        flush(into: queues)
        if !backlog.isEmpty || !queues.send(command) { backlog.append(command) }
    }

    mutating func flush(into queues: MixQueues) {
        var done = 0
        while done < backlog.count, queues.send(backlog[done]) { done += 1 }
        if done > 0 { backlog.removeFirst(done) }
    }
}

/// A recorder as the control side sees it: a port for each channel.
struct EngineRecorder {
    var ports: [PortID]
    var taps: [RecorderTap]
}

/// A player as the control side sees it: where it is heard is remembered until its sound is ready.
struct PreparedPlayer {
    /// Whose share its samples count for; nil: the house's own words.
    let session: SessionID?
    var charged: [ObjectIdentifier] = []
    var isReady = false
    var isPaused = false
    var mixes: [MixID] = []
    var preparation: Task<Void, Never>?

    init(session: SessionID?) { self.session = session }
}

/// Slots with generations: the lowest free slot first, so that the mix thread's tables stay short.
struct SlotAllocator {
    let capacity: Int
    private var generations: [UInt32] = []
    private var isTaken: [Bool] = []
    private var firstMaybeFree = 0
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Nil when all are taken.
    mutating func take() -> (slot: UInt32, generation: UInt32)? {
        var slot = firstMaybeFree
        while slot < isTaken.count, isTaken[slot] { slot += 1 }
        if slot == isTaken.count {
            guard slot < capacity else { return nil }
            generations.append(0)
            isTaken.append(false)
        }
        isTaken[slot] = true
        generations[slot] &+= 1
        firstMaybeFree = slot + 1
        count += 1
        return (UInt32(slot), generations[slot])
    }

    /// False when it was not taken (any more).
    @discardableResult
    mutating func give(slot: UInt32, generation: UInt32) -> Bool {
        let index = Int(slot)
        guard index < isTaken.count, isTaken[index], generations[index] == generation else { return false }
        isTaken[index] = false
        firstMaybeFree = min(firstMaybeFree, index)
        count -= 1
        return true
    }

    func isCurrent(slot: UInt32, generation: UInt32) -> Bool {
        let index = Int(slot)
        return index < isTaken.count && isTaken[index] && generations[index] == generation
    }
}
