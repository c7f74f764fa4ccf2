// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why the system did not do something, in its own words ("Permission denied").
struct SystemFault: Error, CustomStringConvertible {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    var description: String { String(cString: strerror(number)) }
}

/// A folder with all that are above it; those that are there stay as they are.
func makeFolder(_ path: String, mode: mode_t) throws(SystemFault) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        if !made.isEmpty, !made.hasSuffix("/") { made += "/" }
        made += part
        guard mkdir(made, mode) != 0 else { continue }
        let number = errno
        // Not only EEXIST: a file system that can not be written says so also of what is there.
        guard access(made + "/.", F_OK) == 0 else { throw SystemFault(errno == ENOTDIR ? ENOTDIR : number) }
    }
}
