// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Open descriptors of a process and what they are.
enum Descriptors {
    static func of(_ process: Int32) throws -> [Int: String] {
        let folder = "/proc/\(process)/fd"
        var found: [Int: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            guard let number = Int(name) else { continue }
            found[number] = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
        }
        return found
    }
}
