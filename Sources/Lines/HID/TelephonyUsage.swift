// SPDX-License-Identifier: Apache-2.0
// HID Usage Tables 1.3: telephony page (0x0B), LED page (0x08).

/// The usages that mean something to a telephone line.
enum TelephonyUsage {
    static let page: UInt16 = 0x0B
    static let hookSwitch = HIDUsage(page: page, 0x20)
    static let flash = HIDUsage(page: page, 0x21)
    static let drop = HIDUsage(page: page, 0x26)
    static let speakerPhone = HIDUsage(page: page, 0x2B)
    static let phoneMute = HIDUsage(page: page, 0x2F)
    static let ringer = HIDUsage(page: page, 0x9E)
    /// 0 to 9, star, pound, A to D.
    static let keys: ClosedRange<UInt32> = HIDUsage(page: page, 0xB0).rawValue...HIDUsage(page: page, 0xBF).rawValue

    static let ledMute = HIDUsage(page: 0x08, 0x09)
    static let ledOffHook = HIDUsage(page: 0x08, 0x17)
    static let ledRing = HIDUsage(page: 0x08, 0x18)
    static let ledMessageWaiting = HIDUsage(page: 0x08, 0x19)
    static let ledHold = HIDUsage(page: 0x08, 0x20)
    static let ledMicrophone = HIDUsage(page: 0x08, 0x21)
}
