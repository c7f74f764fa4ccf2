// SPDX-License-Identifier: Apache-2.0

import SDP
import Testing

/// Offers in the manner of phones that people have, written for these tests.
enum Offers {
    static func text(_ lines: [String]) -> String { lines.map { $0 + "\r\n" }.joined() }

    /// baresip: opus first, telephone-event at 8000 only, rtcp-mux, a label.
    static let baresip = text([
        "v=0", "o=- 1844674407 2020391 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", "t=0 0",
        "a=tool:baresip 1.0.0",
        "m=audio 10012 RTP/AVP 96 0 8 97", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 stereo=1;sprop-stereo=1",
        "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:97 telephone-event/8000", "a=fmtp:97 0-15",
        "a=rtcp:10013",
        "a=rtcp-mux", "a=sendrecv", "a=label:1", "a=rtcp-rsize", "a=ssrc:2190135217 cname:sip:a@192.0.2.10",
        "a=ptime:20",
    ])

    /// linphone: AVPF, two clock rates of telephone-event, video beside it.
    static let linphone = text([
        "v=0", "o=alice 2487 1653 IN IP4 192.0.2.20", "s=Talk", "c=IN IP4 192.0.2.20", "t=0 0",
        "a=rtcp-xr:rcvr-rtt=all:10000",
        "a=record:off", "m=audio 7078 RTP/AVPF 96 97 98 0 8 101 100 99", "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 useinbandfec=1",
        "a=rtpmap:97 speex/16000", "a=fmtp:97 vbr=on", "a=rtpmap:98 speex/8000", "a=rtpmap:101 telephone-event/48000",
        "a=rtpmap:100 telephone-event/16000", "a=rtpmap:99 telephone-event/8000", "a=rtcp-mux",
        "a=rtcp-fb:* trr-int 5000",
        "a=rtcp-fb:* ccm tmmbr", "m=video 9078 RTP/AVPF 96 97", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 H264/90000",
        "a=fmtp:97 profile-level-id=42801F",
    ])

    /// A router with a telephone socket: G.722 first, a codec of its own, 101.
    static let router = text([
        "v=0", "o=user 5131543 5131543 IN IP4 192.0.2.1", "s=call", "c=IN IP4 192.0.2.1", "t=0 0",
        "m=audio 7084 RTP/AVP 9 8 0 2 102 100 99 97 101", "a=sendrecv", "a=rtpmap:2 G726-32/8000",
        "a=rtpmap:102 G726-32/8000",
        "a=rtpmap:100 G726-40/8000", "a=rtpmap:99 G726-24/8000", "a=rtpmap:97 iLBC/8000", "a=fmtp:97 mode=30",
        "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=rtcp:7085",
    ])

    /// A desk phone: c= only at the medium, ptime, a dynamic number for G.722, lines nobody knows.
    static let desk = text([
        "v=0", "o=Desk-SIPUA 24118 0 IN IP4 192.0.2.30", "s=SIP Call", "b=AS:4064", "t=0 0", "z=0 0",
        "m=audio 24584 RTP/AVP 0 8 116 18 101", "c=IN IP4 192.0.2.30", "b=TIAS:64000", "a=rtpmap:116 iLBC/8000",
        "a=fmtp:116 mode=20", "a=rtpmap:18 G729/8000", "a=fmtp:18 annexb=yes", "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16", "a=ptime:30", "a=maxptime:40", "a=sendrecv", "a=x-sip-local-signature:7",
        "m=application 0 RTP/AVP 125", "m=text 0 RTP/AVP 98",
    ])

    /// IPv6, other media before the audio.
    static let six = text([
        "v=0", "o=- 1 1 IN IP6 2001:db8::30", "s=-", "c=IN IP6 2001:db8::30", "t=0 0",
        "m=video 5000 RTP/AVP 31", "m=audio 5004/2 RTP/AVP 8", "a=rtcp:53020 IN IP6 2001:db8::31",
        "m=audio 5008 RTP/AVP 0",
    ])

    static let preferences = AudioPreferences(encodings: [.g722, .pcma, .pcmu, .opus], packetTime: 20)

    static func machine(
        _ address: String = "198.51.100.1", encodings: [AudioEncoding] = [.g722, .pcma, .pcmu, .opus]
    ) throws -> OfferAnswer {
        OfferAnswer(
            preferences: AudioPreferences(encodings: encodings, packetTime: 20),
            endpoint: AudioEndpoint(address: try #require(IPAddress(address)), port: 20_000, rtcpPort: 20_001),
            sessionID: 7)
    }

    static func refusal(_ work: () throws -> Void) -> SDPRefusal? {
        do {
            try work()
            return nil
        } catch { return error as? SDPRefusal }
    }
}
