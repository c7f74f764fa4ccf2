// SPDX-License-Identifier: Apache-2.0

/// `[fetch]`: what scripts and sounds may be had from over http and https.
package struct FetchSettings: SettingGroup {
    package var allowNetworks: [AddressBlock] = []
    package var authorities: String?
    package var cacheMegabytes = 64

    package init() {}

    static let keys: [SettingKey<FetchSettings>] = [
        SettingKey(
            "allow_networks", \.allowNetworks,
            .list(.addressBlock, 0...64, of: "blocks"), unit: "CIDR",
            "Scripts reach the public internet over http and https, and of private and local networks only these. Whoever "
                + "may change a script reaches what stands here."),
        SettingKey(
            "ca_file", \.authorities, .optional(.text("the path of a file with certificates", maximum: 1_024)),
            example: "\"/etc/partyline/authorities.pem\"",
            "File of the certificate authorities that are trusted; without it those of the system."),
        SettingKey(
            "cache_megabytes", \.cacheMegabytes, .integer(1...100_000), unit: "MB",
            "Disk space for sounds that were fetched."),
    ]
}
