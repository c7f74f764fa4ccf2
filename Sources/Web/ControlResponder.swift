// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Telephony

/// Answers every request: reads what is asked, asks the desk, writes what it said.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let desk: any ControlDesk
    let streams: EventStreamCount
    /// Of recordings; empty: there are none.
    var recordings = FileShelf(folder: "")
    var history: @Sendable (Int) async -> [CallRecord] = { _ in [] }

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        do {
            return try await answer(request)
        } catch let failure as ControlFailure {
            return .failure(failure)
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let body: [UInt8]
        do {
            let hasBody = request.method != .get && request.method != .head
            body = hasBody ? Array(buffer: try await request.body.collect(upTo: ControlCall.maximumBodyBytes)) : []
        } catch is NIOTooManyBytesError {
            throw ControlFailure(error: "the body is larger than 64 KiB", remedy: "send less", status: 413)
        }
        if let call = try SessionCall(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query, body: body)
        {
            return try await SessionDesk(desk: desk, streams: streams).response(to: call, request, body: body)
        }
        let call = try ControlCall(method: request.method.rawValue, path: request.uri.path, body: body)
        switch call {
        case .status: return .json(await desk.status())
        case .rooms: return .json(RoomList(rooms: await desk.rooms()))
        case .calls: return .json(CallList(calls: await desk.calls()))
        case .lines: return .json(LineList(lines: await desk.lines()))
        case .phones: return .json(PhoneList(phones: await desk.phones()))
        case .bans: return .json(BanReports(bans: await desk.bans()))
        case .trunks: return .json(TrunkList(trunks: await desk.trunks()))
        case .trace(let call, let seconds):
            let usual = Self.whereToLook(.hangUp(call: call))
            switch await desk.trace(call: call, seconds: seconds) {
            case .traced(let report): return .json(report)
            case .refused(let reason): throw ControlFailure(reason, usually: usual, status: 409)
            case .notFound(let reason): throw ControlFailure(reason, usually: usual, status: 404)
            }
        case .room(let name):
            guard let room = await desk.room(name) else {
                throw ControlFailure(
                    error: "nobody is in room \(name)", remedy: Self.whereToLook(.lock(room: name, true)), status: 404)
            }
            return .json(room)
        case .history: return .json(History(calls: await history(1_000)))
        case .recordings: return .json(RecordingList(recordings: await recordings.list()))
        case .recording(let name): return try await recordings.response(name)
        case .events: return try await EventFeed(desk: desk, streams: streams).response(to: request)
        case .perform(let wish): return try outcome(await desk.perform(wish), of: wish)
        }
    }

    private func outcome(_ outcome: ControlOutcome, of wish: ControlRequest) throws(ControlFailure) -> Response {
        switch outcome {
        case .done: return .json(Done())
        case .told(let text): return .json(Done(text: text))
        case .refused(let reason): throw ControlFailure(reason, usually: Self.whereToLook(wish), status: 409)
        case .notFound(let reason): throw ControlFailure(reason, usually: Self.whereToLook(wish), status: 404)
        }
    }

    /// What to look at when something was not done.
    private static func whereToLook(_ wish: ControlRequest) -> String {
        switch wish {
        case .kick(let room, _), .mute(let room, _, _), .deafen(let room, _, _), .volume(let room, _, _, _):
            "partyline room \(room) shows who is there"
        case .lock, .say, .play, .record: "partyline rooms shows the rooms"
        case .dial: "partyline lines, phones and trunks show who can be called"
        case .hangUp: "partyline calls shows the calls"
        case .line: "partyline lines shows the lines"
        case .unban: "partyline bans shows who is banned"
        }
    }
}
