// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The house: see ARCHITECTURE.md for who may import whom. The compiler keeps the arrows pointing down.
//
// PARTYLINE_PART=Media,SIP swift build   builds these rooms of the house (with what they stand on and their tests) only
// PARTYLINE_STRICT=1                     makes every warning an error (Scripts/test and CI set it)

import Foundation
import PackageDescription

let environment = ProcessInfo.processInfo.environment

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    + (environment["PARTYLINE_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])
    // Tests look inside (@testable), also in release builds, which Scripts/test makes.
    + (environment["PARTYLINE_TESTING"] == nil
        ? [] : [.unsafeFlags(["-enable-testing"], .when(configuration: .release))])

/// A library of Debian's, seen through a module map; nobody but the one target named in ARCHITECTURE.md imports it.
func debian(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A small C target of our own: a shim around calls that Swift cannot make by itself.
func shim(_ name: String, _ dependencies: [Target.Dependency] = [], link: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(name)",
        cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"])],
        linkerSettings: link.map { .linkedLibrary($0) })
}

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: strict)
}

/// A room on the mix thread's way. Debug builds check exclusive access at run time; in release builds these checks (a
/// thread-local list at each access to a class property) cost as much as the work itself.
func fastRoom(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(name)",
        swiftSettings: strict + [
            .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
        ])
}

func program(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)",
        exclude: [], swiftSettings: strict)
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let nio: [Target.Dependency] = ["NIOCore", "NIOPosix"].map { .product(name: $0, package: "swift-nio") }
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let house: [Target] = [
    // C libraries and shims
    shim("CLinux", link: ["resolv"]),
    debian("CALSA", "alsa", "libasound2-dev"),
    shim("CLineCard", ["CALSA", "CLinux"], link: ["asound"]),
    // The virtual line: what its owner and its two ALSA plugins share, and the plugins (see `plugins` below).
    shim("CVirtualLine"),
    shim("CVirtualLinePCM", ["CVirtualLine"], link: ["asound"]),
    shim("CVirtualLineControl", ["CVirtualLine"], link: ["asound"]),
    debian("CSpanDSP", "spandsp", "libspandsp-dev"),
    debian("COpusLibrary", "opus", "libopus-dev"),
    shim("COpus", ["COpusLibrary"]),
    debian("CSpeexDSP", "speexdsp", "libspeexdsp-dev"),
    shim("CWebFetch", link: ["curl"]),
    debian("CSndFile", "sndfile", "libsndfile1-dev"),
    debian("CSofiaLibrary", "sofia-sip-ua", "libsofia-sip-ua-dev"),
    shim("CSofia", ["CSofiaLibrary"], link: ["ssl", "crypto"]),
    // SRTP on libcrypto's primitives: Debian's libsrtp2 allocates at every packet.
    shim("CSRTP", link: ["crypto"]),
    debian("CPCRE2", "libpcre2-8", "libpcre2-dev"),
    // toml++ (libtomlplusplus-dev) is used as headers only: nothing to link, nothing to have at run time.
    .target(
        name: "CTOML", path: "Sources/CTOML",
        cxxSettings: [.unsafeFlags(["-O1", "-std=c++17"])]),
    debian("CJavaScriptCore", "javascriptcoregtk-4.1", "libjavascriptcoregtk-4.1-dev"),

    // The rooms, from the ground up
    fastRoom("RealTime"),
    room("Telephony"),
    fastRoom("RTP", ["RealTime"]),
    fastRoom("Signals", ["RealTime", "CSpanDSP", "COpus", "CSpeexDSP"]),
    shim("CSpeexFile", link: ["speex", "ogg"]),
    room("SoundFiles", ["CSndFile", "CSpeexFile"]),
    fastRoom("Media", ["RealTime", "RTP", "Signals", "SoundFiles", "Telephony", "CSRTP", "CLinux"]),
    room("SDP", ["Telephony"]),
    // MD5, SHA-1, SHA-256 and HMAC: of SIP's passwords and of scripts.
    room("Digests"),
    room("SIP", ["Telephony", "Media", "SDP", "Digests", "CSofia", "CLinux", log]),
    room("Lines", ["Telephony", "Media", "RealTime", "Signals", "CALSA", "CLineCard", "CVirtualLine", "CLinux", log]),
    room("ScenarioProtocol", ["Telephony"]),
    room("Scripting", ["Telephony", "ScenarioProtocol", "CLinux", log]),
    room("WebFetch", ["CWebFetch", "CLinux"]),
    room("Storage", ["Telephony", .product(name: "GRDB", package: "GRDB.swift")]),
    // The scripts' API as a table: the reference, the definitions for editors, the check.
    room("ScenarioAPI"),
    room("Rehearsal", ["Telephony", "ScenarioProtocol", "Scripting", "ScenarioAPI", "Settings", "Patterns", log]),
    room("Patterns", ["CPCRE2"]),
    room("Settings", ["Telephony", "Patterns", "CTOML"]),
    room("Web", ["Telephony", hummingbird, httpTypes, log] + nio),
    room("ControlClient", ["Telephony"]),

    // Programs
    program(
        "partylined",
        [
            "Telephony", "Media", "RTP", "Signals", "SDP", "SIP", "Lines", "Scripting", "Settings", "Patterns", "Web",
            "WebFetch", "Storage", "Rehearsal", "CLinux", arguments, log,
        ]),
    program("partyline-decode", ["SoundFiles"]),
    program("partyline", ["ControlClient", "Telephony", "ScenarioAPI", "Rehearsal", arguments]),
    program(
        "partyline-scenarios", ["Telephony", "ScenarioProtocol", "ScenarioAPI", "Digests", "CJavaScriptCore", "CLinux"]),
    program(
        "partyline-bench",
        [
            "RealTime", "Signals", "Media", "Telephony", "Digests", "PartylineTestKit", "ControlClient", "CLinux",
            "CBenchKernels", arguments,
        ]),
    shim("CBenchKernels"),
    // Built by Scripts/fuzz alone (PARTYLINE_PART=partyline-fuzz), with libFuzzer.
    shim("CFuzz"),
    program(
        "partyline-fuzz",
        [
            "CFuzz", "SIP", "SDP", "RTP", "Media", "Signals", "Telephony", "Settings", "Patterns", "ScenarioProtocol",
            "RealTime",
        ]),

    // Doubles and laboratory
    shim("CRealTimeProbe"),
    room("PartylineTestKit", ["Telephony", "Signals", "RealTime", "ControlClient", "CVirtualLine", "CLinux"]),

    // Tests
    tests("RealTimeTests", ["RealTime"]),
    tests("TelephonyTests", ["Telephony", "Patterns"]),
    tests("RTPTests", ["RTP"]),
    tests(
        "SignalsTests",
        ["Signals", "RealTime", "Settings", "Telephony", "PartylineTestKit", "CSpanDSP", "CSpeexDSP"]),
    tests(
        "MediaTests",
        [
            "Media", "RTP", "Signals", "SoundFiles", "Telephony", "RealTime", "PartylineTestKit", "CRealTimeProbe",
            "CSRTP", "CLinux", "partyline-decode",
        ]),
    tests("FuzzTests", ["partyline-fuzz"]),
    tests("WebFetchTests", ["WebFetch"]),
    tests("StorageTests", ["Storage", "Telephony"]),
    tests("SDPTests", ["SDP", "Telephony"]),
    tests("SIPTests", ["SIP", "SDP", "Digests", "Media", "Telephony", "PartylineTestKit"]),
    tests(
        "LinesTests",
        [
            "Lines", "Media", "RTP", "Signals", "Telephony", "RealTime", "PartylineTestKit", "Settings", "CALSA",
            "CLinux",
            "CLineCard",
            "CRealTimeProbe", "CSpanDSP",
        ]),
    tests(
        "ScriptingTests",
        ["Scripting", "ScenarioProtocol", "ScenarioAPI", "Telephony", "CLinux", "partyline-scenarios", log]),
    tests(
        "RehearsalTests",
        ["Rehearsal", "ScenarioAPI", "Scripting", "Settings", "Patterns", "Telephony", "partyline-scenarios"]),
    tests("SettingsTests", ["Settings", "Patterns", "Telephony"]),
    tests("WebTests", ["Web", "ControlClient", "partyline", "Telephony", log]),
    tests("HouseTests", ["PartylineTestKit", "Lines", "Signals", "Telephony", "ControlClient", "CLinux", "SIP"]),
]

