// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// An open device node, closed with this object. Used on the `lines` thread only.
final class DeviceFile {
    let path: String
    let descriptor: Int32

    /// `listing`: the command that shows what there is.
    init(_ path: String, listing: String) throws(LineError) {
        let result = partyline_device_open(path)
        guard result >= 0 else { throw .device(result, path, stage: "open it", listing: listing) }
        self.path = path
        descriptor = result
    }

    deinit { partyline_close(descriptor) }

    /// Bytes that are there, at most `most`; empty for none.
    func read(most: Int) throws(LineError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = Glibc.read(descriptor, &bytes, most)
        if count > 0 { return Array(bytes.prefix(count)) }
        if count < 0, errno == EAGAIN || errno == EINTR { return [] }
        throw .device(count == 0 ? -ENODEV : -errno, path, stage: "read from it", listing: "dmesg")
    }

    /// Number of bytes taken; 0 when it is full. Errors are those of a device that is gone.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Int {
        let count = Glibc.write(descriptor, bytes, bytes.count)
        return count < 0 ? (errno == EAGAIN ? 0 : -Int(errno)) : count
    }
}

extension LineError {
    /// A device node that cannot be used, with the remedy that fits the errno.
    static func device(_ result: Int32, _ path: String, stage: String, listing: String) -> LineError {
        let code = 0 &- result
        let remedy =
            switch code {
            case ENOENT, ENODEV, ENXIO, EIO: "is it plugged in? \"\(listing)\" shows what there is"
            case EBUSY: "another program has it: find it with \"fuser -v \(path)\" and end it"
            case EACCES, EPERM: "install the udev rules (udev/70-partyline.rules) or give the daemon's user the right"
            case EINVAL, ENOTTY: "this is no such device: \"\(listing)\" shows what there is"
            default: "see the kernel's messages (dmesg)"
            }
        return LineError(code: code, device: path, stage: stage, remedy: remedy)
    }
}
