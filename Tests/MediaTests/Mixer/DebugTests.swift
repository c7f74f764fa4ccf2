import RTP
import Signals
import Testing
@testable import Media
@Suite struct DebugTests {
    @Test func debug() {
        let rig = MixRig()
        let mix = rig.makeMix()
        let phones = [rig.makePhone(phase: 5_300_000), rig.makePhone(phase: 9_000_000)]
        rig.join(phones, mix)
        phones[0].voice = noise(7)
        for _ in 0..<12 {
            rig.run(milliseconds: 100)
            let g = phones[1].port.group!
            let r = phones[0].port
            print("deadline", g.deadline % 20_000_000, "len", g.nextLength8, "moves", rig.counters().moves, "holds", rig.counters().holds,
              "talk", r.isTalking, "arr", r.hasArrivals, "grain", r.grain, "exp", r.expectedTime(of: r.safeEnd(at: g.deadline)) % 20_000_000, "prim", g.steering.primary != 0)
        }
        for i in [10, 30, 45, 50] { print("packet", i, phones[1].packets[i], phones[1].addedDelay(of: phones[0], atPacket: i, voice: noise(7)) as Any) }
        print("target", phones[0].rtp.receiver.delay.target, phones[0].rtp.receiver.delay.line % 20_000_000, phones[0].arrivals.suffix(2))
        var pull = phones[1].port.group!.pulls
        while let p = pull { print("pull", p.pointee.position, p.pointee.isPrimed, p.pointee.isHeard, phones[0].rtp.receiver.safeEnd(at: phones[1].port.group!.deadline), phones[0].rtp.receiver.end); pull = p.pointee.next }
        print("x", phones[1].packets.suffix(5).map { ($0.time % 20_000_000, $0.count) })
    }
}
