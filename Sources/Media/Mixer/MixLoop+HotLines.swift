// SPDX-License-Identifier: Apache-2.0
import CLinux
import RealTime

// Groups that are due together are served one after the other; what all of them need is fetched beforehand, in steps in
// which every group's turn brings what the next step reads.

/// Whom a group hears, and what reading it leads through.
struct HotPull: BitwiseCopyable {
    var lines: HotLines.Reference?
    var pull: UnsafeMutablePointer<Pull>?
}

extension MixGroup {
    /// After a change of what it pulls, or of its member. Large groups have no list: they fetch as they go.
    func findHotPulls() {
        hotPullCount = 0
        guard isPersonal else { return }
        var link = pulls
        while let pull = link, hotPullCount < hotPulls.count {
            link = pull.pointee.next
            hotPulls[hotPullCount] = HotPull(lines: pull.pointee.lines, pull: pull)
            hotPullCount &+= 1
        }
    }
}

extension MixLoop {
    /// Fetches what the turns of the first `count` groups of `scratch.due` lead through.
    func fetchAhead(_ count: Int) {
        let due = scratch.due
        for index in 0..<count {
            partyline_prefetch_span(UInt64(UInt(bitPattern: due[index].toOpaque())), Self.groupBytes)
        }
        for index in 0..<count {
            due[index]._withUnsafeGuaranteedRef { group in
                group.firstMember?._withUnsafeGuaranteedRef { $0.listenerLines.approach() }
                for number in 0..<group.hotPullCount {
                    group.hotPulls[number].lines?.approach()
                    guard let pull = group.hotPulls[number].pull else { continue }
                    partyline_prefetch_span(UInt64(UInt(bitPattern: pull)), MemoryLayout<Pull>.size)
                }
            }
        }
        for index in 0..<count {
            due[index]._withUnsafeGuaranteedRef { group in
                group.firstMember?._withUnsafeGuaranteedRef { $0.listenerLines.fetch() }
                for number in 0..<group.hotPullCount { group.hotPulls[number].lines?.fetch() }
            }
        }
        for index in 0..<count {
            due[index]._withUnsafeGuaranteedRef { group in
                for number in 0..<group.hotPullCount {
                    guard let pull = group.hotPulls[number].pull, pull.pointee.isPrimed else { continue }
                    pull.pointee.source._withUnsafeGuaranteedRef {
                        $0.fetch(from: pull.pointee.position, count: group.frame8)
                    }
                }
            }
        }
    }

    /// The fields of a group on the way of each frame.
    private static let groupBytes = 512
}
