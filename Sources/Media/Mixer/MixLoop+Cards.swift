// SPDX-License-Identifier: Apache-2.0

extension MixLoop {
    /// Ticks that are made up for when the thread comes late: what the cards' reserve can bridge. Older ones are left out.
    static let mostTicksLate8 = 160

    /// One tick of the wheel: every card is read, then every card's frame is made and written. When ticks were missed
    /// their frames follow at once, so that the cards have again what they should have.
    func tickCards(now: Int64) {
        let tick = nanoseconds(options.cardTick8)
        let missed = max(0, now &- nextCardTick) / tick
        let late = min(missed, Int64(Self.mostTicksLate8 / options.cardTick8))
        counters.framesSkipped &+= UInt64(missed &- late)
        nextCardTick &+= (missed &- late) &* tick
        for slot in 0..<ports.used {
            guard let port = ports[slot], let card = port.card else { continue }
            card.capture(now: now)
            if card.hasFailed { retireCard(port, card) }
        }
        for step in 0...late {
            playTick(due: nextCardTick, behind8: Int(late &- step) &* options.cardTick8, now: now)
            nextCardTick &+= tick
        }
        for slot in 0..<ports.used {
            guard let port = ports[slot], let card = port.card, card.hasFailed else { continue }
            retireCard(port, card)
        }
    }

    private func playTick(due: Int64, behind8: Int, now: Int64) {
        for slot in 0..<ports.used {
            ports[slot]?.card?.beginTick(due: due, behind8: behind8)
        }
        for slot in 0..<ports.used {
            guard let port = ports[slot], port.card != nil, let group = port.group, group.deadline <= due else {
                continue
            }
            // In a shared group the first member serves for all.
            group.deadline = due
            serve(group, now: now)
        }
    }

    /// The card failed: none of its functions is called until it is resumed.
    private func retireCard(_ port: MixPort, _ card: CardLine) {
        guard port.group != nil || !port.watch.isCardReported else { return }
        leaveGroup(port)
        guard !port.watch.isCardReported else { return }
        port.watch.isCardReported = true
        post(.cardFailed(port.id, card.failure))
    }

    func resumeCard(_ port: MixPort, now: Int64) {
        guard let card = port.card, card.hasFailed else { return }
        card.resume()
        port.watch.isCardReported = false
        place(port, now: now)
    }
}
