// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Measures Partyline: kernels in this process, everything else on a running daemon from outside.
@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partyline-bench",
        abstract: "Measures the delay, the cost and the capacity of a Partyline exchange.",
        discussion: """
            Figures depend on the machine and on what else runs on it: take them as ratios, on a quiet machine, with \
            a release build, and as root so that the callers run under SCHED_FIFO.
            """,
        subcommands: [
            DemoCommand.self, DelayCommand.self, LoadCommand.self, StallCommand.self, MixCommand.self,
            CodecCommand.self, NetworkCommand.self, QualityCommand.self, AttackCommand.self, ScenariosCommand.self,
            UnderrunsCommand.self,
        ])
}
