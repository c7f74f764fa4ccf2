// SPDX-License-Identifier: Apache-2.0

extension MixLoop {
    /// One tick of the wheel: every card is read, then every card's frame is made and written.
    func tickCards(now: Int64) {
        let tick = nanoseconds(options.cardTick8)
        let late = now &- nextCardTick
        let missed = late / tick
        counters.framesSkipped &+= UInt64(missed)
        let due = nextCardTick &+ missed &* tick
        nextCardTick = due &+ tick
        for slot in 0..<ports.used {
            guard let port = ports[slot], let card = port.card else { continue }
            card.capture(now: now)
            if card.hasFailed { retireCard(port, card) }
        }
        for slot in 0..<ports.used {
            guard let port = ports[slot], port.card != nil, let group = port.group, group.deadline <= due else {
                continue
            }
            // In a shared group the first member serves for all.
            group.deadline = due
            serve(group, now: now)
        }
        for slot in 0..<ports.used {
            guard let port = ports[slot], let card = port.card, card.hasFailed else { continue }
            retireCard(port, card)
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
