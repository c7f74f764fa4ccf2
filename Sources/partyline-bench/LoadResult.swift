// SPDX-License-Identifier: Apache-2.0

/// What the load generator prints, as far as it is used here.
struct LoadResult: Codable {
    struct Frames: Codable {
        var missingPct: Double
        var late20Pct: Double
        var silentCalls: Int
    }
    struct Clicks: Codable {
        var expected: Int
        var heard: Int
        var selfHeard: Int
    }
    struct Server: Codable {
        var cpuUsPerParticipantSecond: Double
        var pssKb: Double
        var threads: Int
        var cores: Double
    }
    struct Setup: Codable {
        var mean: Double
        var max: Double
    }
    struct Spacing: Codable {
        var p99: Double
    }
    struct Generator: Codable {
        var sendLateMsP99: Double
    }
    struct Machine: Codable {
        var otherCores: Double
    }

    var calls: Int
    var failed: Int
    var upEnd: Int
    var setupMs: Setup
    var frames: Frames
    var clicks: Clicks
    var spacingDevMs: Spacing
    var server: Server
    var loadgen: Generator
    var machine: Machine
}
