// SPDX-License-Identifier: Apache-2.0
import RealTime
import Telephony

/// The mixer: everything that moves samples, stepped by whoever owns the clock (the mix thread, or a test).
///
///     commands --> [ports] --packets--> tracks --pull--> groups --sum, take own out, limit, encode--> ports
///                  [cards]                        ^                                                   cards
///                  [players]                      deadlines (heap)               --> events, retired objects
///
/// Owned by one thread; the queues are the only way in and out. After `init` nothing here allocates or locks.
package final class MixLoop {
    let options: MixOptions
    let queues: MixQueues
    let network: MixNetwork
    let scratch = MixScratch()
    let ports: SlotTable<MixPort>
    let mixes: SlotTable<Mix>
    let players: SlotTable<PlayerSource>
    var deadlines: DeadlineHeap
    var memberships: NodePool<MembershipNode>
    var pulls: NodePool<Pull>
    var counters = MixCounters()
    /// The counters for everybody to read, some times a second.
    let published = SequenceCell(MixCounters())
    /// Next tick of the cards, 0 while there are none.
    var nextCardTick: Int64 = 0
    var cardCount = 0
    /// Next look at ports for what no group asks: digits, levels, time-outs, statistics.
    var nextRound: Int64 = 0

    var roundNumber = 0
    var eventsLostTold: UInt64 = 0

    /// With nothing open the thread sleeps for a second, or until a command comes.
    static let idleRound: Int64 = 1_000_000_000
    /// How often that is, in nanoseconds: short enough for digits of ports that nobody hears.
    static let round: Int64 = 10_000_000

    package init(options: MixOptions, queues: MixQueues, network: MixNetwork) {
        self.options = options
        self.queues = queues
        self.network = network
        ports = SlotTable(capacity: options.ports)
        mixes = SlotTable(capacity: options.mixes)
        players = SlotTable(capacity: options.players)
        deadlines = DeadlineHeap(capacity: options.ports * 2 + options.mixes * Mix.sharedCapacity)
        memberships = NodePool(capacity: options.ports * 4 + options.players * 2)
        pulls = NodePool(capacity: options.ports * 12 + options.players * 8)
    }

    /// Does everything that is due at `now` (nanoseconds) and returns when it wants to be called again at the latest.
    package func step(now: Int64) -> Int64 {
        counters.steps &+= 1
        performCommands(now: now)
        network.drain(now: now)
        if cardCount > 0 && now >= nextCardTick { tickCards(now: now) }
        serveGroups(now: now)
        if now >= nextRound {
            makeRound(now: now)
            published.publish(counters)
        }
        network.flush(now: now)
        queues.signalNews()
        let next = nextInstant(after: now)
        return cardCount > 0 ? min(next, nextCardTick) : next
    }

    /// When groups and the round are served: at the common instant next to the earliest deadline. Before it only as far
    /// as `earliness` allows. The instants do not move, so frames leave as regularly as they are due.
    ///
    /// A crowd is served on instants of its own, since a wake-up costs nothing beside its frames; and what it has sent is
    /// taken in before its deadline: at the deadline everybody in it would wait for that.
    private func nextInstant(after now: Int64) -> Int64 {
        let isCrowd = deadlines.earliestMembers >= options.crowd
        let grid = isCrowd ? max(1, options.crowdInstant) : instant
        var next = nextRound
        if let deadline = deadlines.earliest {
            var due = deadline &- early(grid)
            if isCrowd {
                let leads = options.crowdLeads
                let lead = due &- leads.first > now ? leads.first : leads.second
                if due &- lead > now { due &-= lead }
            }
            // The round goes along with the groups; nothing in it is urgent.
            next = due < nextRound &+ Self.round ? due : nextRound
        }
        return (max(next, now &+ 1) &+ grid &- 1) / grid &* grid
    }

    /// From one common instant to the next.
    var instant: Int64 {
        let count = deadlines.count
        if count <= options.fewGroups { return max(1, options.instants.few) }
        return max(1, count <= options.manyGroups ? options.instants.some : options.instants.many)
    }

    func early(_ grid: Int64) -> Int64 { grid &* options.earliness / 256 }

    private func performCommands(now: Int64) {
        while let command = queues.nextCommand() { perform(command, now: now) }
    }

    private func serveGroups(now: Int64) {
        let latest = now &+ early(instant)
        // Every group once; one that is behind by several frames skips them. Whatever else: the step ends.
        for _ in 0...(deadlines.count / MixScratch.mostDue &+ 1) {
            var count = 0
            while count < MixScratch.mostDue, let group = deadlines.takeDue(by: latest) {
                scratch.due[count] = group
                count &+= 1
            }
            guard count > 0 else { return }
            fetchAhead(count)
            var waiting = 0
            for index in 0..<count {
                let group = scratch.due[index]
                let isServed = group._withUnsafeGuaranteedRef { group in
                    guard group.deadline <= now || isComplete(group) else { return false }
                    serve(group, now: now)
                    return true
                }
                guard !isServed else { continue }
                scratch.due[waiting] = group
                waiting &+= 1
            }
            // Their packets are not there yet: at the instant behind the deadline.
            for index in 0..<waiting { scratch.due[index]._withUnsafeGuaranteedRef { deadlines.schedule($0) } }
            if waiting > 0 { return }
        }
    }

    func post(_ event: MixEvent) {
        if !queues.post(event) { counters.eventsLost &+= 1 }
    }

}
