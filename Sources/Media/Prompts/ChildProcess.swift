// SPDX-License-Identifier: Apache-2.0

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
        var child: pid_t = 0
        let error = start(program, arguments, &child)
        guard error == 0 else { return .notStarted(errno: error) }
        let watch = Watch(child)
        let deadline = DispatchTime.now() + seconds
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let timer = DispatchWorkItem { watch.kill() }
                DispatchQueue.global().asyncAfter(deadline: deadline, execute: timer)
                // waitpid blocks: a thread of the dispatch pool for the time of one child (a handful at once).
                DispatchQueue.global().async {
                    // Not reaped yet: until `ended` has, its number belongs to nobody else.
                    var information = siginfo_t()
                    while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
                    timer.cancel()
                    continuation.resume(returning: watch.ended())
                }
            }
        } onCancel: {
            watch.kill()
        }
    }

    private static func start(_ program: String, _ arguments: [String], _ child: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (descriptor, mode) in [(0, O_RDONLY), (1, O_WRONLY), (2, O_WRONLY)] as [(Int32, Int32)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: Int(flags)))
        var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        pointers.append(nil)
        defer { pointers.forEach { free($0) } }
        return posix_spawnp(&child, program, &actions, &attributes, pointers, environment)
    }

    /// What a program needs of the daemon's environment, copied once (`environ` may be changed by other threads).
    nonisolated(unsafe) private static let environment: [UnsafeMutablePointer<CChar>?] = {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        return [strdup("PATH=\(path)"), strdup("HOME=\(home)"), strdup("LANG=C.UTF-8"), nil]
    }()

    /// Kills at most once, and never a process that has been waited for.
    private final class Watch: @unchecked Sendable {
        private let child: pid_t
        private let lock = DispatchQueue(label: "child")
        private var isOver = false
        private var wasKilled = false

        init(_ child: pid_t) { self.child = child }

        func kill() {
            lock.sync {
                guard !isOver else { return }
                wasKilled = true
                _ = Glibc.kill(-child, SIGKILL)
                _ = Glibc.kill(child, SIGKILL)
            }
        }

        func ended() -> Ending {
            lock.sync {
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
