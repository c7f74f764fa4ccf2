// SPDX-License-Identifier: Apache-2.0

import Testing

/// One mistake in the shipped configuration, and exactly what a person is told about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    var file: String
    var text: String
    var report: [String]

    init(_ file: String, _ text: String, _ report: String...) {
        self.file = file
        self.text = text
        self.report = report
    }

    var testDescription: String { text }

    func check() throws {
        let workshop = try Workshop()
        try workshop.write(file, text)
        #expect(workshop.report() == report)
    }
}
