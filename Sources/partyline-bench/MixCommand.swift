// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `partyline-bench mix`: the mix kernels against plain C, in this process.
struct MixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mix",
        abstract: "Compares the cost of mixing with a plain C kernel of the same work, in the same run.",
        discussion:
            "Kernel: a loop of the same work with this project's arithmetic. Mixer: the loop of the mix thread itself, from packets "
            + "that have come to packets that go, in virtual time and without sockets. Exits 1 when the kernel costs more than the "
            + "limit, or anything makes other bytes. Only a release build counts."
    )

    @Option(help: "Highest ratio to the C kernel that is accepted.")
    var limit = 1.5
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let costs = measureMix([4, 10, 50, 100, 400])
        if json {
            try BenchOutput.json(costs)
        } else {
            BenchOutput.line("Mixing with mu-law in and out, ns per participant and frame of 20 ms (160 samples)")
            BenchOutput.table(
                ["participants", "plain C", "kernel", "ratio", "3 talk", "mixer", "ratio", "same bytes"],
                costs.map { cost in
                    ["\(cost.participants)"]
                        + [cost.plainC, cost.everybodyTalks].map { BenchOutput.number($0, 1) }
                        + [BenchOutput.number(cost.ratio, 2), BenchOutput.number(cost.threeTalk, 1)]
                        + [BenchOutput.number(cost.mixer, 1), BenchOutput.number(cost.mixerRatio, 2)]
                        + [cost.agrees ? "yes" : "NO"]
                })
        }
        guard costs.allSatisfy({ $0.agrees && $0.ratio <= limit }) else { throw ExitCode(1) }
    }
}
