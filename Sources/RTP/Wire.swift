// SPDX-License-Identifier: Apache-2.0

/// Numbers in network byte order at any alignment. The caller has checked the length.
package enum Wire {
    package static func load16(_ bytes: UnsafePointer<UInt8>) -> UInt16 {
        UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    package static func load32(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        UInt32(load16(bytes)) << 16 | UInt32(load16(bytes + 2))
    }

    package static func store16(_ value: UInt16, to bytes: UnsafeMutablePointer<UInt8>) {
        bytes[0] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[1] = UInt8(truncatingIfNeeded: value)
    }

    package static func store32(_ value: UInt32, to bytes: UnsafeMutablePointer<UInt8>) {
        store16(UInt16(truncatingIfNeeded: value >> 16), to: bytes)
        store16(UInt16(truncatingIfNeeded: value), to: bytes + 2)
    }
}
