// SPDX-License-Identifier: Apache-2.0

import Telephony

/// The recorders of a rehearsal: no file is written, but scripts are told what they would be told.
struct RehearsedRecordings {
    private var started: [RecorderID: (name: String, at: Int64, pausedAt: Int64?, paused: Int64)] = [:]
    private var news: [MediaEvent] = []
    private var number: UInt32 = 0

    var hasNews: Bool { !news.isEmpty }

    mutating func record(_ order: RecordingOrder, now: Int64) -> RecorderID {
        number += 1
        let recorder = RecorderID(slot: number, generation: 1)
        let name = (order.name.isEmpty ? "recording-\(number)" : order.name) + ".\(order.format.rawValue)"
        started[recorder] = (name, now, nil, 0)
        news.append(.recordingStarted(recorder, name: name))
        return recorder
    }

    mutating func setMode(_ recorder: RecorderID, _ mode: RecorderMode, now: Int64) {
        guard var record = started[recorder] else { return }
        if mode == .paused {
            record.pausedAt = record.pausedAt ?? now
        } else if let since = record.pausedAt {
            record.paused += now - since
            record.pausedAt = nil
        }
        started[recorder] = record
    }

    mutating func stop(_ recorder: RecorderID, now: Int64) {
        guard let record = started.removeValue(forKey: recorder) else { return }
        let end = record.pausedAt ?? now
        let seconds = Int((end - record.at - record.paused) / 1000)
        news.append(.recordingEnded(recorder, name: record.name, seconds: seconds, error: nil))
    }

    mutating func takeNews() -> [MediaEvent] {
        defer { news = [] }
        return news
    }
}
