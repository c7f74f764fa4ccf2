// SPDX-License-Identifier: Apache-2.0

import ScenarioProtocol
import Telephony

/// What waits for the sessions of a worker. Each session gets its own in the order in which it came; a caller who waits to
/// be answered comes before what happens in calls that are answered, but does not shut it out.
struct WorkQueue {
    enum Work {
        case run
        /// A `SessionEvent`, as JSON.
        case event(String)
        case service(ServiceReply)
        case end
    }

    typealias Item = (session: SessionID, work: Work)

    private var fresh = Line()
    private var ordinary = Line()
    /// What waits in `fresh`, by session.
    private var waiting: [SessionID: Int] = [:]
    private var freshInARow = 0

    /// So many of new sessions are done before one of the others is.
    private static let mostInARow = 8

    var isEmpty: Bool { fresh.isEmpty && ordinary.isEmpty }

    /// `isNew`: its scripts have not run yet, or only just.
    mutating func add(_ work: Work, _ session: SessionID, isNew: Bool) {
        // Behind what it has there already.
        if isNew || waiting[session] != nil {
            waiting[session, default: 0] += 1
            fresh.add((session, work))
        } else {
            ordinary.add((session, work))
        }
    }

    mutating func next() -> Item? {
        if freshInARow < Self.mostInARow || ordinary.isEmpty, let item = fresh.next() {
            freshInARow += 1
            let left = (waiting[item.session] ?? 1) - 1
            waiting[item.session] = left > 0 ? left : nil
            return item
        }
        freshInARow = 0
        return ordinary.next()
    }

    /// First in, first out.
    private struct Line {
        private var items: [Item] = []
        private var taken = 0

        var isEmpty: Bool { taken >= items.count }

        mutating func add(_ item: Item) { items.append(item) }

        mutating func next() -> Item? {
            guard taken < items.count else { return nil }
            let item = items[taken]
            taken += 1
            if taken == items.count {
                items.removeAll(keepingCapacity: taken < 1000)
                taken = 0
            } else if taken > 1000 {
                items.removeFirst(taken)
                taken = 0
            }
            return item
        }
    }
}
