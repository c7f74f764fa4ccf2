// SPDX-License-Identifier: Apache-2.0

import CLinux
import Dispatch
import Glibc

/// Runs a program to its end: without a shell, with nothing inherited (standard streams at /dev/null, every other descriptor
/// closed), in a process group of its own, killed with all its children when it takes too long.
package enum ChildProcess {
    package enum Ending: Sendable, Hashable {
        case exited(Int32)
        case killed(signal: Int32)
        case tooSlow
        case notStarted(errno: Int32)
    }

    /// Ends when the program has; never throws. Cancelling the task kills it. `program` with a slash is a path, otherwise it
    /// is looked for in PATH.
    package static func run(_ program: String, _ arguments: [String], seconds: Double) async -> Ending {
        let (child, error) = start(program, arguments)
        guard error == 0 else { return .notStarted(errno: error) }
        let watch = Watch(child)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { watch.kill() }
                // Waiting blocks: a thread of the dispatch pool for the time of one child (a handful at once).
                DispatchQueue.global().async {
                    // Not reaped yet: until `ended` has, its number belongs to nobody else.
                    var information = siginfo_t()
                    while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
                    continuation.resume(returning: watch.ended())
                }
            }
        } onCancel: {
            watch.kill()
        }
    }

    private static func start(_ program: String, _ arguments: [String]) -> (child: pid_t, error: Int32) {
        var child: Int32 = 0
        var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        pointers.append(nil)
        defer { pointers.forEach { free($0) } }
        let error = partyline_run(program, pointers, environment, &child)
        return (child, error)
    }

    /// What a program needs of the daemon's environment, copied once (`environ` may be changed by other threads).
    nonisolated(unsafe) private static let environment: [UnsafeMutablePointer<CChar>?] = {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        return [strdup("PATH=\(path)"), strdup("HOME=\(home)"), strdup("LANG=C.UTF-8"), nil]
    }()

    /// Kills only as long as the child has not been reaped. Unchecked: what changes is touched on its queue only.
    private final class Watch: @unchecked Sendable {
        private let child: pid_t
        private let queue = DispatchQueue(label: "child")
        private var isOver = false
        private var wasKilled = false

        init(_ child: pid_t) { self.child = child }

        func kill() {
            queue.sync {
                guard !isOver else { return }
                wasKilled = true
                _ = Glibc.kill(-child, SIGKILL)
            }
        }

        func ended() -> Ending {
            queue.sync {
                isOver = true
                // Children that it left behind go as well.
                _ = Glibc.kill(-child, SIGKILL)
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                if wasKilled { return .tooSlow }
                let signal = status & 0x7F
                return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
            }
        }
    }
}
