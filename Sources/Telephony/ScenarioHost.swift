// SPDX-License-Identifier: Apache-2.0

/// What starts a scenario session: the rule that matched and what its scripts shall know.
package struct SessionStart: Sendable, Hashable, Codable {
    package var session: SessionID
    package var rule: String
    /// File names of the rule's scenarios, in order, relative to the folder of scenarios.
    package var scenarios: [String]
    /// The destination when it is a conference id that others may join, as callConference made it ("conf_111").
    package var conferenceName: String?
    package var customData: String
    /// Where the session is reached over HTTP (AppEvents.Started has it); empty: nowhere.
    package var accessURL = ""

    package init(session: SessionID, rule: String, scenarios: [String], conferenceName: String?, customData: String) {
        self.session = session
        self.rule = rule
        self.scenarios = scenarios
        self.conferenceName = conferenceName
        self.customData = customData
    }
}

/// Runs scenario sessions somewhere else (worker processes). Methods return at once; the order of each session is kept.
package protocol ScenarioHost: Sendable {
    func start(_ session: SessionStart)
    func deliver(_ event: SessionEvent, to session: SessionID)
    /// The session's calls are over (or the box closes): AppEvents.Terminating, Terminated, and it is gone.
    func end(_ session: SessionID)
}

/// Where scenario sessions post what they want. The switchboard implements it.
package protocol SessionSink: Sendable {
    func perform(_ command: SessionCommand, of session: SessionID)
    /// The session is gone. With a reason it went by itself: error in the script, limit exceeded, worker lost.
    /// `orphaned`: its calls and rooms keep their audio and wait for a session that takes over (worker lost); otherwise
    /// its calls are hung up.
    func ended(_ session: SessionID, reason: String?, orphaned: Bool)
}
