// SPDX-License-Identifier: Apache-2.0
import Foundation

/// For which telephones messages wait, in a file of the state directory, so that a restart forgets none. On the `lines`
/// thread.
final class MessageMemory {
    private let path: String?
    private var lines: Set<String> = []
    private static let mostBytes = 1 << 20

    /// Nil: nothing is kept. A file that can not be read is as if there were none.
    init(path: String?) {
        self.path = path
        guard let path, let data = FileManager.default.contents(atPath: path), data.count <= Self.mostBytes,
            let read = try? JSONDecoder().decode([String].self, from: data)
        else { return }
        lines = Set(read)
    }

    func waits(for line: String) -> Bool { lines.contains(line) }

    /// False: it could not be written.
    func set(_ waits: Bool, for line: String) -> Bool {
        let isNew = waits ? lines.insert(line).inserted : lines.remove(line) != nil
        guard isNew, let path else { return true }
        guard let data = try? JSONEncoder().encode(lines.sorted()) else { return false }
        return (try? data.write(to: URL(fileURLWithPath: path), options: .atomic)) != nil
    }
}
