// SPDX-License-Identifier: Apache-2.0

import CLinux
package import Logging
import Synchronization
package import Telephony

/// Scenario sessions in worker processes. Methods may be called from any thread and return at once; the sink is called on the
/// workers' one thread.
///
/// Workers run before the first session comes. One that is silent for 2 s, grows over its cap or ends is killed and replaced;
/// its sessions are reported as orphaned.
package final class ScenarioWorkers: ScenarioHost {
    private let box: LetterBox
    private let thread: Mutex<UInt?>

    /// Starts the thread and the workers. Throws when the process has no descriptor or thread left; a worker program that is
    /// missing is told in the log and tried again.
    package init(options: ScenarioWorkerOptions, sink: any SessionSink, log: Logger) throws(ScenarioWorkersFailure) {
        guard let box = LetterBox() else {
            throw ScenarioWorkersFailure(text: "no event descriptor for the scenario workers")
        }
        self.box = box
        let work = Work(options: options, box: box, sink: sink, log: log)
        let context = Unmanaged.passRetained(work)
        let body: @convention(c) (UnsafeMutableRawPointer?) -> Void = { context in
            guard let context else { return }
            Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        }
        // Workers die with the thread that started them (PR_SET_PDEATHSIG counts threads), so it is this one that does.
        var number: UInt = 0
        let code = partyline_thread_start("scenarios", 0, 2 << 20, body, context.toOpaque(), &number)
        guard code == 0 else {
            context.release()
            throw ScenarioWorkersFailure(text: "no thread for the scenario workers (error \(code))")
        }
        thread = Mutex(number)
    }

    deinit { close() }

    package func start(_ session: SessionStart) { box.post(.start(session)) }

    package func deliver(_ event: SessionEvent, to session: SessionID) { box.post(.deliver(event, session)) }

    package func end(_ session: SessionID) { box.post(.end(session)) }

    /// A line a worker: its process, sessions and memory.
    package var reports: [String] { box.lines }

    /// Ends the workers and waits for that, some milliseconds; sessions are not told.
    package func close() {
        let number = thread.withLock { number in
            defer { number = nil }
            return number
        }
        guard let number else { return }
        box.post(.close)
        partyline_thread_join(number)
    }

    /// What the thread is given.
    private final class Work: Sendable {
        private let options: ScenarioWorkerOptions
        private let box: LetterBox
        private let sink: any SessionSink
        private let log: Logger

        init(options: ScenarioWorkerOptions, box: LetterBox, sink: any SessionSink, log: Logger) {
            self.options = options
            self.box = box
            self.sink = sink
            self.log = log
        }

        func run() { WorkerPool(options: options, box: box, sink: sink, log: log).run() }
    }
}

/// The scenario workers can not be had at all.
package struct ScenarioWorkersFailure: Error, Sendable {
    package var text: String

    package init(text: String) { self.text = text }
}
