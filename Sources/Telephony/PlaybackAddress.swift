// SPDX-License-Identifier: Apache-2.0

/// What a script may name as something to play: "file:///…" or a path in the folder of prompts.
enum PlaybackAddress {
    static func sound(_ address: String) -> Sound? {
        if address.hasPrefix("file://") { return .file(path: String(address.dropFirst(7))) }
        // Other schemes are fetched by nobody yet; the caller gets an error and not silence.
        guard !address.contains("://"), !address.isEmpty else { return nil }
        return .file(path: address)
    }
}

/// Voices by the names that scripts use: "en", "de-DE", "US_ENGLISH_FEMALE", "RU_RUSSIAN_MALE", "en-US-Neural2-A".
enum VoiceNames {
    private static let languages: [(word: String, voice: String)] = [
        ("ENGLISH", "en"), ("GERMAN", "de"), ("RUSSIAN", "ru"), ("FRENCH", "fr"), ("SPANISH", "es"), ("ITALIAN", "it"),
        ("PORTUGUESE", "pt"), ("DUTCH", "nl"), ("POLISH", "pl"), ("TURKISH", "tr"), ("CZECH", "cs"), ("SWEDISH", "sv"),
        ("NORWEGIAN", "nb"), ("DANISH", "da"), ("FINNISH", "fi"), ("JAPANESE", "ja"), ("CHINESE", "cmn"),
        ("KOREAN", "ko"),
        ("CATALAN", "ca"), ("HUNGARIAN", "hu"), ("GREEK", "el"), ("ARABIC", "ar"), ("UKRAINIAN", "uk"),
        ("KAZAKH", "kk"),
    ]

    static func voice(for name: String, standard: String) -> String {
        if name.isEmpty { return standard }
        let upper = name.uppercased()
        if let known = languages.first(where: { upper.contains($0.word) }) { return known.voice }
        let prefix = name.lowercased().prefix { $0.isASCII && $0.isLetter }
        return (2...3).contains(prefix.count) ? String(prefix) : standard
    }
}
