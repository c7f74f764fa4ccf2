// SPDX-License-Identifier: Apache-2.0
import RealTime
import Synchronization
import Telephony

extension MixPort {
    /// State for rosters, from the meters that the mix thread publishes. Any thread.
    func statistics() -> PortStatistics {
        var report = PortStatistics()
        report.slot = id.slot
        report.generation = id.generation
        report.codec = codecName.withLock { $0 }
        guard let meters = meters.read() else { return report }
        report.packetsReceived = meters.packetsReceived
        report.packetsSent = meters.packetsSent
        report.packetsLost = meters.packetsLost
        let frames = meters.framesDecoded + meters.framesConcealed
        report.concealedPercent = frames == 0 ? 0 : Double(meters.framesConcealed) * 100 / Double(frames)
        report.jitterMilliseconds = Double(meters.jitterNS) / 1e6
        report.standingDelayMilliseconds = Double(meters.standingDelayNS) / 1e6
        report.roundTripMilliseconds = Double(meters.roundTripNS) / 1e6
        report.farLossPercent = Double(meters.farLossPercent)
        report.bufferMilliseconds = Double(meters.targetNS) / 1e6
        report.levelDBm0 = Level.dBm0(meanSquare: Double(meters.level))
        report.isTalking = meters.isTalking
        report.isMuted = meters.isMuted
        return report
    }
}

/// Levels in dBm0: a full-scale sine is +3.14.
enum Level {
    static func dBm0(meanSquare: Double) -> Double {
        guard meanSquare > 0.01 else { return -99 }
        // 0 dBm0: a sine 3.14 dB below full scale.
        let reference = 32768.0 * 32768.0 / 2 / 2.0606
        return max(-99, 10 * logarithm10(meanSquare / reference))
    }

    private static func logarithm10(_ value: Double) -> Double {
        // The exponent, and the series of the logarithm of the significand: no mathematical library needed.
        let significand = value.significand
        let x = (significand - 1) / (significand + 1)
        let square = x * x
        var term = x
        var sum = 0.0
        var divisor = 1.0
        for _ in 0..<12 {
            sum += term / divisor
            term *= square
            divisor += 2
        }
        let natural = 2 * sum + Double(value.exponent) * 0.6931471805599453
        return natural / 2.302585092994046
    }
}
