// SPDX-License-Identifier: Apache-2.0
// Telcordia GR-30 (SDMF, MDMF) as devices pass it on undecoded: V.253's "MESG =".

extension CallerID {
    /// A message of type, length and data, with or without its checksum, or only parameters of an MDMF message. Nil when it tells of
    /// no call. Any bytes are taken. `kind` is Bell 202's, since such a device does not say how it was told.
    package init?(message bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        let (type, length) = (bytes[0], Int(bytes[1]))
        let data = Array(bytes.dropFirst(2).prefix(length))
        let isMessage =
            switch type {
            case CallerIDMessage.multipleData: true
            // As a parameter it is the reason why there is no number, one byte.
            case CallerIDMessage.singleData: length >= 8
            default: false
            }
        let caller =
            isMessage
            ? CallerIDMessage.parse(type, data, kind: .bell202)
            : CallerIDMessage.parse(CallerIDMessage.multipleData, bytes, kind: .bell202)
        guard let caller else { return nil }
        self = caller
    }
}
