// SPDX-License-Identifier: Apache-2.0

// What no group asks for: digits and levels of ports that nobody hears, time-outs, the end of players, statistics.

extension MixLoop {
    func makeRound(now: Int64) {
        roundNumber &+= 1
        // Each port in its turn, every 40 ms.
        for slot in stride(from: roundNumber & 3, to: ports.used, by: 4) {
            guard let port = ports[slot] else { continue }
            // Whoever is heard somewhere is decoded when it is pulled; its loss is declared then, not earlier.
            port.attend(now: now)
            tell(port, now: now)
            if (roundNumber &+ slot) & 4 == 0 {
                port.publishMeters(now: now)
                if let rtp = port.rtp {
                    rtp.reviewBinding(now: now)
                    network.report(rtp, now: now)
                }
            }
        }
        for slot in 0..<players.used {
            guard let player = players[slot], player.ends(now: now) else { continue }
            post(.playerFinished(player.id))
        }
        let lost = counters.eventsLost &- eventsLostTold
        if lost > 0, queues.post(.eventsLost(Int(lost))) { eventsLostTold = counters.eventsLost }
        let busy = ports.count > 0 || players.count > 0
        nextRound = now &+ (busy ? Self.round : Self.idleRound)
    }

    private func tell(_ port: MixPort, now: Int64) {
        let talks = port.isTalking && !port.isMuted
        if talks != port.watch.isTalking {
            port.watch.isTalking = talks
            post(.talking(port.id, talks))
        }
        while let code = port.takeDigit() { post(.digit(port.id, code.code, code.source)) }
        if let beep = port.beep {
            let length = beep._withUnsafeGuaranteedRef { $0.inspect(port.track) }
            if length > 0 { post(.beep(port.id, milliseconds: length)) }
        }
        if let progress = port.progress, progress._withUnsafeGuaranteedRef({ $0.inspect(port.track) }) {
            post(.progressTone(port.id))
        }
        guard let rtp = port.rtp else { return }
        if !port.watch.hasAudio, rtp.receiver.counters.packets > 0 {
            port.watch.hasAudio = true
            post(.firstAudio(port.id))
        }
        tellFlow(of: port, rtp, now: now)
        let since = max(port.opened, rtp.lastHeard)
        if now &- since > options.mediaTimeout, !port.watch.isTimedOut, port.isListening, rtp.receiver.receives {
            port.watch.isTimedOut = true
            post(.mediaTimeout(port.id))
        } else if now &- since < options.mediaTimeout {
            port.watch.isTimedOut = false
        }
    }
}

extension MixLoop {
    /// Whether packets come, with a second of patience; what never came, or shall not come, has not stopped.
    private func tellFlow(of port: MixPort, _ rtp: RTPPort, now: Int64) {
        guard port.watch.hasAudio, rtp.receiver.receives else { return }
        let isAway = now &- max(port.opened, rtp.lastHeard) > 1_000_000_000
        guard isAway != port.watch.isAway else { return }
        port.watch.isAway = isAway
        post(.flowing(port.id, !isAway))
    }
}

/// What was told about a port.
struct PortWatch: BitwiseCopyable {
    var isTalking = false
    var hasAudio = false
    var isTimedOut = false
    var isAway = false
    var isCardReported = false
    /// Telephone events have come.
    var hasEvents = false
    /// What the encoder protects against.
    var lossPercent = 0
}
