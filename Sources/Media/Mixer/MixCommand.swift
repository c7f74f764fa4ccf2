// SPDX-License-Identifier: Apache-2.0
import Telephony

/// What the control side asks of the mix thread: plain values of at most 64 bytes. Objects travel as retained pointers and
/// come back, when they are no longer used, through the retire queue.
///
/// Unchecked: whoever sends one gives the object in it away.
enum MixCommand: BitwiseCopyable, @unchecked Sendable {
    case openPort(Unmanaged<MixPort>)
    case closePort(PortID)
    case openMix(Unmanaged<Mix>)
    case closeMix(MixID)
    case openPlayer(Unmanaged<PlayerSource>)
    case pausePlayer(PlayerID, Bool)
    case stopPlayer(PlayerID)
    case add(SoundSource, MixID)
    case remove(SoundSource, MixID)
    case listen(PortID, MixID?)
    case mute(PortID, Bool)
    case deafen(PortID, Bool)
    case gain(PortID, talk: Int32, listen: Int32)
    case neighbourhood(PortID, UInt32)
    case echo(PortID, Bool)
    case detectDigits(PortID, Bool, removed: Bool)
    /// Up to 32 digits, four bits each, the first in the lowest bits.
    case send(PortID, count: UInt8, low: UInt64, high: UInt64)
    case resumeCard(PortID)
    /// Copies of the port's packets go there, until nil comes.
    case tap(PortID, Unmanaged<PacketTap>?)
    /// Listens for a beep; nil: no more.
    case watchBeep(PortID, Unmanaged<BeepWatch>?)
    /// Listens for tones of the network; nil: no more.
    case watchProgress(PortID, Unmanaged<ProgressWatch>?)
    /// A new encoder, frame length and network session for a port.
    case configure(PortID, Unmanaged<PortConfiguration>)
}

/// What the mix thread tells: plain values.
enum MixEvent: BitwiseCopyable {
    case digit(PortID, UInt8, DigitSource)
    case talking(PortID, Bool)
    case firstAudio(PortID)
    case mediaTimeout(PortID)
    case flowing(PortID, Bool)
    case beep(PortID, milliseconds: Int)
    case progressTone(PortID)
    case playerStarted(PlayerID, milliseconds: Int)
    case playerFinished(PlayerID)
    /// A card's function failed with this errno.
    case cardFailed(PortID, Int32)
    case eventsLost(Int)
}
