// SPDX-License-Identifier: Apache-2.0

import Telephony
import Testing

/// A small generator with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var x = state
        x ^= x >> 33
        x = x &* 0xff51_afd7_ed55_8ccd
        return x ^ (x >> 33)
    }
}

/// The same rules, followed one hop at a time by sound that spreads until nothing changes.
private struct NaiveGraph {
    enum Kind { case port(UInt32, Bool), wire(Int), player(UInt32), conference }
    var kinds: [Int: Kind] = [:]
    var edges: [(from: Int, to: Int)] = []

    mutating func connect(_ from: Int, _ to: Int) {
        guard from != to, let kind = kinds[to] else { return }
        switch kind {
        case .player: return
        case .conference: edges.removeAll { $0 == (from, to) }
        case .port, .wire: edges.removeAll { $0.to == to }
        }
        edges.append((from, to))
    }

    /// Which ports and players are heard at the output of each node.
    func heardSources() -> [Int: Set<String>] {
        var output: [Int: Set<String>] = [:]
        for (node, kind) in kinds {
            switch kind {
            case .port(let port, _): output[node] = ["port \(port)"]
            case .player(let player): output[node] = ["player \(player)"]
            case .wire, .conference: output[node] = []
            }
        }
        for _ in 0...kinds.count {
            for (node, kind) in kinds {
                switch kind {
                case .wire(let peer):
                    output[node] = edges.first { $0.to == peer }.flatMap { output[$0.from] } ?? []
                case .conference:
                    var all = output[node] ?? []
                    for edge in edges where edge.to == node {
                        all.formUnion(
                            (output[edge.from] ?? []).filter { source in
                                // Unanswered ports stay out of conferences.
                                !kinds.values.contains {
                                    if case .port(let p, false) = $0 { source == "port \(p)" } else { false }
                                }
                            })
                    }
                    output[node] = all
                default: break
                }
            }
        }
        return output
    }
}

@Suite struct MediaGraphTests {
    @Test func `a chain of wires of any length brings the caller straight into the conference`() {
        var graph = MediaGraph()
        let port = PortID(slot: 7, generation: 1)
        let call = graph.add(.port(port, isAnswered: true))
        let conference = graph.add(.conference)
        var end = call
        for _ in 0..<20 {
            let (near, far) = graph.addWire()
            graph.connect(from: end, to: near)
            graph.connect(from: near, to: end)
            end = far
        }
        graph.connect(from: end, to: conference)
        graph.connect(from: conference, to: end)
        let resolved = graph.resolved()
        #expect(resolved.heard[port] == .conference(conference))
        #expect(resolved.members[conference] == [.port(port)])
        graph.disconnect(from: end, to: conference)
        #expect(graph.resolved().members[conference] == [])
    }

    @Test func `a loop of wires is silent and ends`() {
        var graph = MediaGraph()
        let port = PortID(slot: 1, generation: 1)
        let call = graph.add(.port(port, isAnswered: true))
        let (a, b) = graph.addWire()
        let (c, d) = graph.addWire()
        graph.connect(from: b, to: c)
        graph.connect(from: d, to: a)
        graph.connect(from: a, to: call)
        #expect(graph.resolved().heard[port] == .nothing)
    }

    @Test func `a new stream to a call replaces the former`() {
        var graph = MediaGraph()
        let port = PortID(slot: 1, generation: 1)
        let call = graph.add(.port(port, isAnswered: true))
        let first = graph.add(.player(PlayerID(slot: 1, generation: 1)))
        let second = graph.add(.player(PlayerID(slot: 2, generation: 1)))
        graph.connect(from: first, to: call)
        graph.connect(from: second, to: call)
        #expect(graph.resolved().heard[port] == .direct(.player(PlayerID(slot: 2, generation: 1))))
        graph.disconnect(from: first, to: call)
        #expect(graph.resolved().heard[port] == .direct(.player(PlayerID(slot: 2, generation: 1))))
    }

    @Test(arguments: 0..<200) func `random graphs resolve as the naive model does`(seed: Int) {
        var random = SeededGenerator(state: UInt64(seed) &* 7919 &+ 1)
        var graph = MediaGraph()
        var naive = NaiveGraph()
        var nodes: [MediaGraph.Node] = []
        for index in 0..<Int.random(in: 1...5, using: &random) {
            let isAnswered = Bool.random(using: &random)
            nodes.append(graph.add(.port(PortID(slot: UInt32(index), generation: 1), isAnswered: isAnswered)))
            naive.kinds[nodes.count - 1] = .port(UInt32(index), isAnswered)
        }
        for index in 0..<Int.random(in: 0...2, using: &random) {
            nodes.append(graph.add(.player(PlayerID(slot: UInt32(index), generation: 1))))
            naive.kinds[nodes.count - 1] = .player(UInt32(index))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            nodes.append(graph.add(.conference))
            naive.kinds[nodes.count - 1] = .conference
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let (a, b) = graph.addWire()
            nodes += [a, b]
            naive.kinds[nodes.count - 2] = .wire(nodes.count - 1)
            naive.kinds[nodes.count - 1] = .wire(nodes.count - 2)
        }
        for _ in 0..<40 {
            let from = Int.random(in: 0..<nodes.count, using: &random)
            let to = Int.random(in: 0..<nodes.count, using: &random)
            if Int.random(in: 0..<4, using: &random) > 0 {
                graph.connect(from: nodes[from], to: nodes[to])
                naive.connect(from, to)
            } else {
                graph.disconnect(from: nodes[from], to: nodes[to])
                naive.edges.removeAll { $0 == (from, to) }
            }
        }
        check(graph, naive, nodes)
    }

    private func check(_ graph: MediaGraph, _ naive: NaiveGraph, _ nodes: [MediaGraph.Node]) {
        let resolved = graph.resolved()
        let heard = naive.heardSources()
        for (index, kind) in naive.kinds {
            if case .conference = kind {
                let members = Set((resolved.members[nodes[index]] ?? []).map(name))
                #expect(members == heard[index])
            }
            if case .port(let port, _) = kind {
                let expected = naive.edges.first { $0.to == index }.flatMap { heard[$0.from] } ?? []
                let actual: Set<String>
                switch resolved.heard[PortID(slot: port, generation: 1)] ?? .nothing {
                case .nothing: actual = []
                case .direct(let source): actual = [name(source)]
                case .conference(let node): actual = Set((resolved.members[node] ?? []).map(name))
                }
                // A port never hears itself, whoever brings its voice back.
                #expect(actual.subtracting(["port \(port)"]) == expected.subtracting(["port \(port)"]))
            }
        }
    }

    private func name(_ source: SoundSource) -> String {
        switch source {
        case .port(let port): "port \(port.slot)"
        case .player(let player): "player \(player.slot)"
        }
    }
}
