// SPDX-License-Identifier: Apache-2.0
import RTP
import RealTime
import Signals

// What a packet or a frame of a port leads through, in the order of its way.

extension RTPReceiver {
    /// The few lines that a reader of the time line needs.
    func addTimeLine(to lines: inout HotLines) {
        lines.add(self, atMost: 64)
        withUnsafePointer(to: &delay) { lines.add($0, bytes: 24) }
        withUnsafePointer(to: &newestEnd) { lines.add($0, bytes: 24) }
        lines.add(track, atMost: 128)
        lines.add(track.activity, atMost: 64)
    }

    /// All that taking a packet needs.
    func addWay(to lines: inout HotLines) {
        lines.add(self, atMost: 256)
        withUnsafePointer(to: &delay) { lines.add($0, bytes: 192) }
        withUnsafePointer(to: &counters) { lines.add($0, bytes: MemoryLayout<RTPCounters>.size) }
        withUnsafePointer(to: &reception) { lines.add($0, bytes: MemoryLayout<ReceptionStatistics>.size) }
        withUnsafePointer(to: &timestamps) { lines.add($0, bytes: 192) }
        decoders.addWay(to: &lines)
        lines.add(track, atMost: 128)
        lines.add(track.activity, atMost: 128)
    }
}
