// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// A real telephone socket with ringing voltage on a USB stick (TigerJet TJ560: magicJack).
    static let usbFXS = LineProfile(
        name: "usb-fxs",
        words: "a telephone socket on a USB stick (TigerJet, magicJack), with a real bell",
        capabilities: [.audio: .alsaPCM, .sense: .hidMap, .keys: .hidMap, .ring: .hidMap],
        sampleRate: 16_000,
        // Newer sticks make the cadence themselves; for the first ones the transport makes it.
        makesCadence: true,
        showsCaller: true,
        howlerMilliseconds: 60_000,
        recognises: { $0.id == USBID(0x06E6, 0xC200) && $0.card != nil && !$0.hid.isEmpty },
        parts: { hardware throws(LineError) in
            [try TigerJetTransport(path: hardware.hidPath())]
        })
}
