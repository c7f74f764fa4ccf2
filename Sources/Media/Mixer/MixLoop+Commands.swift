// SPDX-License-Identifier: Apache-2.0
import RealTime
import Telephony

// What the control side asks for, performed between the frames. A command for something that is gone is ignored.

extension MixLoop {
    func perform(_ command: MixCommand, now: Int64) {
        switch command {
        case .openPort(let port): open(port, now: now)
        case .closePort(let id): close(id, now: now)
        case .openMix(let mix):
            let id = mix._withUnsafeGuaranteedRef { $0.id }
            if !mixes.insert(mix, slot: id.slot, generation: id.generation) { refuse(mix) }
        case .closeMix(let id): close(id, now: now)
        case .openPlayer(let player): open(player, now: now)
        case .pausePlayer(let id, let paused): find(id)?.pause(paused, now: now)
        case .stopPlayer(let id): close(id)
        case .add(let source, let mix): add(source, to: mix)
        case .remove(let source, let mix): remove(source, from: mix)
        case .listen(let port, let mix): listen(port, to: mix, now: now)
        case .mute(let port, let muted): find(port)?.isMuted = muted
        case .deafen(let port, let deaf): find(port)?.isDeaf = deaf
        case .gain(let port, let talk, let listen):
            find(port)?.talkGain = talk
            find(port)?.listenGain = listen
        case .neighbourhood(let port, let number):
            guard let port = find(port) else { return }
            leaveGroup(port)
            port.neighbourhood = number
            place(port, now: now)
        case .echo(let port, let isOn): find(port)?.personal.isEcho = isOn
        case .detectDigits(let port, let enabled, let removed): find(port)?.detectDigits(enabled, removed: removed)
        case .send(let port, let count, let low, let high): find(port)?.send(count: count, low: low, high: high)
        case .tap(let port, let tap):
            guard let rtp = find(port)?.rtp else {
                if let tap { refuse(tap) }
                return
            }
            if let former = rtp.tap { queues.retire(former) }
            rtp.tap = tap
        case .watchBeep(let port, let watch):
            guard let port = find(port) else {
                if let watch { refuse(watch) }
                return
            }
            if let old = port.beep { queues.retire(old) }
            port.beep = watch
        case .watchProgress(let port, let watch):
            guard let port = find(port) else {
                if let watch { refuse(watch) }
                return
            }
            if let old = port.progress { queues.retire(old) }
            port.progress = watch
        case .resumeCard(let port):
            if let port = find(port) { resumeCard(port, now: now) }
        case .configure(let port, let configuration): configure(port, configuration, now: now)
        }
    }

    func find(_ id: PortID) -> MixPort? { ports.find(slot: id.slot, generation: id.generation) }
    func find(_ id: MixID) -> Mix? { mixes.find(slot: id.slot, generation: id.generation) }
    func find(_ id: PlayerID) -> PlayerSource? { players.find(slot: id.slot, generation: id.generation) }

    func refuse(_ object: Unmanaged<some AnyObject>) {
        counters.commandsIgnored &+= 1
        queues.retire(object)
    }

    // MARK: Ports

    private func open(_ handed: Unmanaged<MixPort>, now: Int64) {
        let id = handed._withUnsafeGuaranteedRef { $0.id }
        guard ports.insert(handed, slot: id.slot, generation: id.generation), let port = find(id) else {
            refuse(handed)
            return
        }
        port.opened = now
        if !network.attach(port) { counters.commandsIgnored &+= 1 }
        // An idle thread looks once a second; the first digits of this port must not wait for that.
        nextRound = min(nextRound, now &+ Self.round)
        if port.card != nil {
            cardCount &+= 1
            if cardCount == 1 { nextCardTick = now }
        }
        place(port, now: now)
    }

    private func close(_ id: PortID, now: Int64) {
        guard let port = find(id) else { return }
        leaveGroup(port)
        port.mix?.removeListener(port)
        removeEverywhere(port)
        network.detach(port, now: now)
        if port.card != nil { cardCount &-= 1 }
        if let object = ports.remove(slot: id.slot, generation: id.generation) { queues.retire(object) }
    }

    private func configure(_ id: PortID, _ handed: Unmanaged<PortConfiguration>, now: Int64) {
        guard let port = find(id) else {
            refuse(handed)
            return
        }
        leaveGroup(port)
        let rate = port.sampleRate
        port.configure(handed.takeUnretainedValue(), now: now)
        queues.retire(handed)
        if port.sampleRate != rate { restartPulls(of: port) }
        place(port, now: now)
    }

    // MARK: Mixes

    private func close(_ id: MixID, now: Int64) {
        guard let mix = find(id) else { return }
        while let listener = mix.firstListener?.takeUnretainedValue() { move(listener, to: nil, now: now) }
        while let node = mix.sources { remove(node.pointee.source, from: mix) }
        if let object = mixes.remove(slot: id.slot, generation: id.generation) { queues.retire(object) }
    }

    private func listen(_ id: PortID, to mixID: MixID?, now: Int64) {
        guard let port = find(id) else { return }
        guard let mixID else {
            move(port, to: nil, now: now)
            return
        }
        guard let mix = find(mixID) else {
            counters.commandsIgnored &+= 1
            return
        }
        if port.mix !== mix { move(port, to: mix, now: now) }
    }

    private func move(_ port: MixPort, to mix: Mix?, now: Int64) {
        leaveGroup(port)
        if let old = port.mix {
            old.removeListener(port)
            reshape(old, now: now)
        }
        if let mix {
            mix.insertListener(port)
            reshape(mix, now: now)
        }
        if port.group == nil { place(port, now: now) }
    }

    // MARK: Sources

    private func source(_ source: SoundSource) -> MixSource? {
        switch source {
        case .port(let id): find(id)
        case .player(let id): find(id)
        }
    }

    private func add(_ what: SoundSource, to id: MixID) {
        guard let source = source(what), let mix = find(id), !mix.hasSource(source),
            let node = memberships.take(
                MembershipNode(
                    source: .passUnretained(source), mix: .passUnretained(mix), nextOfMix: mix.sources,
                    nextOfSource: source.memberships))
        else {
            counters.commandsIgnored &+= 1
            return
        }
        mix.sources = node
        mix.sourceCount &+= 1
        source.memberships = node
        mix.forEachGroup { addPull(source, to: $0) }
    }

    private func remove(_ what: SoundSource, from id: MixID) {
        guard let source = source(what), let mix = find(id) else { return }
        remove(.passUnretained(source), from: mix)
    }

    private func remove(_ handle: Unmanaged<MixSource>, from mix: Mix) {
        let source = handle.takeUnretainedValue()
        guard let node = mix.unlink(source) else { return }
        source.unlink(node)
        memberships.give(node)
        mix.forEachGroup { removePull(source, from: $0) }
    }

    func removeEverywhere(_ source: MixSource) {
        while let node = source.memberships {
            remove(.passUnretained(source), from: node.pointee.mix.takeUnretainedValue())
        }
    }

    // MARK: Players

    private func open(_ handed: Unmanaged<PlayerSource>, now: Int64) {
        let id = handed._withUnsafeGuaranteedRef { $0.id }
        guard players.insert(handed, slot: id.slot, generation: id.generation), let player = find(id) else {
            refuse(handed)
            return
        }
        player.start(now: now)
        post(.playerStarted(id, milliseconds: player.milliseconds))
    }

    private func close(_ id: PlayerID) {
        guard let player = find(id) else { return }
        removeEverywhere(player)
        if let object = players.remove(slot: id.slot, generation: id.generation) { queues.retire(object) }
    }
}
