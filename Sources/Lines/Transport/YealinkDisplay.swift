// SPDX-License-Identifier: Apache-2.0
// Linux kernel, Documentation/input/devices/yealink.rst: the third line is twelve digits of seven segments.
import Glibc

/// The number display of a Yealink P1K, as attributes of its kernel driver. Used on the `lines` thread.
struct YealinkDisplay {
    private let path: String
    private static let digits = 12

    /// Nil: the driver in this folder of sysfs has none. Whether it is ours to write only counts when it is written: udev gives it away
    /// after the input device.
    init?(folder: String) {
        path = folder + "/line3"
        guard access(path, F_OK) == 0 else { return nil }
    }

    /// The last twelve digits, at the right; what was there before is overwritten.
    func show(_ number: String) { Self.write(Self.text(number), to: path) }

    static func text(_ number: String) -> String {
        let shown = number.filter { $0.isASCII && $0.isNumber }.suffix(digits)
        return String(repeating: " ", count: digits - shown.count) + shown
    }

    static func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return }
        _ = Glibc.write(file, text, text.utf8.count)
        close(file)
    }
}