// A part of the house, or all of it; rooms that are not built yet are left out.
let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
let built = house.filter { FileManager.default.fileExists(atPath: here.appendingPathComponent($0.path ?? "").path) }

/// The named targets, their tests and all that these stand on.
func part(_ names: String, of house: [Target]) -> [Target] {
    var wanted = Set(names.split(separator: ",").map(String.init))
    wanted.formUnion(wanted.map { $0 + "Tests" })
    var count = 0
    while count != wanted.count {
        count = wanted.count
        if wanted.contains("Lines") { wanted.formUnion(plugins.keys) }
        for target in house where wanted.contains(target.name) {
            for case .byNameItem(let name, _) in target.dependencies { wanted.insert(name) }
        }
    }
    return house.filter { wanted.contains($0.name) }
}

/// The virtual line's ALSA plugins: alsa-lib loads them by these names.
let plugins = [
    "CVirtualLinePCM": "asound_module_pcm_vline",
    "CVirtualLineControl": "asound_module_ctl_vline",
]

let standing = environment["PARTYLINE_PART"].map { part($0, of: built) } ?? built
let names = Set(standing.map(\.name))
for target in standing {
    target.dependencies.removeAll { if case .byNameItem(let name, _) = $0 { !names.contains(name) } else { false } }
}
let usedPackages = Set(
    standing.flatMap(\.dependencies).compactMap { dependency -> String? in
        if case .productItem(_, let package, _, _) = dependency { package } else { nil }
    })

let packages: [(String, Package.Dependency)] = [
    ("swift-log", .package(url: "https://github.com/apple/swift-log", from: "1.6.0")),
    ("swift-argument-parser", .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")),
    ("hummingbird", .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: [])),
    // Both are beneath Hummingbird anyway; Web names a few of their types.
    ("swift-nio", .package(url: "https://github.com/apple/swift-nio", from: "2.80.0")),
    ("GRDB.swift", .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")),
    ("swift-http-types", .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0")),
    (
        "swift-service-lifecycle",
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0")
    ),
]

let package = Package(
    name: "partyline",
    products: plugins.filter { names.contains($0.key) }.map {
        .library(name: $0.value, type: .dynamic, targets: [$0.key])
    },
    dependencies: packages.filter { usedPackages.contains($0.0) }.map(\.1),
    targets: standing,
    cxxLanguageStandard: .cxx17
)
