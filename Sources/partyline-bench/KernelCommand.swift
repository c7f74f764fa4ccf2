// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The kernels in this process, without a daemon.
struct KernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "Measures codecs, digit detection and mixing in this process.")

    func run() {
        runCodecBench()
        BenchOutput.line()
        runMixBench()
    }
}
