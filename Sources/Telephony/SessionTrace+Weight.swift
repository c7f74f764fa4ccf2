// SPDX-License-Identifier: Apache-2.0

extension SessionTrace {
    /// About how much memory its texts take, in bytes: scripts and callers decide on that.
    var weight: Int { (event?.weight ?? 0) + (command?.weight ?? 0) + (answer?.bytes ?? 0) }
}

extension SessionEvent {
    fileprivate var weight: Int {
        switch self {
        case .callAlerting(_, let info):
            info.headers.weight + info.customData.utf8.count + info.fromURI.utf8.count + info.toURI.utf8.count
        case .ringing(_, let headers), .audioStarted(_, let headers), .connected(_, let headers),
            .disconnected(_, let headers, _, _, _), .failed(_, _, _, let headers),
            .transferRequested(_, _, let headers):
            headers.weight
        case .info(_, _, let body, let headers): body.utf8.count + headers.weight
        case .message(_, let text): text.utf8.count
        case .httpRequest(_, _, let path, let content, let headers):
            path.utf8.count + content.utf8.count + headers.weight
        default: 0
        }
    }
}

extension SessionCommand {
    fileprivate var weight: Int {
        switch self {
        case .answer(_, let headers), .reject(_, _, let headers), .ring(_, let headers),
            .startEarlyMedia(_, let headers), .hangUp(_, let headers), .transfer(_, _, _, let headers):
            headers.weight
        case .sendInfo(_, _, let body, let headers): body.utf8.count + headers.weight
        case .sendMessage(_, let text): text.utf8.count
        case .dial(_, let dial): dial.destination.utf8.count + dial.headers.weight
        case .startPlayback(_, let sound, _), .createPlayer(_, let sound, _): sound.weight
        case .httpAnswer(_, _, _, let body): body.utf8.count
        default: 0
        }
    }
}

extension SessionSound {
    fileprivate var weight: Int {
        switch self {
        case .speech(let text, _), .url(let text), .toneScript(let text): text.utf8.count
        case .request(let request): request.url.utf8.count + request.body.utf8.count + request.headers.weight
        case .sequence(let parts): parts.reduce(0) { $0 + $1.weight }
        }
    }
}

extension [HeaderField] {
    fileprivate var weight: Int { reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } }
}
