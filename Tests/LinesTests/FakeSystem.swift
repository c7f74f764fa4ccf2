// SPDX-License-Identifier: Apache-2.0
import Foundation

@testable import Lines

/// A folder that looks like sysfs: USB devices with their parts, made and taken away by tests.
final class FakeSystem {
    let root: String
    private var sequence = 0

    init() throws {
        root = NSTemporaryDirectory() + "/partyline-sys-\(UUID().uuidString)"
        for kind in ["sound", "hidraw", "input", "tty"] { try make("class/\(kind)") }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Without links and doubled slashes.
    var canonicalRoot: String {
        guard let resolved = realpath(root, nil) else { return root }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    var tree: DeviceTree { DeviceTree(root: root, nodes: "/dev") }

    private func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: root + "/" + path))
    }

    private func write(_ text: String, _ path: String) throws { try write(Array((text + "\n").utf8), path) }

    /// A USB device with a card, and whatever else is named. Returns the folder of the device.
    func plug(
        _ port: String, id: String, serial: String? = nil, product: String = "Lab Phone", hasCard: Bool = true,
        hid: [UInt8]? = nil, input: String? = nil, tty: Bool = false
    ) throws {
        sequence += 1
        let ids = id.split(separator: ":").map(String.init)
        let device = "devices/pci0000:00/usb1/\(port)"
        try make(device)
        try write(ids[0], device + "/idVendor")
        try write(ids[1], device + "/idProduct")
        try write(product, device + "/product")
        if let serial { try write(serial, device + "/serial") }
        if hasCard {
            let card = "\(device)/\(port):1.0/sound/card\(sequence)"
            try make(card)
            try write("Phone\(sequence)", card + "/id")
            try link("sound/card\(sequence)", to: card)
        }
        if let hid {
            let node = "\(device)/\(port):1.3/0003:\(sequence)/hidraw/hidraw\(sequence)"
            try make(node)
            try make("\(device)/\(port):1.3/0003:\(sequence)")
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/\(node)/device", withDestinationPath: "\(root)/\(device)/\(port):1.3/0003:\(sequence)")
            try write(hid, "\(device)/\(port):1.3/0003:\(sequence)/report_descriptor")
            try link("hidraw/hidraw\(sequence)", to: node)
        }
        if let input {
            let node = "\(device)/\(port):1.3/input/input\(sequence)/event\(sequence)"
            try make(node)
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/\(node)/device",
                withDestinationPath: "\(root)/\(device)/\(port):1.3/input/input\(sequence)")
            try write(input, "\(device)/\(port):1.3/input/input\(sequence)/name")
            try link("input/event\(sequence)", to: node)
        }
        if tty {
            let node = "\(device)/\(port):1.0/tty/ttyACM\(sequence)"
            try make(node)
            try link("tty/ttyACM\(sequence)", to: node)
        }
    }

    /// As the kernel does it: the parts go first.
    func unplug(_ port: String) throws {
        for kind in ["sound", "hidraw", "input", "tty"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(root)/class/\(kind)") {
                let path = "\(root)/class/\(kind)/\(name)"
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: path)
                if target.contains("/\(port)/") { try FileManager.default.removeItem(atPath: path) }
            }
        }
        try FileManager.default.removeItem(atPath: "\(root)/devices/pci0000:00/usb1/\(port)")
    }

    private func link(_ name: String, to path: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(root)/class/\(name)", withDestinationPath: "\(root)/\(path)")
    }
}
