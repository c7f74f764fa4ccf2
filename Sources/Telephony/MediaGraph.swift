// SPDX-License-Identifier: Apache-2.0

/// What scripts connected with what, and what follows from it for the media engine.
///
/// Scripts build chains: a caller's leg, bridged to a leg made by callConference, whose other end is a call of the
/// conference's session, bridged to the conference. Only the first and the last carry samples; this graph resolves the rest,
/// so that a chain of any length costs no delay:
///
///     port 7 -- call 1 ~ call 2 ==wire== call 3 ~ conference 4        port 7 is in conference 4
///
/// Rules: a call receives one stream, the newest; a conference receives all; what a call's far end says is sent to as many as
/// the script likes. A pure value; its owner performs the difference between two resolutions.
package struct MediaGraph: Sendable {
    package struct Node: Hashable, Sendable {
        package let number: UInt32
        package init(_ number: UInt32) { self.number = number }
    }

    package enum Kind: Sendable, Equatable {
        /// A call with a port of its own. Its voice stays out of conferences until it is answered.
        case port(PortID, isAnswered: Bool)
        /// One end of a wire between two sessions; the other end is `peer`.
        case wire(peer: Node)
        case player(PlayerID)
        case conference
        /// A call whose port does not exist yet.
        case silent
        /// A channel of a recorder. `of` nil: it hears all that is sent to it; otherwise a side of that call.
        case recorder(of: Node?, Side)
    }

    /// What is recorded of a call: what its far end says, what it is told by this box, or both.
    package enum Side: Sendable, Equatable {
        case far, near, both
    }

    /// What one port hears.
    package enum Heard: Hashable, Sendable {
        case nothing
        case conference(Node)
        case direct(SoundSource)
    }

    package struct Resolution: Sendable, Equatable {
        package var heard: [PortID: Heard] = [:]
        package var members: [Node: Set<SoundSource>] = [:]
        package init() {}
    }

    private var kinds: [Node: Kind] = [:]
    /// The one stream that a call receives.
    private var input: [Node: Node] = [:]
    /// Everything that a conference receives.
    private var inputs: [Node: Set<Node>] = [:]
    private var numbers: UInt32 = 0

    package init() {}

    package mutating func add(_ kind: Kind) -> Node {
        numbers &+= 1
        let node = Node(numbers)
        kinds[node] = kind
        switch kind {
        case .conference, .recorder(of: nil, _): inputs[node] = []
        default: break
        }
        return node
    }

    /// Two ends of a wire.
    package mutating func addWire() -> (Node, Node) {
        let a = add(.conference)
        let b = add(.wire(peer: a))
        kinds[a] = .wire(peer: b)
        inputs[a] = nil
        return (a, b)
    }

    package mutating func change(_ node: Node, to kind: Kind) {
        guard kinds[node] != nil else { return }
        kinds[node] = kind
    }

    package mutating func remove(_ node: Node) {
        guard kinds.removeValue(forKey: node) != nil else { return }
        inputs[node] = nil
        isolate(node)
    }

    /// Takes a node out of all that it is connected with; it stays what it is.
    package mutating func isolate(_ node: Node) {
        input[node] = nil
        for (receiver, sender) in input where sender == node { input[receiver] = nil }
        for conference in inputs.keys { inputs[conference]?.remove(node) }
    }

    package mutating func connect(from sender: Node, to receiver: Node) {
        guard let kind = kinds[receiver], kinds[sender] != nil, sender != receiver else { return }
        switch kind {
        case .port, .wire, .silent: input[receiver] = sender
        case .conference, .recorder(of: nil, _): inputs[receiver]?.insert(sender)
        case .player, .recorder: break
        }
    }

    package mutating func disconnect(from sender: Node, to receiver: Node) {
        if input[receiver] == sender { input[receiver] = nil }
        inputs[receiver]?.remove(sender)
    }

    /// What a call receives, or nil.
    package func source(of receiver: Node) -> Node? { input[receiver] }

    package func isConnected(from sender: Node, to receiver: Node) -> Bool {
        input[receiver] == sender || inputs[receiver]?.contains(sender) == true
    }

    /// What follows for the media engine.
    package func resolved() -> Resolution {
        var resolution = Resolution()
        for (node, kind) in kinds {
            switch kind {
            case .port(let port, _):
                resolution.heard[port] = input[node].map { sound(of: $0, heardBy: port) } ?? .nothing
            case .conference:
                var members = Set<SoundSource>()
                var visited = Set<Node>()
                collect(node, into: &members, &visited)
                resolution.members[node] = members
            case .recorder(of: nil, _):
                var members = Set<SoundSource>()
                for sender in inputs[node] ?? [] { members.formUnion(sources(of: sender)) }
                resolution.members[node] = members
            case .recorder(of: let call?, let side):
                resolution.members[node] = sources(of: side, call)
            case .wire, .player, .silent:
                break
            }
        }
        return resolution
    }

    /// Follows wires from one node to what really makes the sound.
    private func origin(of node: Node) -> Node? {
        var current = node
        // A chain of wires is at most as long as there are wires; a loop of them is silent.
        for _ in 0...kinds.count {
            guard case .wire(let peer) = kinds[current] else { return current }
            guard let next = input[peer] else { return nil }
            current = next
        }
        return nil
    }

    /// Whose port speaks from there, if one does.
    package func port(behind node: Node) -> PortID? {
        guard let origin = origin(of: node), case .port(let port, _) = kinds[origin] else { return nil }
        return port
    }

    private func sound(of node: Node, heardBy port: PortID) -> Heard {
        guard let origin = origin(of: node), let kind = kinds[origin] else { return .nothing }
        switch kind {
        case .port(let other, _): return other == port ? .nothing : .direct(.port(other))
        case .player(let player): return .direct(.player(player))
        case .conference: return .conference(origin)
        case .wire, .silent, .recorder: return .nothing
        }
    }

    /// All that one node says.
    private func sources(of node: Node) -> Set<SoundSource> {
        guard let origin = origin(of: node), let kind = kinds[origin] else { return [] }
        switch kind {
        case .port(let port, let isAnswered): return isAnswered ? [.port(port)] : []
        case .player(let player): return [.player(player)]
        case .conference:
            var members = Set<SoundSource>()
            var visited = Set<Node>()
            collect(origin, into: &members, &visited)
            return members
        case .wire, .silent, .recorder: return []
        }
    }

    /// Of a call: its own voice is on its own side only, also where both sides are the same conference.
    private func sources(of side: Side, _ call: Node) -> Set<SoundSource> {
        let far = sources(of: call)
        let near = input[call].map { sources(of: $0) } ?? []
        let isLeg = if case .port = kinds[call] { true } else { false }
        switch side {
        case .both: return far.union(near)
        case .far: return isLeg ? far : far.subtracting(near)
        case .near: return isLeg ? near.subtracting(far) : near
        }
    }

    private func collect(_ conference: Node, into members: inout Set<SoundSource>, _ visited: inout Set<Node>) {
        guard visited.insert(conference).inserted else { return }
        for node in inputs[conference] ?? [] {
            guard let origin = origin(of: node), let kind = kinds[origin] else { continue }
            switch kind {
            case .port(let port, let isAnswered): if isAnswered { members.insert(.port(port)) }
            case .player(let player): members.insert(.player(player))
            case .conference: collect(origin, into: &members, &visited)
            case .wire, .silent, .recorder: break
            }
        }
    }
}
