// SPDX-License-Identifier: Apache-2.0

/// Text in columns, two spaces apart; the last column is as long as it likes, the others are cut: some come from callers.
struct Table {
    private var rows: [[String]]
    private let toTheRight: Set<Int>

    /// - Parameter toTheRight: columns of figures.
    init(_ titles: [String], toTheRight: Set<Int> = []) {
        rows = [titles]
        self.toTheRight = toTheRight
    }

    /// Cells may come from anywhere; control characters in them are made visible.
    mutating func add(_ cells: [String]) {
        rows.append(
            cells.enumerated().map { column, cell in
                let text = cell.printable
                let isCut = text.count > Self.widest && column < cells.count - 1
                return isCut ? text.prefix(Self.widest - 1) + "…" : text
            })
    }

    /// As long as the longest name of a room that commands take.
    private static let widest = 64

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let line = row.enumerated().map { column, cell in
                let pad = String(repeating: " ", count: widths[column] - cell.count)
                return toTheRight.contains(column) ? pad + cell : cell + pad
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n") + "\n"
    }
}

extension String {
    /// Names and numbers come from callers: nothing in them may command a terminal.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    let isHarmful =
                        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                        || (0x2028...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                    return isHarmful ? "\u{FFFD}" : scalar
                }))
    }
}
