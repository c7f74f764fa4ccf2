// SPDX-License-Identifier: Apache-2.0
// Linux sysfs (Documentation/admin-guide/sysfs-rules.rst): devices are found by class, their parents by walking up.

import Foundation
import Glibc

/// Reads from sysfs which USB devices there are that a telephone line may be made of. Any thread; some milliseconds.
struct DeviceTree: Sendable {
    /// "/sys", or a test's folder.
    let root: String
    /// "/dev".
    let nodes: String

    private static let mostUnits = 256
    private static let mostEntries = 1_024

    /// What is there now, by port. A part that goes away meanwhile is left out.
    func units() -> [PluggedUnit] {
        var units: [String: PluggedUnit] = [:]
        each("sound", prefix: "card") { name, folder in
            guard let index = Int(name.dropFirst(4)) else { return }
            let id = read(folder + "/id")
            change(&units, of: folder) { unit in
                if unit.card == nil { unit.card = PluggedUnit.Card(index: index, id: id.isEmpty ? String(index) : id) }
            }
        }
        each("hidraw", prefix: "hidraw") { name, folder in
            let descriptor = bytes(folder + "/device/report_descriptor", most: HIDDescriptor.maximumBytes)
            change(&units, of: folder) {
                $0.hid.append(PluggedUnit.HIDNode(path: nodes + "/" + name, descriptor: descriptor))
            }
        }
        each("input", prefix: "event") { name, folder in
            let title = read(folder + "/device/name")
            change(&units, of: folder) {
                $0.inputs.append(PluggedUnit.InputNode(path: nodes + "/input/" + name, name: title))
            }
        }
        each("tty", prefix: "ttyACM") { name, folder in
            change(&units, of: folder) { $0.serialLines.append(nodes + "/" + name) }
        }
        return units.values.sorted { $0.port < $1.port }
    }

    private func each(_ kind: String, prefix: String, _ body: (String, String) -> Void) {
        let folder = root + "/class/" + kind
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.filter({ $0.hasPrefix(prefix) }).prefix(Self.mostEntries).sorted() {
            body(name, folder + "/" + name)
        }
    }

    private func change(
        _ units: inout [String: PluggedUnit], of folder: String, _ body: (inout PluggedUnit) -> Void
    ) {
        guard let device = usbDevice(above: folder) else { return }
        if units[device] == nil {
            guard units.count < Self.mostUnits, let unit = describe(device) else { return }
            units[device] = unit
        }
        if var unit = units[device] {
            body(&unit)
            units[device] = unit
        }
    }

    /// The folder of the USB device that a class entry hangs on.
    private func usbDevice(above entry: String) -> String? {
        guard let resolved = realpath(entry, nil) else { return nil }
        defer { free(resolved) }
        var parts = String(cString: resolved).split(separator: "/")
        // Deeper than any tree of hubs.
        for _ in 0..<32 where parts.count > 2 {
            let folder = "/" + parts.joined(separator: "/")
            if access(folder + "/idVendor", R_OK) == 0, access(folder + "/idProduct", R_OK) == 0 { return folder }
            parts.removeLast()
        }
        return nil
    }

    private func describe(_ folder: String) -> PluggedUnit? {
        guard let id = USBID(read(folder + "/idVendor") + ":" + read(folder + "/idProduct")),
            let port = folder.split(separator: "/").last
        else { return nil }
        return PluggedUnit(
            port: String(port), id: id, serial: read(folder + "/serial"), product: read(folder + "/product"))
    }

    private func bytes(_ path: String, most: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: most)
        let count = Glibc.read(file, &bytes, most)
        return Array(bytes.prefix(max(0, count)))
    }

    /// One line of text, as far as it can be shown: what a device says about itself is a stranger's word.
    private func read(_ path: String) -> String {
        let text = String(decoding: bytes(path, most: 256), as: UTF8.self)
        let line = text.prefix { $0 != "\n" }
        return String(line.unicodeScalars.filter { $0.value >= 32 && $0.value < 0x7F }.map(Character.init))
            .trimmingCharacters(in: .whitespaces)
    }
}
