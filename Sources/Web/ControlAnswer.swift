// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Telephony

/// What is answered to a request: a document, or why not and what to do.
struct ControlFailure: Error, Codable, Hashable {
    var error: String
    var remedy: String
    var status = 400

    enum CodingKeys: String, CodingKey { case error, remedy }
}

extension ControlFailure {
    /// What the desk says, which may know itself what to do.
    init(_ obstacle: Obstacle, usually remedy: String, status: Int) {
        self.init(error: obstacle.reason, remedy: obstacle.remedy ?? remedy, status: status)
    }
}

/// Lists stand in an object, so that more can be told later without breaking a reader.
struct RoomList: Encodable { var rooms: [RoomReport] }
struct CallList: Encodable { var calls: [CallReport] }
struct LineList: Encodable { var lines: [LineReport] }
struct RecordingList: Encodable { var recordings: [RecordingReport] }
struct History: Encodable { var calls: [CallRecord] }
struct PhoneList: Encodable { var phones: [PhoneReport] }
struct BanReports: Encodable { var bans: [BanReport] }
struct TrunkList: Encodable { var trunks: [TrunkReport] }
struct Done: Encodable {
    var done = true
    /// To be read by a person.
    var text: String?
}

extension Response {
    /// A JSON document, keys in alphabetical order, a line feed at the end.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        guard var bytes = try? Self.encoded(value) else {
            // Nothing of ours fails to encode; should it ever, this does not.
            return Response(status: .internalServerError)
        }
        bytes.writeInteger(UInt8(ascii: "\n"))
        return Response(status: status, headers: headers("application/json"), body: ResponseBody(byteBuffer: bytes))
    }

    static func failure(_ failure: ControlFailure) -> Response {
        json(failure, status: HTTPResponse.Status(code: failure.status))
    }

    static func headers(_ type: String) -> HTTPFields {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return headers
    }

    static func encoded(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A figure that is not there yet must not take the whole report along.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return ByteBuffer(bytes: try encoder.encode(value))
    }
}
