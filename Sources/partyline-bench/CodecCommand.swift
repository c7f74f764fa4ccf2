// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `partyline-bench codecs`: what coding costs, in this process.
struct CodecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codecs", abstract: "Measures codecs and digit detection in this process.")

    func run() {
        runCodecBench()
    }
}
