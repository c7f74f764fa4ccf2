// SPDX-License-Identifier: Apache-2.0

/// A free list over one preallocated block: nodes are taken and given back without allocation. The memory of nodes that
/// were never taken is never touched. Mix thread only.
struct NodePool<Node>: ~Copyable {
    private let nodes: UnsafeMutablePointer<Node>
    private let capacity: Int
    private var fresh = 0
    private var free: UnsafeMutableRawPointer?
    /// Nodes that are out.
    private(set) var taken = 0

    init(capacity: Int) {
        precondition(MemoryLayout<Node>.size >= MemoryLayout<UnsafeMutableRawPointer>.size)
        self.capacity = capacity
        nodes = .allocate(capacity: capacity)
    }

    deinit { nodes.deallocate() }

    /// Nil when all are out.
    mutating func take(_ value: Node) -> UnsafeMutablePointer<Node>? {
        var node: UnsafeMutablePointer<Node>
        if let raw = free {
            free = raw.load(as: UnsafeMutableRawPointer?.self)
            node = raw.assumingMemoryBound(to: Node.self)
        } else if fresh < capacity {
            node = nodes + fresh
            fresh &+= 1
        } else {
            return nil
        }
        node.initialize(to: value)
        taken &+= 1
        return node
    }

    mutating func give(_ node: UnsafeMutablePointer<Node>) {
        node.deinitialize(count: 1)
        UnsafeMutableRawPointer(node).storeBytes(of: free, as: UnsafeMutableRawPointer?.self)
        free = UnsafeMutableRawPointer(node)
        taken &-= 1
    }
}
