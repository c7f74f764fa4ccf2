// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import ScenarioProtocol

/// `partyline-scenarios MEMORY_CAP READY [EPOCH]`: started by partylined (and by `partyline scenario rehearse`) only, with a
/// socket as descriptor 3 and a shared page as 4. Runs scenario sessions until the daemon closes the socket. The cap is in
/// bytes of resident memory; sessions and machines that wait for them (READY) add to it, see `ScenarioLimits.memoryLimit`.
/// With an epoch (milliseconds since 1970) time is virtual and stands still until an order says how late it is.
///
/// `partyline-scenarios --check NAME` reads a script and says whether it is JavaScript.
@main
enum PartylineScenarios {
    static func main() {
        // Before JavaScriptCore is touched. Without JIT no page has to be writable and executable; heaps of a megabyte are
        // collected soonest by the thread that has them; and that looks itself, at loops and calls, whether it shall stop.
        let options = [
            ("JSC_useJIT", "0"), ("JSC_useConcurrentGC", "0"), ("JSC_numberOfGCMarkers", "1"),
            ("JSC_usePollingTraps", "1"),
        ]
        for (name, value) in options { setenv(name, value, 1) }
        let words = CommandLine.arguments
        if words.count == 3, words[1] == "--check" { exit(SyntaxCheck.run(name: words[2])) }
        let epoch = words.count == 4 ? Double(words[3]) : nil
        guard words.count == 3 || (words.count == 4 && epoch?.isFinite == true), let cap = UInt64(words[1]),
            let ready = Int(words[2]), let page = partyline_blame_open(4)
        else {
            StandardError.write("this program is started by partylined; scripts are tried with `partyline scenario`")
            exit(64)
        }
        guard partyline_become_worker() == 0 else { exit(0) }
        partyline_guard_install(page, UInt64(ScenarioLimits.unstoppableSeconds * 1e9))
        Worker(memoryCap: cap, readyMachines: min(max(ready, 1), 1000), clock: WorkerClock(epoch: epoch)).work()
    }
}
