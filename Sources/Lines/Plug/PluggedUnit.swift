// SPDX-License-Identifier: Apache-2.0

/// One USB device as the kernel shows it: who it is, where it is plugged in, and the nodes of its parts. A card, a HID node
/// and a serial line that hang on the same USB device belong together; card numbers mean nothing.
package struct PluggedUnit: Sendable, Hashable {
    package struct HIDNode: Sendable, Hashable {
        package var path: String
        package var descriptor: [UInt8]
    }

    package struct InputNode: Sendable, Hashable {
        package var path: String
        package var name: String
    }

    package struct Card: Sendable, Hashable {
        package var index: Int
        /// As in "hw:CARD=id".
        package var id: String
    }

    /// The kernel's name for the place, such as "1-1.2": bus, then the ports from hub to hub.
    package var port: String
    package var id: USBID
    package var serial: String
    package var product: String
    package var card: Card?
    package var hid: [HIDNode] = []
    package var inputs: [InputNode] = []
    package var serialLines: [String] = []

    package init(port: String, id: USBID, serial: String, product: String) {
        self.port = port
        self.id = id
        self.serial = serial
        self.product = product
    }

    /// The HID node that speaks the telephony page, if there is one.
    var telephonyNode: HIDNode? {
        hid.first { node in
            guard let descriptor = try? HIDDescriptor(parsing: node.descriptor) else { return false }
            return TelephonyPanel(descriptor) != nil
        }
    }
}

/// Vendor and product of a USB device, written "06e6:c200".
package struct USBID: Sendable, Hashable, CustomStringConvertible {
    package var vendor: UInt16
    package var product: UInt16

    package init(_ vendor: UInt16, _ product: UInt16) {
        self.vendor = vendor
        self.product = product
    }

    /// Nil when the text is not two hexadecimal numbers of four digits.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 4 }), let vendor = UInt16(parts[0], radix: 16),
            let product = UInt16(parts[1], radix: 16)
        else { return nil }
        self.init(vendor, product)
    }

    package var description: String { Self.hex(vendor) + ":" + Self.hex(product) }

    private static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// Which USB device a line means: all that is set must be so.
package struct USBMatch: Sendable, Hashable {
    package var id: USBID?
    package var serial: String?
    /// Where it is plugged in ("1-1.2").
    package var port: String?

    package init(id: USBID?, serial: String?, port: String?) {
        self.id = id
        self.serial = serial
        self.port = port
    }

    package func fits(_ unit: PluggedUnit) -> Bool {
        (id == nil || id == unit.id) && (serial == nil || serial == unit.serial) && (port == nil || port == unit.port)
    }

    var words: String {
        [id.map { "\($0)" }, serial.map { "serial \($0)" }, port.map { "at USB port \($0)" }].compactMap { $0 }
            .joined(separator: " ")
    }
}
