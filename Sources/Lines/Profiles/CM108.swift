// SPDX-License-Identifier: Apache-2.0

extension LineProfiles {
    /// A C-Media sound stick with a telephone port soldered to its pins: volume-down senses the hook, GPIO 1 rings.
    /// Never recognised by itself: most of these sticks are just sound cards.
    static let cm108 = LineProfile(
        name: "cm108",
        words: "a CM108 or CM119 sound stick whose volume-down input is the hook switch and whose GPIO 1 rings",
        capabilities: [.audio: .alsaPCM, .sense: .hidMap, .keys: .inBand, .ring: .hidMap],
        showsCaller: true,
        howlerMilliseconds: 60_000,
        parts: { hardware throws(LineError) in
            [try CM108Transport(path: hardware.hidPath())]
        })
}
